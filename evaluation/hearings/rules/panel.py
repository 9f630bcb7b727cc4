"""The panel of a hearing and the plan of all hearings (evaluation.md 1.6, 1.7). Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

FEWEST_RATERS = 3
FEWEST_ORGANIZATIONS = 2


@dataclass(frozen=True)
class Seat:
    """One evaluator on a panel, as the rules of composition see them.

    ``outside``: not of the bureau whose area the hub lies in (the linking rater). ``barred``: in
    words why this person may not rate the hub, "" when nothing stands against it.
    """

    name: str
    organization: str
    outside: bool
    is_chair: bool = False
    barred: str = ""


def panel_faults(seats: Sequence[Seat]) -> list[str]:
    """What the composition still lacks, in sentences; empty when the panel may judge.

    Barred members do not count for anything.
    """
    free = [seat for seat in seats if not seat.barred]
    faults = [
        f"{seat.name}さんは評価できません（{seat.barred}）。" for seat in seats if seat.barred
    ]
    if len(free) < FEWEST_RATERS:
        faults.append(f"評価者が{FEWEST_RATERS}人以上必要です（現在{len(free)}人）。")
    organizations = {seat.organization for seat in free}
    if len(organizations) < FEWEST_ORGANIZATIONS:
        faults.append(
            f"評価者の所属が{FEWEST_ORGANIZATIONS}つ以上必要です（現在{len(organizations)}つ）。"
        )
    if not any(seat.outside for seat in free):
        faults.append("担当の経済産業局の外から、1人以上の評価者（つなぎの評価者）が必要です。")
    chairs = sum(seat.is_chair for seat in free)
    if chairs != 1:
        faults.append(f"主査を1人決めてください（現在{chairs}人）。")
    return faults


@dataclass(frozen=True)
class Slot:
    """One hearing in somebody's calendar."""

    hearing: int
    label: str
    starts_at: datetime
    ends_at: datetime


def clashes(slots: Iterable[Slot]) -> list[tuple[Slot, Slot]]:
    """Pairs of hearings of one person that overlap; the end of one may be the start of the next."""
    ordered = sorted(slots, key=lambda slot: (slot.starts_at, slot.hearing))
    return [
        (first, second)
        for place, first in enumerate(ordered)
        for second in ordered[place + 1 :]
        if first.hearing != second.hearing and second.starts_at < first.ends_at
    ]


def linked_groups(panels: Mapping[int, Iterable[int]]) -> list[list[int]]:
    """Hubs that hang together through common evaluators, the largest group first.

    ``panels``: evaluators by hub; a hub without any is left out. One group means that the severity
    of raters can be told from the level of hubs (1.6); in several groups it cannot.
    """
    hubs_of: dict[int, list[int]] = defaultdict(list)
    for hub, evaluators in panels.items():
        for evaluator in evaluators:
            hubs_of[evaluator].append(hub)
    left = {hub for hub, evaluators in panels.items() if list(evaluators)}
    groups = []
    while left:
        todo, group = [min(left)], set()
        while todo:
            hub = todo.pop()
            if hub in group:
                continue
            group.add(hub)
            todo += [other for evaluator in panels[hub] for other in hubs_of[evaluator]]
        left -= group
        groups.append(sorted(group))
    return sorted(groups, key=lambda group: (-len(group), group))
