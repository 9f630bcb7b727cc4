"""The ways in which one item's input can be raised, one whole step at a time.

A lever leads from the hub's frozen input (step 0) to inputs that are raised by 1, 2, ... steps: one
more case, one answer a level higher, a tenth of a point of one organisation, one point of a rater.
Points never fall along a lever, so that the first step that reaches a grade can be searched for.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from evaluation.scoring.rules.indicators import effective_target
from evaluation.scoring.rules.opinions import FIELD_OF_KIND
from evaluation.scoring.rules.scheme import Component, Scheme
from yorozu.core import exact

Hub = Mapping[str, Any]
State = Callable[[int], dict[str, Any]]

COUNT = "count"
FEWER = "fewer"
ANSWERS = "answers"
TENTHS = "tenths"
RATER_POINTS = "rater_points"
EVENLY = "evenly"

EXCUSED = "excused"
NO_TARGET = "no_target"
ZERO_TARGET = "zero_target"
NO_ANSWERS = "no_answers"
NO_ITEMS = "no_items"

TENTH = Decimal("0.1")
BEST = 5
# Stands for the raters of an item that nobody has scored yet.
NEW_RATER = "R-new"
# A step of raising everything evenly is a tenth of a percent, up to double.
EVEN_STEPS = 1000


@dataclass(frozen=True)
class Lever:
    """One item that can be raised: ``top`` steps at most, ``state(k)`` is the hub's input then.

    ``value(k)`` is what the item's input shows after k steps: a count, a mean to 4 decimals, or
    percent more. ``total(k)`` is what a sentence counts: the answers or organisations there are,
    or the points that raters added. ``paper(k)``: the step needs a document that is not there yet.
    """

    component: str
    item: str
    kind: str
    top: int
    state: State
    value: Callable[[int], Decimal | None]
    total: Callable[[int], Decimal | int]
    paper: Callable[[int], bool] = lambda step: False


@dataclass(frozen=True)
class Fixed:
    """One item that cannot be raised by doing more of it, and why."""

    component: str
    item: str
    why: str


def levers_of(hub: Hub, scheme: Scheme) -> Iterator[Lever | Fixed]:
    """Every item of a hub in the order of the scheme, as a lever or with the reason for none."""
    for part in scheme.components:
        if part.kind == "indicator":
            entries = hub.get("indicators", {})
            for code in part.items:
                yield _indicator(hub, part, scheme, code, entries.get(code, {}))
        elif part.kind == "focus":
            yield from _focus(hub, part, scheme)
        elif part.kind == "check":
            yield from _checks(hub, part, scheme)
        else:
            yield _opinion(hub, part)


def _focus(hub: Hub, part: Component, scheme: Scheme) -> Iterator[Lever | Fixed]:
    areas = hub.get("focus") or []
    if hub.get("focus_excused", False) or not areas:
        why = EXCUSED if hub.get("focus_excused", False) else NO_ITEMS
        yield Fixed(part.code, "", why)
        return
    for place, area in enumerate(areas):
        yield _targeted(hub, part, scheme, area["code"], area, _area_at(hub, areas, place))


def _area_at(
    hub: Hub, areas: Sequence[Mapping[str, Any]], place: int
) -> Callable[[object], dict[str, Any]]:
    def put(actual: object) -> dict[str, Any]:
        changed = [*areas[:place], {**areas[place], "actual": actual}, *areas[place + 1 :]]
        return {**hub, "focus": changed}

    return put


def _indicator(
    hub: Hub, part: Component, scheme: Scheme, code: str, entry: Mapping[str, Any]
) -> Lever | Fixed:
    def put(actual: object) -> dict[str, Any]:
        changed = {**hub.get("indicators", {}), code: {**entry, "actual": actual}}
        return {**hub, "indicators": changed}

    return _targeted(hub, part, scheme, code, entry, put)


@exact.exactly
def _targeted(
    hub: Hub,
    part: Component,
    scheme: Scheme,
    code: str,
    entry: Mapping[str, Any],
    put: Callable[[object], dict[str, Any]],
) -> Lever | Fixed:
    """An item with a target: one step is one more (or fewer) of what is counted."""
    if entry.get("excused", False):
        return Fixed(part.code, code, EXCUSED)
    if entry.get("target") is None:
        return Fixed(part.code, code, NO_TARGET)
    target = _effective(hub, scheme, entry)
    if target == 0:
        return Fixed(part.code, code, ZERO_TARGET)
    given = entry.get("actual")
    lower = entry.get("lower_is_better", False)
    start = _started(given, target, lower=lower)
    goal = (
        part.anchors[-1][0]
        * target
        / exact.number(entry.get("challenge", scheme.default_challenge), code)
    )
    most = start - max(Decimal(0), 2 * target - goal) if lower else goal - start
    top = max(0, int(most.to_integral_value(ROUND_CEILING)))
    if lower:
        top = min(top, int(start.to_integral_value(ROUND_FLOOR)))

    def actual(step: int) -> Decimal:
        return start - step if lower else start + step

    def state(step: int) -> dict[str, Any]:
        if step == 0:
            return dict(hub)
        moved = actual(step)
        return put(int(moved) if isinstance(given, int | None) else format(moved, "f"))

    return Lever(part.code, code, FEWER if lower else COUNT, top, state, actual, actual)


def _started(given: object, target: Decimal, *, lower: bool) -> Decimal:
    """Where the count stands; nothing reported counts as nothing done (or twice the target)."""
    if given is not None:
        return exact.amount(given, "実績")
    return (2 * target).to_integral_value(ROUND_CEILING) if lower else Decimal(0)


def _effective(hub: Hub, scheme: Scheme, entry: Mapping[str, Any]) -> Decimal:
    target = exact.amount(entry["target"], "目標")
    if entry.get("target_is_prorated", hub.get("target_is_prorated", False)):
        return exact.rounded(target, 4)
    return effective_target(target, hub.get("months", scheme.term_months), scheme.term_months)


def _opinion(hub: Hub, part: Component) -> Lever | Fixed:
    field = FIELD_OF_KIND[part.kind]
    if hub.get(f"{field}_excused", False):
        return Fixed(part.code, "", EXCUSED)
    if part.kind == "survey":
        return _survey(hub, part)
    return _partners(hub, part)


def _survey(hub: Hub, part: Component) -> Lever | Fixed:
    """One step: one answer, of the lowest there are, a level higher."""
    counts = list(hub.get("survey") or [])
    n = sum(counts)
    if n == 0:
        return Fixed(part.code, "", NO_ANSWERS)
    total = sum(level * count for level, count in enumerate(counts, start=1))

    def state(step: int) -> dict[str, Any]:
        return {**hub, "survey": lifted(counts, step)}

    def mean(step: int) -> Decimal:
        return exact.quotient(Decimal(total + step), Decimal(n), 4)

    return Lever(part.code, "", ANSWERS, BEST * n - total, state, mean, lambda step: n)


def lifted(counts: Sequence[int], steps: int) -> list[int]:
    """The histogram after so many answers went up by one level each, the lowest first."""
    row = list(counts)
    for level in range(len(row) - 1):
        moved = min(row[level], steps)
        row[level] -= moved
        row[level + 1] += moved
        steps -= moved
    return row


def _partners(hub: Hub, part: Component) -> Lever | Fixed:
    """One step: 0.1 more in the value of one organisation, the lowest first."""
    values = [exact.number(value, "支援機関の評価") for value in hub.get("partners") or []]
    if not values:
        return Fixed(part.code, "", NO_ANSWERS)
    room = BEST * len(values) - sum(values, Decimal(0))

    def state(step: int) -> dict[str, Any]:
        if step == 0:
            return dict(hub)
        return {**hub, "partners": [format(value, "f") for value in raised(values, step)]}

    @exact.exactly
    def mean(step: int) -> Decimal:
        total = sum(raised(values, step), Decimal(0))
        return exact.quotient(total, Decimal(len(values)), 4)

    top = int((room / TENTH).to_integral_value(ROUND_CEILING))
    return Lever(part.code, "", TENTHS, top, state, mean, lambda step: len(values))


@exact.exactly
def raised(values: Sequence[Decimal], steps: int) -> list[Decimal]:
    """The values after so many tenths were added, the lowest filled first; none above 5."""
    row, left = list(values), steps * TENTH
    for place in sorted(range(len(row)), key=lambda place: (row[place], place)):
        added = min(Decimal(BEST) - row[place], left)
        row[place] += added
        left -= added
    return row


def _checks(hub: Hub, part: Component, scheme: Scheme) -> Iterator[Lever | Fixed]:
    entries = hub.get("checks", {}).get(part.code, [])
    if not entries:
        yield Fixed(part.code, "", NO_ITEMS)
    for place, entry in enumerate(entries):
        if entry.get("na", False):
            yield Fixed(part.code, entry["code"], EXCUSED)
        else:
            yield _check(hub, part, scheme, place)


def _check(hub: Hub, part: Component, scheme: Scheme, place: int) -> Lever:
    """One step: one point more by one rater, the lowest first.

    A score that needs a document brings it along. Where high scores stand without a document, the
    document alone is the first step.
    """
    lists = hub["checks"]
    entries = lists[part.code]
    entry, scale = entries[place], scheme.checks
    scores: dict[str, int] = dict(entry.get("scores") or {})
    unscored = not scores
    if unscored:
        scores = {NEW_RATER: scale.lowest}
    has_paper = bool(entry.get("evidence", False))
    waiting = not has_paper and any(score >= scale.evidence_from for score in scores.values())

    def after(step: int) -> tuple[dict[str, int], bool]:
        points = step - (1 if waiting and step else 0)
        moved = heightened(scores, points, scale.highest)
        needs = waiting and step > 0
        needs = needs or any(
            score >= scale.evidence_from and score != scores[rater]
            for rater, score in moved.items()
        )
        return moved, has_paper or needs

    def state(step: int) -> dict[str, Any]:
        if step == 0:
            return dict(hub)
        moved, paper = after(step)
        changed = {**entry, "scores": moved, "evidence": paper}
        listed = [*entries[:place], changed, *entries[place + 1 :]]
        return {**hub, "checks": {**lists, part.code: listed}}

    def mean(step: int) -> Decimal | None:
        if unscored and step == 0:
            return None
        moved = after(step)[0]
        return exact.quotient(Decimal(sum(moved.values())), Decimal(len(moved)), 4)

    room = sum(scale.highest - score for score in scores.values())
    return Lever(
        part.code,
        entry["code"],
        RATER_POINTS,
        room + (1 if waiting else 0),
        state,
        mean,
        lambda step: sum(after(step)[0].values()) - sum(scores.values()),
        lambda step: after(step)[1] and not has_paper,
    )


def heightened(scores: Mapping[str, int], points: int, highest: int) -> dict[str, int]:
    """The scores after so many points were added one by one, always to the lowest."""
    moved = dict(scores)
    for _ in range(points):
        lowest = min(moved, key=lambda rater: (moved[rater], rater))
        if moved[lowest] >= highest:
            break
        moved[lowest] += 1
    return moved


def even_lever(hub: Hub, scheme: Scheme) -> Lever | None:
    """All counted items raised by the same share: one step is 0.1 % more of each, rounded up.

    Items that count as nothing yet, and items where less is better, stay as they are.
    """
    codes = [code for part in scheme.components for code in part.items]
    entries = hub.get("indicators", {})
    counted = {code: entries[code] for code in codes if _is_counted(entries.get(code, {}))}
    areas = hub.get("focus") or []
    if not counted and not any(_is_counted(area) for area in areas):
        return None

    def state(step: int) -> dict[str, Any]:
        return {
            **hub,
            "indicators": {**entries, **{code: more(row, step) for code, row in counted.items()}},
            "focus": [more(area, step) if _is_counted(area) else area for area in areas],
        }

    def share(step: int) -> Decimal:
        return step * TENTH

    return Lever("", "", EVENLY, EVEN_STEPS, state, share, lambda step: step)


def _is_counted(entry: Mapping[str, Any]) -> bool:
    whole = isinstance(entry.get("actual"), int) and not isinstance(entry.get("actual"), bool)
    return whole and not entry.get("lower_is_better", False)


def more(entry: Mapping[str, Any], step: int) -> dict[str, Any]:
    """The entry with so many tenths of a percent more, rounded up to a whole number."""
    actual: int = entry["actual"]
    return {**entry, "actual": -(-actual * (EVEN_STEPS + step) // EVEN_STEPS)}
