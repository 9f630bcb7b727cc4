"""Hearings of the world's running term: planned, being scored, talked about; a draft checklist.

Tokyo's panel talks again, Kanagawa's scores, Miyagi's is fixed for today. The officer of Tohoku
sits on Tokyo's panel from outside, so that a seat reaches beyond the hubs of a role.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.core.files.base import ContentFile

from evaluation.hearings import operations
from evaluation.hearings.models import (
    Checklist,
    Evaluator,
    Hearing,
    HearingEvidence,
    InitiativeFile,
    NotApplicableProposal,
    PanelMember,
    PanelRole,
)
from evaluation.hearings.operations import Appointment, DeclaredInterest, Mark, Proof, drafts

if TYPE_CHECKING:
    from tests.world import World

# The first takes the chair.
PANELS = {
    "13": ("hq_second", "bureau_tohoku", "board"),
    "14": ("hq_second", "bureau_kanto", "board"),
    "04": ("board", "hq_second", "pm_kanto"),
}
START = datetime(2026, 11, 20, 8, 0, tzinfo=ZoneInfo("Asia/Tokyo"))


@dataclass
class Hearings:
    """What stands, by hub code."""

    hearings: dict[str, Hearing] = field(default_factory=dict)
    evaluators: dict[str, Evaluator] = field(default_factory=dict)
    evidence: dict[str, HearingEvidence] = field(default_factory=dict)
    files: dict[str, InitiativeFile] = field(default_factory=dict)
    proposals: dict[str, NotApplicableProposal] = field(default_factory=dict)
    draft: Checklist | None = None


def build_hearings(world: "World", word: dict[str, str]) -> Hearings:
    """Build everything; ``word`` is the hub's own word, put into every free text."""
    hq, term = world.cast.hq.scope, world.terms[2026]
    made = Hearings()
    operations.prepare_hearings(hq, term=term)
    for key in ("hq_second", "bureau_tohoku", "bureau_kanto", "board", "pm_kanto"):
        made.evaluators[key] = operations.add_evaluator(
            hq, term=term, user_id=world.cast.actors[key].user.pk
        )
        operations.sign_declaration(world.cast.actors[key].scope, term=term)
    operations.declare_interest(
        world.cast.bureau_kanto.scope,
        term=term,
        said=[DeclaredInterest(world.hubs["04"].pk, "relative", "親族が勤務")],
    )
    for place, (code, panel) in enumerate(PANELS.items()):
        hearing = Hearing.objects.select_related("hub", "term").get(term=term, hub__code=code)
        _portfolio(world, made, code, word[code])
        for key in panel:
            role = PanelRole.CHAIR if key == panel[0] else PanelRole.MEMBER
            operations.seat_evaluator(
                hq, hearing=hearing, evaluator=made.evaluators[key], role=role
            )
        start = START + timedelta(hours=2 * place)
        due = START + timedelta(hours=3)
        wanted = Appointment(start, start + timedelta(hours=2), "合同庁舎会議室", min(due, start))
        hearing = operations.set_appointment(hq, hearing=hearing, wanted=wanted, version=0)
        hearing = operations.schedule_hearing(hq, hearing=hearing)
        if code != "04":
            _score(world, made, hearing, code, word[code])
        made.hearings[code] = Hearing.objects.select_related("hub", "term").get(pk=hearing.pk)
    made.draft = drafts.begin_draft(hq, term=world.terms[2027], reason="項目を見直すため")
    return made


def _portfolio(world: "World", made: Hearings, code: str, word: str) -> None:
    """One own initiative with a file."""
    chief = {"13": "cc_tokyo", "14": "cc_kanagawa", "04": "cc_miyagi"}[code]
    actor = world.cast.actors[chief].scope
    row = operations.save_initiative(
        actor,
        hub=world.hubs[code],
        term=world.terms[2026],
        order=1,
        values={"title": f"{word}夜間相談", "what": f"{word}毎週水曜に開きます。"},
        version=0,
    )
    made.files[code] = operations.add_file(
        actor, initiative=row, file=ContentFile(f"{word}\n".encode()), filename="記録.csv"
    )


def _score(world: "World", made: Hearings, hearing: Hearing, code: str, word: str) -> None:
    chair = world.cast.actors[PANELS[code][0]].scope
    hearing = operations.open_scoring(chair, hearing=hearing)
    hearing = Hearing.objects.select_related("hub", "term").get(pk=hearing.pk)
    items = [row.code for row in hearing.checklist.items.order_by("order")]
    made.evidence[code] = operations.add_evidence(
        chair,
        hearing=hearing,
        item=items[0],
        proof=Proof(f"{word}記録", file=ContentFile(f"{word}\n".encode()), filename="記録.txt"),
    )
    if code == "14":
        mark = Mark(items[0], "3", f"{word}よい取組です。")
        operations.save_mark(chair, hearing=hearing, mark=mark)
        made.proposals[code] = operations.propose_not_applicable(
            chair, hearing=hearing, item=items[1], reason=f"{word}団体がない"
        )
        return
    for place, key in enumerate(PANELS[code]):
        actor = world.cast.actors[key].scope
        for number, item in enumerate(items):
            score = 1 if place == 2 and number == 0 else 3
            mark = Mark(item, str(score), f"{word}所見" if number == 0 else "")
            operations.save_mark(actor, hearing=hearing, mark=mark)
        operations.lock_scores(actor, hearing=hearing)


def members_of(hearing: Hearing) -> list[PanelMember]:
    """The seats of a hearing, the chair first."""
    return list(PanelMember.objects.filter(hearing=hearing).order_by("role", "pk"))
