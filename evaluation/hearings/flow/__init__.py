"""States of a hearing: preparing -> scheduled -> scoring -> reconciling -> settled."""

from evaluation.hearings.flow.panels import clashing, composition_faults, panel_of
from evaluation.hearings.flow.scores import board_of
from evaluation.hearings.models import Hearing, HearingState
from yorozu.core import clock
from yorozu.core.access import Role, Scope
from yorozu.core.errors import Missing
from yorozu.core.flow import Flow, arrow

SCHEDULE, UNSCHEDULE = "evaluation.hearings.schedule", "evaluation.hearings.unschedule"
OPEN, LOCK = "evaluation.hearings.open", "evaluation.hearings.lock"
REFILL, SETTLE = "evaluation.hearings.refill", "evaluation.hearings.settle"
PLAN_PAGE, SCORE_PAGE = "hearing_plan", "hearing_score"


def _at_plan(hearing: Hearing, texts: list[str], anchor: str = "panel") -> list[Missing]:
    keys = (hearing.term.fiscal_year, hearing.hub.code)
    return [Missing(text, PLAN_PAGE, anchor, keys) for text in texts]


def has_times(hearing: Hearing, actor: Scope) -> list[Missing]:
    """Day, time and place are set."""
    lacking = []
    if hearing.starts_at is None or hearing.ends_at is None:
        lacking.append("ヒアリングの日時が決まっていません。")
    if not hearing.place.strip():
        lacking.append("ヒアリングの場所が決まっていません。")
    return _at_plan(hearing, lacking, "schedule")


def panel_is_complete(hearing: Hearing, actor: Scope) -> list[Missing]:
    """The composition rules hold: raters, organisations, linking rater, chair, no interest."""
    return _at_plan(hearing, composition_faults(panel_of(hearing)))


def enough_count(hearing: Hearing, actor: Scope) -> list[Missing]:
    """The same for closing: barred members stay on record, the others must suffice."""
    free = [facts for facts in panel_of(hearing) if not facts.barred]
    return _at_plan(hearing, composition_faults(free))


def nobody_is_twice(hearing: Hearing, actor: Scope) -> list[Missing]:
    """No member sits elsewhere at the same time."""
    return _at_plan(hearing, clashing(hearing), "schedule")


def day_has_come(hearing: Hearing, actor: Scope) -> list[Missing]:
    """Scoring begins on the day of the hearing, not before."""
    if hearing.starts_at is None:
        return []
    today = clock.today()
    day = hearing.starts_at.astimezone(clock.now().tzinfo).date()
    text = "ヒアリングの日より前に採点を始めることはできません。"
    return _at_plan(hearing, [text], "schedule") if today < day else []


def all_have_signed(hearing: Hearing, actor: Scope) -> list[Missing]:
    """Every member has signed the declaration of the term."""
    names = [facts.member.evaluator.name for facts in panel_of(hearing) if not facts.signed]
    return _at_plan(hearing, [f"{name}さんが利益相反の宣誓をしていません。" for name in names])


def chair_or_hq(hearing: Hearing, actor: Scope) -> list[Missing]:
    """Only the chair or HQ begins."""
    if actor.is_system or actor.role == Role.NATIONAL_HQ:
        return []
    return is_the_chair(hearing, actor)


def is_the_chair(hearing: Hearing, actor: Scope) -> list[Missing]:
    """Only the chair, who must be free of any interest in the hub."""
    chairs = [facts for facts in panel_of(hearing) if facts.member.is_chair and not facts.barred]
    if actor.is_system or any(f.member.evaluator.user_id == actor.user_id for f in chairs):
        return []
    return [Missing("この操作は、利益相反のない主査だけが行えます。")]


def all_have_locked(hearing: Hearing, actor: Scope) -> list[Missing]:
    """Every member who counts has locked the first scores."""
    waiting = [
        facts.member.evaluator.name
        for facts in panel_of(hearing)
        if facts.counts and facts.member.locked_at is None
    ]
    return [Missing(f"{name}さんの第1回の評点が確定していません。") for name in waiting]


def nothing_is_open(hearing: Hearing, actor: Scope) -> list[Missing]:
    """Every item is scored or excused, no proposal waits, every second score is given."""
    board = board_of(hearing)
    names = {facts.member.pk: facts.member.evaluator.name for facts in board.seats}
    final = board.final
    lacking = []
    for row in board.responses:
        code = row.item.code
        if row.pk in board.proposed:
            lacking.append(f"{code}：該当なしの提案が承認待ちです。")
        elif not row.is_not_applicable and not final.get(row.pk):
            lacking.append(f"{code}：有効な評点がありません。")
    for code, who in board.owed.items():
        people = "、".join(sorted(names[pk] for pk in who))
        lacking.append(f"{code}：再協議後の評点がありません（{people}）。")
    return [
        Missing(text, SCORE_PAGE, f"item-{text.split('：')[0]}", (hearing.pk,)) for text in lacking
    ]


def panel_has_gaps(hearing: Hearing, actor: Scope) -> list[Missing]:
    """Going back to scoring is for panels that lost members to an interest declared later."""
    if enough_count(hearing, actor):
        return []
    return [Missing("パネルは足りています。採点に戻す必要はありません。")]


HEARING_FLOW = Flow(
    "hearing",
    "このヒアリング",
    HearingState,
    (
        arrow(
            SCHEDULE,
            "日程とパネルを確定する",
            [HearingState.PREPARING],
            HearingState.SCHEDULED,
            has_times,
            panel_is_complete,
            nobody_is_twice,
        ),
        arrow(
            UNSCHEDULE,
            "日程とパネルを組み直す",
            [HearingState.SCHEDULED],
            HearingState.PREPARING,
            needs_reason=True,
        ),
        arrow(
            OPEN,
            "採点を始める",
            [HearingState.SCHEDULED],
            HearingState.SCORING,
            chair_or_hq,
            day_has_come,
            panel_is_complete,
            all_have_signed,
        ),
        arrow(
            LOCK,
            "第1回の評点を確定する",
            [HearingState.SCORING],
            HearingState.RECONCILING,
            all_have_locked,
        ),
        arrow(
            REFILL,
            "評価者を補充するため採点に戻す",
            [HearingState.RECONCILING],
            HearingState.SCORING,
            panel_has_gaps,
            needs_reason=True,
        ),
        arrow(
            SETTLE,
            "ヒアリングを確定する",
            [HearingState.RECONCILING],
            HearingState.SETTLED,
            is_the_chair,
            enough_count,
            nothing_is_open,
        ),
    ),
    page="hearing_hub",
    keys=lambda hearing: (hearing.term.fiscal_year, hearing.hub.code),
)
