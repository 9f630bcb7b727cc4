"""Hearings of the running term with panels in every state (all people and texts are invented)."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from django.utils import timezone

from evaluation.hearings import operations
from evaluation.hearings.models import ChecklistResponse, Evaluator, Hearing, PanelRole
from evaluation.hearings.operations import Appointment, DeclaredInterest, Mark, Proof
from hubs.network.models import Hub
from hubs.terms.models import Term
from hubs.terms.queries import closed_days
from yorozu.core import clock
from yorozu.core.business_days import add_business_days
from yorozu.portal.sample import accounts
from yorozu.portal.sample.dice import between, roll
from yorozu.portal.sample.doors import Say

CHAIRS = ("hq", "hq2")
BOARD = ("board", "board2", "board3", "board4", "board5")
ORGANIZATIONS = tuple(
    f"サンプル{kind}" for kind in ("大学", "商工会議所", "研究所", "銀行", "会計事務所")
)
HOURS = (time(9, 30), time(11, 0), time(13, 30), time(15, 0))
LENGTH = timedelta(minutes=75)
# How many of the hubs, in the order of their slots, have come how far; the rest are scheduled.
SETTLED, RECONCILING, SCORING = 3, 2, 2
UNPLANNED = 4
INITIATIVES = (
    (
        "金曜夜間のオンライン相談（サンプル）",
        "日中に来られない事業者のため、金曜の18時から20時にオンラインの相談を始めました。",
        "半年で126件の相談を受け、うち4割が初めての相談者でした。",
        "予約の様式と当番表を、ほかの拠点でもそのまま使えます。",
    ),
    (
        "信用金庫との同行訪問（サンプル）",
        "信用金庫の担当者と月2回、課題のある取引先をともに訪問しました。",
        "訪問先38者のうち21者で、販路か資金繰りの改善が進みました。",
        "同行の手順書と役割分担の表を用意しています。",
    ),
)


def hold_hearings(term: Term, say: Say) -> None:
    """Evaluators with their declarations, 47 hearings, panels, and scores in every state."""
    say(f"{term}のヒアリングの日程とパネルを編成し、一部を採点します。")
    hq = accounts.scope_of_account("hq")
    operations.prepare_hearings(hq, term=term)
    people = _evaluators(term)
    hubs = list(Hub.objects.select_related("bureau").order_by("code"))
    planned = hubs[: len(hubs) - UNPLANNED]
    for place, hub in enumerate(planned):
        hearing = Hearing.objects.select_related("hub__bureau", "term").get(term=term, hub=hub)
        _portfolio(hub, term, place)
        panel = (CHAIRS[place % 2], accounts.bureau_key(hub), BOARD[place % len(BOARD)])
        _plan(hearing, place, [people[key] for key in panel])
        if place < SETTLED + RECONCILING + SCORING:
            _score(hearing, place, panel)
    _later_interest(term, planned[SETTLED])


def _evaluators(term: Term) -> dict[str, Evaluator]:
    """HQ's two officers, one of each bureau, five members of the board, and the manager."""
    hq = accounts.scope_of_account("hq")
    keys = [*CHAIRS, *BOARD, *accounts.bureau_keys(), "pm"]
    found = {}
    for key in keys:
        scope = accounts.scope_of_account(key)
        organization = ORGANIZATIONS[BOARD.index(key)] if key in BOARD else ""
        found[key] = operations.add_evaluator(
            hq, term=term, user_id=scope.user_id or 0, organization=organization
        )
        # The manager has yet to sign.
        if key != "pm":
            operations.sign_declaration(scope, term=term)
    return found


def _portfolio(hub: Hub, term: Term, place: int) -> None:
    """Two hubs in three have written something."""
    chief = accounts.scope_of_account(f"cc-{hub.code}")
    for order, texts in enumerate(INITIATIVES[: place % 3], start=1):
        values = dict(zip(("title", "what", "effect", "transfer"), texts, strict=True))
        operations.save_initiative(chief, hub=hub, term=term, order=order, values=values, version=0)


def _plan(hearing: Hearing, place: int, panel: Sequence[Evaluator]) -> None:
    """A slot of its own for each hub: those that are scored already lie on the last days."""
    hq = accounts.scope_of_account("hq")
    for number, evaluator in enumerate(panel):
        role = PanelRole.MEMBER if number else PanelRole.CHAIR
        operations.seat_evaluator(hq, hearing=hearing, evaluator=evaluator, role=role)
    begun = SETTLED + RECONCILING + SCORING
    days = -1 - place // len(HOURS) if place < begun else 15 + (place - begun) // len(HOURS)
    day = add_business_days(clock.today(), days, closed_days())
    start = datetime.combine(day, HOURS[place % len(HOURS)], timezone.get_default_timezone())
    wanted = Appointment(start, start + LENGTH, f"{hearing.hub.bureau.name}会議室（サンプル）")
    operations.set_appointment(hq, hearing=hearing, wanted=wanted, version=hearing.version)
    operations.schedule_hearing(hq, hearing=hearing)


def _score(hearing: Hearing, place: int, panel: Sequence[str]) -> None:
    chair = accounts.scope_of_account(panel[0])
    hearing = operations.open_scoring(chair, hearing=hearing)
    hearing = Hearing.objects.select_related("hub__bureau", "term").get(pk=hearing.pk)
    rows = ChecklistResponse.objects.filter(hearing=hearing).select_related("item")
    items = [row.item.code for row in rows.order_by("item__order")]
    for number, item in enumerate(items[:-1]):
        if number % 3:
            proof = Proof("個別相談への同席記録（サンプル）", sat_in_on=clock.today())
            operations.add_evidence(chair, hearing=hearing, item=item, proof=proof)
    is_open = place >= SETTLED + RECONCILING
    for number, key in enumerate(panel):
        # While scoring, one has finished, one is in the middle, one has not begun.
        share = (len(items), len(items) // 2, 0)[number] if is_open else len(items)
        _give(hearing, place, number, key, items[:share], whole=share == len(items))
    if is_open:
        reason = "管内に対象となる団体がないため（サンプル）"
        operations.propose_not_applicable(chair, hearing=hearing, item=items[-1], reason=reason)
    if place < SETTLED:
        operations.settle_hearing(chair, hearing=hearing)


# PLR0913: one member's scores: where, whose, which.
def _give(
    hearing: Hearing, place: int, number: int, key: str, items: Sequence[str], *, whole: bool
) -> None:
    """The scores of one member, locked when they are complete."""
    actor = accounts.scope_of_account(key)
    differs = SETTLED <= place < SETTLED + RECONCILING
    for line, item in enumerate(items):
        score = (4, 1, 3)[number] if differs and line == 1 else _score_of(hearing, item, key)
        comment = "相談の記録から確かめました（サンプル）。" if line % 4 == 0 else ""
        operations.save_mark(actor, hearing=hearing, mark=Mark(item, str(score), comment))
    if whole:
        operations.lock_scores(actor, hearing=hearing)


def _score_of(hearing: Hearing, item: str, key: str) -> int:
    """Near each other, so that nobody has to talk again: 2 or 3."""
    base = 2 + roll("hearing", hearing.hub.code, item) % 2
    return min(4, base + between(0, 1, "rater", hearing.hub.code, item, key))


def _later_interest(term: Term, hub: Hub) -> None:
    """A member of the board declares an interest after having scored."""
    said = DeclaredInterest(hub.pk, "relative", "親族が拠点の実施機関に転職（サンプル）")
    actor = accounts.scope_of_account(BOARD[SETTLED % len(BOARD)])
    operations.declare_interest(actor, term=term, said=[said])
