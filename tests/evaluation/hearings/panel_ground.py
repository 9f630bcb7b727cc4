"""A term with a hearing whose panel sits: three evaluators from three organisations."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from evaluation.hearings import operations
from evaluation.hearings.models import (
    Checklist,
    ConflictDeclaration,
    Evaluator,
    Hearing,
    PanelMember,
    PanelRole,
)
from evaluation.hearings.operations import Appointment, Mark
from hubs.network.models import Hub
from hubs.terms.models import Term, TermState
from tests.cast import Actor, Cast
from tests.evaluation.evidence_ground import make_checklist

TOKYO = ZoneInfo("Asia/Tokyo")
YEAR = 2026
START = datetime(2026, 11, 20, 13, 0, tzinfo=TOKYO)
END = datetime(2026, 11, 20, 15, 0, tzinfo=TOKYO)
NOW = datetime(2026, 11, 20, 13, 5, tzinfo=TOKYO)
# The chair from HQ, the officer of the hub's bureau, and a board member from outside.
PANEL = ("hq_second", "bureau_tohoku", "board")


@dataclass
class Stand:
    """The pieces of one hearing, by the key of the cast."""

    cast: Cast
    term: Term
    hearing: Hearing
    checklist: Checklist
    evaluators: dict[str, Evaluator] = field(default_factory=dict)
    members: dict[str, PanelMember] = field(default_factory=dict)

    def actor(self, key: str) -> Actor:
        """A person of the cast."""
        return self.cast.actors[key]

    def fresh(self) -> Hearing:
        """The hearing as it stands in the database."""
        return Hearing.objects.select_related("hub", "term").get(pk=self.hearing.pk)

    def mark(self, key: str, item: str, score: int | str, **more: Any) -> Any:
        """One score of one member."""
        return operations.save_mark(
            self.actor(key).scope,
            hearing=self.fresh(),
            mark=Mark(item, str(score), **more),
        )

    def give(self, key: str, scores: dict[str, int]) -> None:
        """First scores of one member, locked."""
        for item, score in scores.items():
            self.mark(key, item, score)
        operations.lock_scores(self.actor(key).scope, hearing=self.fresh())


def open_term(year: int = YEAR) -> Term:
    """A running term without anything else."""
    term, _ = Term.objects.get_or_create(fiscal_year=year, defaults={"state": TermState.OPEN})
    return term


def prepared(cast: Cast, code: str = "04", **more: Any) -> Stand:
    """A hearing that is being prepared, its panel seated and signed."""
    term = more.get("term") or open_term()
    checklist = Checklist.objects.filter(term=term).first() or make_checklist(term)
    hq = cast.hq.scope
    operations.prepare_hearings(hq, term=term)
    hearing = Hearing.objects.select_related("hub", "term").get(
        term=term, hub=Hub.objects.get(code=code)
    )
    stand = Stand(cast, term, hearing, checklist)
    for key in more.get("panel", PANEL):
        enter(stand, key)
        seat(stand, key, PanelRole.CHAIR if key == PANEL[0] else PanelRole.MEMBER)
    return stand


def enter(stand: Stand, key: str, *, signed: bool = True) -> Evaluator:
    """An evaluator of the term who has signed."""
    evaluator = operations.add_evaluator(
        stand.cast.hq.scope, term=stand.term, user_id=stand.actor(key).user.pk
    )
    stand.evaluators[key] = evaluator
    if signed and not ConflictDeclaration.objects.filter(evaluator=evaluator).exists():
        operations.sign_declaration(stand.actor(key).scope, term=stand.term)
    return evaluator


def seat(stand: Stand, key: str, role: str = PanelRole.MEMBER) -> PanelMember:
    """A seat on the panel."""
    stand.members[key] = operations.seat_evaluator(
        stand.cast.hq.scope, hearing=stand.fresh(), evaluator=stand.evaluators[key], role=role
    )
    return stand.members[key]


def scheduled(cast: Cast, code: str = "04", **more: Any) -> Stand:
    """The day and the panel are fixed."""
    stand = prepared(cast, code, **more)
    hq = cast.hq.scope
    operations.set_appointment(
        hq,
        hearing=stand.fresh(),
        wanted=Appointment(START, END, "仙台合同庁舎"),
        version=stand.fresh().version,
    )
    operations.schedule_hearing(hq, hearing=stand.fresh())
    return stand


def scoring(cast: Cast, code: str = "04", **more: Any) -> Stand:
    """Scoring has begun (call with the clock at NOW)."""
    stand = scheduled(cast, code, **more)
    operations.open_scoring(cast.hq_second.scope, hearing=stand.fresh())
    return stand


AGREED = {"C1": 3, "U1": 2}


def compared(cast: Cast, scores: dict[str, dict[str, int]] | None = None) -> Stand:
    """All first scores are locked."""
    stand = scoring(cast)
    for key in PANEL:
        stand.give(key, (scores or {}).get(key, AGREED))
    return stand


def settled(cast: Cast) -> Stand:
    """The chair has closed."""
    stand = compared(cast)
    operations.settle_hearing(cast.hq_second.scope, hearing=stand.fresh())
    return stand
