"""The panel of a hearing as the rules see it: who is barred, who has signed, who has locked."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from evaluation.hearings.flow.ties import barred_on
from evaluation.hearings.models import Hearing, PanelMember
from evaluation.hearings.rules.panel import Seat, Slot, clashes, panel_faults


@dataclass(frozen=True)
class SeatFacts:
    """One seat with everything that decides whether its scores count."""

    member: PanelMember
    outside: bool
    barred: str
    signed: bool

    @property
    def counts(self) -> bool:
        """Declared, and without an interest in this hub."""
        return self.signed and not self.barred

    @property
    def seat(self) -> Seat:
        """What the rules of composition read."""
        one = self.member.evaluator
        return Seat(one.name, one.organization_key, self.outside, self.member.is_chair, self.barred)


def panels_of(hearings: Collection[Hearing]) -> dict[int, list[SeatFacts]]:
    """Seats by hearing id, chairs first; hearings are of one term and come with their hubs."""
    rows: dict[int, list[PanelMember]] = defaultdict(list)
    members = PanelMember.objects.filter(hearing__in=[hearing.pk for hearing in hearings])
    for row in members.select_related("evaluator__declaration").order_by("role", "pk"):
        rows[row.hearing_id].append(row)
    people = {pk: [row.evaluator for row in found] for pk, found in rows.items()}
    barred = barred_on(hearings, people)
    found: dict[int, list[SeatFacts]] = {}
    for hearing in hearings:
        found[hearing.pk] = [
            SeatFacts(
                member=row,
                outside=row.evaluator.bureau_id != hearing.hub.bureau_id,
                barred="、".join(barred.get((row.evaluator_id, hearing.hub_id), [])),
                signed=hasattr(row.evaluator, "declaration"),
            )
            for row in rows[hearing.pk]
        ]
    return found


def panel_of(hearing: Hearing) -> list[SeatFacts]:
    """Seats of one hearing, the chair first."""
    return panels_of([hearing])[hearing.pk]


def composition_faults(seats: Collection[SeatFacts]) -> list[str]:
    """What the panel lacks (evaluation.md 1.7)."""
    return panel_faults([facts.seat for facts in seats])


def clashing(hearing: Hearing) -> list[str]:
    """Hearings of the same people at the same time, in sentences."""
    if hearing.starts_at is None or hearing.ends_at is None:
        return []
    mine = PanelMember.objects.filter(hearing=hearing).values_list("evaluator__user_id", flat=True)
    others = (
        PanelMember.objects.filter(
            evaluator__user_id__in=list(mine),
            hearing__starts_at__lt=hearing.ends_at,
            hearing__ends_at__gt=hearing.starts_at,
        )
        .exclude(hearing=hearing)
        .select_related("hearing__hub", "evaluator")
        .order_by("evaluator__name", "hearing__hub__code")
    )
    own = _slot(hearing)
    return [
        f"{row.evaluator.name}さんは同じ時間に{row.hearing.hub}のヒアリングがあります。"
        for row in others
        if clashes([own, _slot(row.hearing)])
    ]


def _slot(hearing: Hearing) -> Slot:
    if hearing.starts_at is None or hearing.ends_at is None:
        raise ValueError("a hearing without times is in nobody's calendar")
    return Slot(hearing.pk, hearing.hub.name, hearing.starts_at, hearing.ends_at)
