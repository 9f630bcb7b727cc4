"""When the last member who counts has locked, everybody sees the scores side by side."""

from django.urls import reverse

from evaluation.hearings.flow import HEARING_FLOW, LOCK, all_have_locked
from evaluation.hearings.flow.scores import board_of
from evaluation.hearings.models import Hearing, HearingState, PanelMember
from evaluation.hearings.operations.seats import seated_scope
from yorozu.core import clock
from yorozu.core.access import Scope
from yorozu.core.notices.operations import notify


def compare_if_all_locked(actor: Scope, hearing: Hearing) -> Hearing:
    """Move a hearing on when nobody's first scores are waited for, in the caller's transaction.

    The scores enter the trail here, all at once: before, nobody may learn of them.
    """
    fresh = Hearing.objects.select_related("hub", "term").get(pk=hearing.pk)
    if fresh.state != HearingState.SCORING or all_have_locked(fresh, actor):
        return fresh
    board = board_of(fresh)
    if not board.counting_seats:
        return fresh
    codes = {row.pk: row.item.code for row in board.responses}
    names = [f"M{facts.member.pk} {facts.member.evaluator.name}" for facts in board.seats]
    given = {
        codes[response]: {f"M{member}": score for member, score in scores.items()}
        for response, scores in board.first.items()
    }
    moved: Hearing = HEARING_FLOW.apply(
        fresh,
        LOCK,
        actor=seated_scope(actor, fresh),
        changes={"compared_at": clock.now()},
        audit={"scores": given, "members": names, "flagged": board.flagged},
    )
    members = PanelMember.objects.filter(hearing=moved)
    notify(
        members.values_list("evaluator__user_id", flat=True),
        key=f"hearings:compare:{moved.pk}:{moved.compared_at:%Y%m%d%H%M%S}",
        text=f"{moved.hub}のヒアリングは、全員の第1回の評点が確定しました。協議に進んでください。",
        url=reverse("hearing_score", args=[moved.pk]),
        mail=True,
    )
    return moved
