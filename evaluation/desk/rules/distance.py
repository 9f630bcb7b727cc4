"""How far a hub is from the next grade, item by item, by the engine itself (evaluation.md 2.8).

Every figure is computed by the engine's own rules on the changed input. Indicators, focus areas and
checklists of one hub touch nobody else; a survey or partner answer moves the national prior, which
is therefore computed anew over all hubs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from evaluation.desk.rules.levers import Fixed, Lever, even_lever, levers_of
from evaluation.scoring.rules import compose, opinions
from evaluation.scoring.rules.opinions import Answers, Prior
from evaluation.scoring.rules.scheme import Component, Scheme

Json = Mapping[str, Any]

# Why an item alone does not lift the grade, beside the reasons of a lever that is none.
TOO_SMALL = "too_small"
HELD = "held"
MOST_COMBINATIONS = 3


@dataclass(frozen=True)
class Step:
    """An item raised by ``steps``: what it shows then, and what the engine makes of the hub."""

    steps: int
    value: Decimal | None
    total: Decimal | int
    final: Decimal
    grade: str
    paper: bool


@dataclass(frozen=True)
class Distance:
    """One item: the smallest step that lifts the grade, or why there is none.

    ``now`` is the input as it stands, ``most`` what the item can give at all (None for an item that
    cannot be raised), ``reach`` the smallest step that reaches a better grade.
    """

    component: str
    item: str
    kind: str = ""
    now: Step | None = None
    most: Step | None = None
    reach: Step | None = None
    why: str = ""
    held_by: tuple[Json, ...] = ()

    @property
    def gain(self) -> Decimal | None:
        """What the item as far as it goes adds to the score."""
        if self.now is None or self.most is None:
            return None
        return self.most.final - self.now.final


@dataclass(frozen=True)
class Combination:
    """Several items together: all but the last as far as they go, the last by its smallest step."""

    parts: tuple[tuple[Distance, Step], ...]

    @property
    def reach(self) -> Step:
        """Where the whole of it leads."""
        return self.parts[-1][1]


@dataclass(frozen=True)
class HubDistance:
    """A hub's way to the next grade; ``target`` is empty for the best grade or without a grade."""

    code: str
    final: Decimal | None
    grade: str
    target: str = ""
    cut: Decimal | None = None
    gates: tuple[Json, ...] = ()
    items: tuple[Distance, ...] = ()
    # The same share more of everything that is counted; None where nothing is counted.
    evenly: Distance | None = None
    combinations: tuple[Combination, ...] = ()

    @property
    def gap(self) -> Decimal | None:
        """Points between the score and the next cut; 0 where only a gate holds the grade."""
        if self.final is None or self.cut is None:
            return None
        return max(Decimal(0), self.cut - self.final)


class Network:
    """All hubs of an input under one scheme, so that one of them can be computed anew."""

    def __init__(self, scheme: Scheme, hubs: Sequence[Json]) -> None:
        self.scheme = scheme
        self.hubs = {hub["code"]: hub for hub in hubs}
        self._opinions = [part for part in scheme.components if part.kind in opinions.FIELD_OF_KIND]
        self._answers = {
            part.code: {
                code: opinions.read_answers(dict(hub), part.kind) for code, hub in self.hubs.items()
            }
            for part in self._opinions
        }
        self._priors = {part.code: self._prior(part, {}) for part in self._opinions}

    def with_hub(self, hub: Json) -> "Network":
        """The same network with another input of one hub."""
        return Network(self.scheme, list({**self.hubs, hub["code"]: hub}.values()))

    def _prior(self, part: Component, changed: Mapping[str, Answers]) -> Prior:
        pool = {**self._answers[part.code], **changed}
        return opinions.prior(list(pool.values()), part, self.scheme)

    def score(self, hub: Json, touched: str = "") -> dict[str, Any]:
        """The engine's judgement of a hub with this input, the others as they are (no rank).

        ``touched`` names the component that was changed: only an opinion moves its prior.
        """
        priors = self._priors
        for part in self._opinions:
            if part.code == touched:
                own = {hub["code"]: opinions.read_answers(dict(hub), part.kind)}
                priors = {**priors, touched: self._prior(part, own)}
        return compose.score_hub(dict(hub), self.scheme, priors, compose.Drop())


def distance_of(code: str, network: Network) -> HubDistance:
    """Every item of a hub with its way to the next grade, and combinations where none is enough."""
    hub = network.hubs[code]
    scored = network.score(hub)
    names = [name for name, _ in network.scheme.grades]
    final = None if scored["final"] is None else Decimal(scored["final"])
    grade = scored["grade"] or ""
    base = HubDistance(code, final, grade, gates=tuple(scored["gates"]))
    if not scored["graded"] or names.index(grade) == 0:
        return base
    target = names[names.index(grade) - 1]
    search = _Search(network, names.index(grade))
    items = tuple(search.distance(lever) for lever in levers_of(hub, network.scheme))
    evenly = even_lever(hub, network.scheme)
    return replace(
        base,
        target=target,
        cut=dict(network.scheme.grades)[target],
        items=items,
        evenly=None if evenly is None else search.distance(evenly),
        combinations=() if any(item.reach for item in items) else search.combinations(hub, items),
    )


class _Search:
    """Looks for the first step of a lever that makes the grade better than it stands."""

    def __init__(self, network: Network, place: int) -> None:
        self.network = network
        self.place = place
        self.names = [name for name, _ in network.scheme.grades]

    def distance(self, lever: Lever | Fixed) -> Distance:
        if isinstance(lever, Fixed):
            return Distance(lever.component, lever.item, why=lever.why)
        now, most = self._step(lever, 0), self._step(lever, lever.top)
        found = Distance(lever.component, lever.item, lever.kind, now, most)
        if not self._better(most.grade):
            cut = dict(self.network.scheme.grades)[self.names[self.place - 1]]
            if most.final < cut:
                return replace(found, why=TOO_SMALL)
            gates = self._scored(lever, lever.top)["gates"]
            return replace(found, why=HELD, held_by=tuple(gates))
        reach = self._first(lever.top, lambda step: self._better(self._step(lever, step).grade))
        return replace(found, reach=self._step(lever, reach))

    def combinations(self, hub: Json, items: Sequence[Distance]) -> tuple[Combination, ...]:
        """The strongest item as far as it goes, then the next, until one more step suffices.

        Of the last items that suffice, those that need the smallest part of their own range.
        """
        full: list[tuple[Distance, Step]] = []
        while True:
            strong = max(items, key=lambda item: item.gain or Decimal(0), default=None)
            if strong is None or strong.most is None or not strong.gain:
                return ()
            full.append((strong, strong.most))
            hub = self._raised(hub, strong)
            network = self.network.with_hub(hub)
            search = _Search(network, self.place)
            items = [search.distance(lever) for lever in levers_of(hub, network.scheme)]
            last = [
                (Fraction(item.reach.steps, item.most.steps), (item, item.reach))
                for item in items
                if item.reach and item.most
            ]
            if last:
                last.sort(key=lambda row: row[0])
                return tuple(Combination((*full, pair)) for _, pair in last[:MOST_COMBINATIONS])

    def _raised(self, hub: Json, item: Distance) -> dict[str, Any]:
        lever = next(
            lever
            for lever in levers_of(hub, self.network.scheme)
            if isinstance(lever, Lever)
            and (lever.component, lever.item) == (item.component, item.item)
        )
        return lever.state(lever.top)

    def _scored(self, lever: Lever, step: int) -> dict[str, Any]:
        return self.network.score(lever.state(step), lever.component)

    def _step(self, lever: Lever, step: int) -> Step:
        scored = self._scored(lever, step)
        return Step(
            step,
            lever.value(step),
            lever.total(step),
            Decimal(scored["final"]),
            scored["grade"] or "",
            lever.paper(step),
        )

    def _better(self, grade: str) -> bool:
        return bool(grade) and self.names.index(grade) < self.place

    def _first(self, top: int, holds: Callable[[int], bool]) -> int:
        """The first step at which it holds, known to hold at ``top`` and not at 0."""
        low, high = 0, top
        while high - low > 1:
            middle = (low + high) // 2
            if holds(middle):
                high = middle
            else:
                low = middle
        return high
