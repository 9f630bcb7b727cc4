"""The plan of all hearings of a term: 47 rows, panels, what they lack, how hubs hang together."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.hearings.flow.panels import SeatFacts, composition_faults, panels_of
from evaluation.hearings.flow.ties import barring, day_of
from evaluation.hearings.models import (
    BEFORE_SCORING,
    ConflictBlock,
    Evaluator,
    Hearing,
    HearingState,
    PanelMember,
)
from evaluation.hearings.rules.panel import Slot, clashes, linked_groups
from hubs.network.models import Hub
from hubs.terms.models import Term
from yorozu.core.access import Scope


@dataclass(frozen=True)
class PlanLine:
    """One hub: its hearing, the panel, and what the plan still lacks."""

    hub: Hub
    hearing: Hearing | None
    seats: Sequence[SeatFacts]
    faults: Sequence[str]

    @property
    def is_to_prepare(self) -> bool:
        """In operation and without a hearing, also none that came as a file."""
        return self.hearing is None and self.hub.closed_on is None

    @property
    def locked(self) -> int:
        """Members who have locked their first scores."""
        return sum(facts.member.locked_at is not None for facts in self.seats if facts.counts)

    @property
    def counting(self) -> int:
        """Members whose scores count."""
        return sum(facts.counts for facts in self.seats)


@dataclass(frozen=True)
class Linkage:
    """Groups of hubs that hang together through common evaluators, and hubs without a panel."""

    groups: Sequence[Sequence[Hub]]
    without: Sequence[Hub]

    @property
    def is_connected(self) -> bool:
        """One group, nobody left out: the severity of raters can be told from the level of hubs."""
        return len(self.groups) == 1 and not self.without


def plan_lines(term: Term, scope: Scope) -> list[PlanLine]:
    """One line per hub of the scope, in code order; a fixed number of queries."""
    hubs = list(Hub.objects.visible_to(scope).select_related("bureau", "prefecture"))
    rows = Hearing.objects.filter(term=term, hub__in=[hub.pk for hub in hubs])
    hearings = {row.hub_id: row for row in rows.select_related("hub__bureau", "term", "checklist")}
    panels = panels_of(list(hearings.values()))
    twice = _clashes(term)
    lines = []
    for hub in hubs:
        hearing = hearings.get(hub.pk)
        seats = panels[hearing.pk] if hearing is not None else []
        faults = _faults(hearing, seats, twice) if hearing is not None else []
        lines.append(PlanLine(hub, hearing, seats, faults))
    return lines


def _faults(hearing: Hearing, seats: Sequence[SeatFacts], twice: dict[int, list[str]]) -> list[str]:
    """What the plan of a hearing lacks; what is settled or filed lacks nothing."""
    if hearing.state in {HearingState.FILED, HearingState.SETTLED}:
        return []
    if hearing.state in BEFORE_SCORING:
        found = [] if hearing.starts_at and hearing.place else ["日時か場所が決まっていません。"]
        found += composition_faults(seats)
        unsigned = [facts.member.evaluator.name for facts in seats if not facts.signed]
        found += [f"{name}さんの宣誓がまだです。" for name in unsigned]
        return found + twice.get(hearing.pk, [])
    return composition_faults([facts for facts in seats if not facts.barred])


def _clashes(term: Term) -> dict[int, list[str]]:
    """Overlaps of one person's hearings, by hearing id."""
    seats = PanelMember.objects.filter(hearing__term=term, hearing__starts_at__isnull=False)
    slots: dict[str, list[Slot]] = defaultdict(list)
    names: dict[int, str] = {}
    for row in seats.select_related("hearing__hub", "evaluator").order_by("pk"):
        hearing = row.hearing
        if hearing.starts_at is None or hearing.ends_at is None:
            continue
        names[row.evaluator_id] = row.evaluator.name
        slot = Slot(hearing.pk, hearing.hub.name, hearing.starts_at, hearing.ends_at)
        slots[str(row.evaluator_id)].append(slot)
    found: dict[int, list[str]] = defaultdict(list)
    for key, mine in slots.items():
        for first, second in clashes(mine):
            for one, other in ((first, second), (second, first)):
                text = f"{names[int(key)]}さんは同じ時間に{other.label}のヒアリングがあります。"
                found[one.hearing].append(text)
    return found


def linkage(lines: Sequence[PlanLine]) -> Linkage:
    """How the hubs of these lines hang together; hearings from files are left out."""
    hubs = {line.hub.pk: line.hub for line in lines}
    panels = {
        line.hub.pk: [facts.member.evaluator_id for facts in line.seats if not facts.barred]
        for line in lines
        if line.hearing is not None and not line.hearing.is_filed
    }
    groups = [[hubs[pk] for pk in group] for group in linked_groups(panels)]
    without = [hubs[pk] for pk, seated in panels.items() if not seated]
    return Linkage(groups, without)


@dataclass(frozen=True)
class EvaluatorLine:
    """One evaluator of the term with seats and blocks."""

    evaluator: Evaluator
    seats: Sequence[PanelMember]
    blocks: Sequence[ConflictBlock]

    @property
    def is_signed(self) -> bool:
        """The declaration of the term is there."""
        return hasattr(self.evaluator, "declaration")

    @property
    def open_blocks(self) -> int:
        """Blocks that nobody has waived."""
        return sum(not block.is_waived for block in self.blocks)


def evaluator_lines(term: Term, scope: Scope) -> list[EvaluatorLine]:
    """The term's evaluators with seats and blocks; national scopes see all, others oneself."""
    rows = Evaluator.objects.visible_to(scope).filter(term=term)
    people = list(rows.select_related("declaration", "bureau", "user"))
    seats: dict[int, list[PanelMember]] = defaultdict(list)
    found = PanelMember.objects.filter(evaluator__in=[one.pk for one in people])
    for row in found.select_related("hearing__hub").order_by("hearing__hub__code"):
        seats[row.evaluator_id].append(row)
    blocks: dict[int, list[ConflictBlock]] = defaultdict(list)
    held = ConflictBlock.objects.filter(evaluator__in=[one.pk for one in people])
    for block in held.select_related("hub", "waiver").order_by("hub__code", "pk"):
        blocks[block.evaluator_id].append(block)
    return [EvaluatorLine(one, seats[one.pk], blocks[one.pk]) for one in people]


@dataclass(frozen=True)
class Candidate:
    """An evaluator who might sit on a panel, and why not."""

    evaluator: Evaluator
    outside: bool
    barred: str

    @property
    def label(self) -> str:
        """Name, organisation and what a planner must know."""
        mark = "担当局の外" if self.outside else "担当局"
        return f"{self.evaluator}　{mark}"


def candidates(hearing: Hearing) -> list[Candidate]:
    """Active evaluators of the term not on the panel yet, those without interest first."""
    rows = Evaluator.objects.filter(term=hearing.term_id, is_active=True)
    seated = PanelMember.objects.filter(hearing=hearing).values("evaluator_id")
    people = list(rows.exclude(pk__in=seated).select_related("bureau"))
    day = day_of(hearing)
    barred = barring(hearing.term, [(one, hearing.hub_id, day) for one in people])
    found = [
        Candidate(
            one,
            one.bureau_id != hearing.hub.bureau_id,
            "、".join(barred.get((one.pk, hearing.hub_id), [])),
        )
        for one in people
    ]
    return sorted(found, key=lambda row: (bool(row.barred), not row.outside, row.evaluator.name))
