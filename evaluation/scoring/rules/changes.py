"""What one run changes against another: inputs, national values, and every hub (evaluation.md 5).

Both runs are read as their texts say; nothing is computed anew. A hub may change although nothing
of its own did: the national mean moved, or others passed it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

OWN, ADJUSTMENT, SCHEME, PRIOR, OTHERS = "own", "adjustment", "scheme", "prior", "others"
CAUSES = {
    OWN: "自拠点の数値の訂正",
    ADJUSTMENT: "審査会の調整",
    SCHEME: "評価基準の変更",
    PRIOR: "全国の平均の変化",
    OTHERS: "ほかの拠点による順位の移動",
}


@dataclass(frozen=True)
class Side:
    """What a run says of a hub; None and "" where it says nothing."""

    mechanical: Decimal | None = None
    final: Decimal | None = None
    grade: str = ""
    rank: int | None = None


@dataclass(frozen=True)
class HubChange:
    """One hub in both runs. ``causes`` is empty when nothing of it changed."""

    code: str
    old: Side
    new: Side
    causes: tuple[str, ...]
    components: tuple[tuple[str, Decimal | None, Decimal | None], ...]

    @property
    def points(self) -> Decimal | None:
        """Change of the final score; None when it is missing in one run."""
        if self.old.final is None or self.new.final is None:
            return None
        return self.new.final - self.old.final

    @property
    def places(self) -> int | None:
        """Places won (positive) or lost; None without a rank on both sides."""
        if self.old.rank is None or self.new.rank is None:
            return None
        return self.old.rank - self.new.rank

    @property
    def is_changed(self) -> bool:
        """Whether score, grade, rank or anything below differs."""
        return bool(self.causes)


@dataclass(frozen=True)
class PriorChange:
    """The national mean that small samples lean on, of one component."""

    component: str
    old: tuple[str | None, ...]
    new: tuple[str | None, ...]


@dataclass(frozen=True)
class RunChanges:
    """All hubs of either run in code order, and the national values that moved."""

    hubs: tuple[HubChange, ...]
    priors: tuple[PriorChange, ...]
    is_other_scheme: bool

    @property
    def changed(self) -> list[HubChange]:
        """Hubs with any change: the largest change of the score first."""
        rows = [hub for hub in self.hubs if hub.is_changed]
        return sorted(rows, key=lambda hub: (-abs(hub.points or Decimal(0)), hub.code))


def run_changes(
    old_input: Mapping[str, Any],
    old_result: Mapping[str, Any],
    new_input: Mapping[str, Any],
    new_result: Mapping[str, Any],
) -> RunChanges:
    """Compare two runs by the engine's input and result of each."""
    given = [{hub["code"]: hub for hub in side["hubs"]} for side in (old_input, new_input)]
    found = [{hub["code"]: hub for hub in side["hubs"]} for side in (old_result, new_result)]
    other_scheme = old_input.get("scheme") != new_input.get("scheme")
    codes = sorted({*found[0], *found[1]})
    hubs = [
        _hub(code, [side.get(code) for side in given], [side.get(code) for side in found])
        for code in codes
    ]
    if other_scheme:
        hubs = [_by_the_scheme(hub) for hub in hubs]
    priors = tuple(_priors(old_result.get("priors", {}), new_result.get("priors", {})))
    return RunChanges(tuple(hubs), priors, other_scheme)


def _by_the_scheme(hub: HubChange) -> HubChange:
    if not hub.is_changed:
        return hub
    causes = (SCHEME, *(cause for cause in hub.causes if cause in {OWN, ADJUSTMENT}))
    return HubChange(hub.code, hub.old, hub.new, causes, hub.components)


def _hub(code: str, given: list[Any], found: list[Any]) -> HubChange:
    old, new = (_side(entry) for entry in found)
    components = tuple(_components(*found))
    causes = []
    if _facts(given[0]) != _facts(given[1]):
        causes.append(OWN)
    if _adjustment(given[0]) != _adjustment(given[1]):
        causes.append(ADJUSTMENT)
    if not causes and (components or (old.final, old.grade) != (new.final, new.grade)):
        causes.append(PRIOR)
    if not causes and old.rank != new.rank:
        causes.append(OTHERS)
    return HubChange(code, old, new, tuple(causes), components)


def _facts(hub: Mapping[str, Any] | None) -> Any:
    return None if hub is None else {key: hub[key] for key in hub if key != "adjust"}


def _adjustment(hub: Mapping[str, Any] | None) -> Decimal:
    return Decimal(0) if hub is None else Decimal(str(hub.get("adjust", "0")))


def _side(entry: Mapping[str, Any] | None) -> Side:
    if entry is None:
        return Side()
    return Side(
        _decimal(entry["mechanical"]),
        _decimal(entry["final"]),
        (entry["grade"] or "") if entry["graded"] else "",
        entry["rank"],
    )


def _components(
    old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> Iterable[tuple[str, Decimal | None, Decimal | None]]:
    """Components whose points differ."""
    sides = [
        {part["code"]: _decimal(part["points"]) for part in side["components"]} if side else {}
        for side in (old, new)
    ]
    for code in dict.fromkeys([*sides[0], *sides[1]]):
        pair = sides[0].get(code), sides[1].get(code)
        if pair[0] != pair[1]:
            yield code, *pair


def _priors(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterable[PriorChange]:
    for code in dict.fromkeys([*old, *new]):
        before, after = tuple(old.get(code) or ()), tuple(new.get(code) or ())
        if before != after:
            yield PriorChange(code, before, after)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
