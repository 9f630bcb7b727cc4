"""Scores of one's own, their lock, the second score after talking again, and the closing."""

from dataclasses import dataclass

from django.db import transaction
from django.urls import reverse

from evaluation.hearings.flow import HEARING_FLOW, SETTLE
from evaluation.hearings.flow.scores import board_of
from evaluation.hearings.models import (
    ChecklistResponse,
    Hearing,
    HearingState,
    PanelMember,
    PanelRating,
)
from evaluation.hearings.operations.comparing import compare_if_all_locked
from evaluation.hearings.operations.evaluators import find_blocks
from evaluation.hearings.operations.holding import hold, response_of, wrong_state
from evaluation.hearings.operations.seats import own_seat, seated_scope
from evaluation.hearings.queries.people import hq_people
from evaluation.hearings.rules.scoring import LONGEST_COMMENT, ItemFacts, open_items, read_score
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.canonical import canonical_hash
from yorozu.core.errors import Conflict, InvalidInput, Missing, NotReady, Problem
from yorozu.core.flow import lock
from yorozu.core.notices.operations import notify

RATE, LOCK_FIRST = "evaluation.hearings.rate", "evaluation.hearings.lock"


@dataclass(frozen=True)
class Mark:
    """What a member gives on one item, as typed; ``version`` is the one on the page (0: none)."""

    item: str
    score: str = ""
    comment: str = ""
    version: int = 0


class RatingConflict(Conflict):
    """The same member wrote from another window meanwhile; carries both texts."""

    def __init__(self, rating: PanelRating, mark: Mark) -> None:
        at = f"{rating.updated_at.astimezone(clock.now().tzinfo):%H:%M}"
        super().__init__(f"別の画面で{at}に更新されています。")
        self.rating = rating
        self.mark = mark


def save_mark(actor: Scope, *, hearing: Hearing, mark: Mark) -> PanelRating | None:
    """Save one's own score and comment on an item; None when nothing was typed and none stands.

    First scores while scoring, second ones while the panel talks again; what is locked is refused.
    InvalidInput for anything but 0 to 4; RatingConflict when another window of the same person was
    faster. Other members are neither read nor held up.
    """
    seat = _seat(actor, hearing)
    try:
        score = read_score(mark.score)
    except ValueError as error:
        raise InvalidInput([Problem(None, mark.item, str(error))]) from None
    comment = mark.comment.replace("\r\n", "\n").strip()
    if len(comment) > LONGEST_COMMENT:
        text = f"所見は{LONGEST_COMMENT:,}文字までです。"
        raise InvalidInput([Problem(None, mark.item, text)])
    with transaction.atomic():
        # The hearing before the seat, as in every other act on both.
        held = _hearing_for(hearing)
        member = lock(seat)
        turn = _turn(held, member)
        response = _response(held, mark.item, turn)
        rating = PanelRating.objects.filter(member=member, response=response, round=turn).first()
        if rating is None:
            if score is None and not comment:
                return None
            rating = PanelRating.objects.create(
                member=member,
                response=response,
                round=turn,
                score=score,
                comment=comment,
                updated_at=clock.now(),
            )
            _record(actor, rating, mark.item, hearing)
            return rating
        if (rating.score, rating.comment) == (score, comment):
            return rating
        if rating.version != mark.version:
            raise RatingConflict(rating, mark)
        rating.score, rating.comment = score, comment
        rating.version += 1
        rating.updated_at = clock.now()
        rating.save(update_fields=["score", "comment", "version", "updated_at"])
        _record(actor, rating, mark.item, hearing)
    return rating


def _seat(actor: Scope, hearing: Hearing) -> PanelMember:
    """The actor's seat, with the right that comes from it."""
    require(seated_scope(actor, hearing), RATE, hub_id=hearing.hub_id)
    return own_seat(actor, hearing).member


def _hearing_for(hearing: Hearing) -> Hearing:
    """The state as it is now; second scores meet the closing, so they wait for it."""
    fresh = Hearing.objects.get(pk=hearing.pk)
    if fresh.state == HearingState.RECONCILING:
        return hold(hearing)
    fresh.hub, fresh.term = hearing.hub, hearing.term
    return fresh


def _turn(hearing: Hearing, member: PanelMember) -> int:
    """Which round is written now; Conflict when none is."""
    if hearing.state == HearingState.SCORING and member.locked_at is None:
        return PanelRating.FIRST
    if hearing.state == HearingState.RECONCILING:
        return PanelRating.SECOND
    if hearing.state == HearingState.SCORING:
        raise Conflict("第1回の評点は確定しています。全員の確定を待ってください。")
    raise wrong_state(hearing, "評点を入力")


def _response(hearing: Hearing, code: str, turn: int) -> ChecklistResponse:
    response = response_of(hearing, code)
    if response.is_not_applicable:
        raise Conflict(f"{code}は該当なしと承認されているため、評点を入力できません。")
    if turn == PanelRating.SECOND and code not in board_of(hearing).flagged:
        raise Conflict(f"{code}は再協議の対象ではありません（評点の差が2未満です）。")
    return response


def _record(actor: Scope, rating: PanelRating, code: str, hearing: Hearing) -> None:
    """That something was written, not what: the trail is read by people who must not know yet."""
    record(
        actor,
        RATE,
        rating,
        after={"item": code, "round": rating.round, "version": rating.version},
        hub_id=hearing.hub_id,
    )


def lock_scores(actor: Scope, *, hearing: Hearing) -> Hearing:
    """Lock one's own first scores; with the last member the panel sees all of them.

    NotReady names items neither scored nor excused. The trail keeps a hash of the scores, which
    anybody can compare once they are open.
    """
    seat = _seat(actor, hearing)
    with transaction.atomic():
        held = hold(hearing)
        member = lock(seat)
        if held.state != HearingState.SCORING or member.locked_at is not None:
            raise Conflict("第1回の評点は、すでに確定しています。")
        board = board_of(held)
        facts = board.facts_of_items()
        lacking = open_items(facts, board.scored_by(member.pk))
        if lacking:
            raise NotReady(
                "まだ第1回の評点を確定できません。次の項目の評点を入力してください。",
                [
                    Missing(_why(item), "hearing_score", f"item-{item.code}", (held.pk,))
                    for item in facts
                    if item.code in lacking
                ],
            )
        codes = {row.pk: row.item.code for row in board.responses}
        own = {
            codes[row.response_id]: row.score
            for row in board.ratings
            if row.member_id == member.pk and row.score is not None
        }
        PanelMember.objects.filter(pk=member.pk).update(locked_at=clock.now())
        record(
            actor,
            LOCK_FIRST,
            member,
            after={"scores": len(own), "sha256": canonical_hash(own)},
            hub_id=held.hub_id,
        )
        return compare_if_all_locked(actor, held)


def _why(item: ItemFacts) -> str:
    said = "該当なしの提案が承認待ちです。" if item.is_proposed else "評点がありません。"
    return f"{item.code}：{said}"


def settle_hearing(actor: Scope, *, hearing: Hearing) -> Hearing:
    """The chair closes: from here nothing of the hearing changes. NotReady names what is open.

    What the records say about the members is looked at once more before.
    """
    _seat(actor, hearing)
    with transaction.atomic():
        members = PanelMember.objects.filter(hearing=hearing).select_related("evaluator")
        find_blocks(actor, hearing.term, [(row.evaluator, hearing) for row in members])
    seat = own_seat(actor, hearing)
    with transaction.atomic():
        # Under the lock: no second score slips in between the hash and the closing.
        held = hold(hearing)
        moved: Hearing = HEARING_FLOW.apply(
            held,
            SETTLE,
            actor=seated_scope(actor, hearing),
            changes={"settled_at": clock.now(), "settled_by_name": actor.label[:200]},
            audit={"sha256": canonical_hash(_final(held)), "chair": seat.member.evaluator.name},
        )
        notify(
            hq_people(),
            key=f"hearings:settled:{moved.pk}",
            text=f"{moved.hub}のヒアリングが確定しました。",
            url=reverse("hearing_hub", args=[moved.term.fiscal_year, moved.hub.code]),
        )
    return moved


def _final(hearing: Hearing) -> dict[str, dict[str, int]]:
    """What counts, by code and member number, for the hash in the trail."""
    board = board_of(hearing)
    codes = {row.pk: row.item.code for row in board.responses}
    return {
        codes[response]: {str(member): score for member, score in scores.items()}
        for response, scores in board.final.items()
    }
