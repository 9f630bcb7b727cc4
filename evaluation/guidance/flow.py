"""States of a guidance case (発動 -> 計画作成 -> 合意 -> 実施 -> 点検 -> end) and of an action."""

from evaluation.guidance.models import (
    CLOSED,
    ActionState,
    CaseState,
    GuidanceAction,
    GuidanceCase,
    OwnerRole,
)
from yorozu.core.access import Role, Scope
from yorozu.core.errors import Missing
from yorozu.core.flow import Flow, arrow

VIEW, OPEN = "evaluation.guidance.view", "evaluation.guidance.open"
PLAN, AGREE = "evaluation.guidance.plan", "evaluation.guidance.agree"
START, REPLAN = "evaluation.guidance.start", "evaluation.guidance.replan"
NOTE, CHECKPOINT = "evaluation.guidance.note", "evaluation.guidance.checkpoint"
RESUME, RELEASE = "evaluation.guidance.resume", "evaluation.guidance.release"
CONTINUE, RAISE = "evaluation.guidance.continue", "evaluation.guidance.raise"
CANCEL = "evaluation.guidance.cancel"
EVIDENCE, FINISH = "evaluation.guidance.evidence", "evaluation.guidance.finish"
REPORT, CONFIRM = "evaluation.guidance.report", "evaluation.guidance.confirm"
RETURN, DROP = "evaluation.guidance.return", "evaluation.guidance.drop"
ESCALATE = "evaluation.guidance.escalate"

HUB_SIDE = frozenset({Role.CHIEF_COORDINATOR, Role.COORDINATOR, Role.IMPLEMENTING_BODY})
HUB_OWNERS = frozenset({OwnerRole.CHIEF, OwnerRole.COORDINATOR, OwnerRole.BODY})
TOP_LEVEL = 3


def plan_is_whole(case: GuidanceCase, actor: Scope) -> list[Missing]:
    """Causes, the state to be reached, and at least one action that is not dropped."""
    page = (case.pk,)
    missing = [
        Missing(text, "guidance_plan", anchor, page)
        for text, anchor, value in (
            ("原因が記入されていません。", "id_causes", case.causes),
            ("目標とする状態が記入されていません。", "id_goal", case.goal),
        )
        if not value.strip()
    ]
    # Lists load the actions of all their cases at once.
    if all(action.state == ActionState.DROPPED for action in case.actions.all()):
        missing.append(Missing("取組が1件もありません。", "guidance_action_new", "", page))
    return missing


def both_sides_agree(case: GuidanceCase, actor: Scope) -> list[Missing]:
    """The other side has agreed before: this signature is the second one."""
    own_is_hub = actor.role in HUB_SIDE
    other = case.bureau_agreed_at if own_is_hub else case.hub_agreed_at
    if other is not None:
        return []
    return [Missing("経済産業局の合意待ちです。" if own_is_hub else "拠点の合意待ちです。")]


def can_be_raised(case: GuidanceCase, actor: Scope) -> list[Missing]:
    """There is a level above."""
    if case.level < TOP_LEVEL:
        return []
    return [Missing("特別指導（段階3）より上の段階はありません。継続を選んでください。")]


OPEN_STATES = [state for state in CaseState if state not in CLOSED]
CASE_FLOW = Flow(
    "guidance_case",
    "この重点指導",
    CaseState,
    (
        arrow(PLAN, "計画の作成", [CaseState.OPENED], CaseState.PLANNING),
        arrow(
            AGREE,
            "計画に合意する",
            [CaseState.PLANNING],
            CaseState.AGREED,
            plan_is_whole,
            both_sides_agree,
        ),
        arrow(START, "実施を始める", [CaseState.AGREED], CaseState.RUNNING, plan_is_whole),
        arrow(
            REPLAN,
            "計画を見直す",
            [CaseState.AGREED, CaseState.RUNNING, CaseState.REVIEW],
            CaseState.PLANNING,
            needs_reason=True,
        ),
        arrow(CHECKPOINT, "四半期の点検を記録する", [CaseState.RUNNING], CaseState.REVIEW),
        arrow(RESUME, "実施を続ける", [CaseState.REVIEW], CaseState.RUNNING),
        arrow(RELEASE, "解除する", [CaseState.REVIEW], CaseState.RELEASED, needs_reason=True),
        arrow(CONTINUE, "継続する", OPEN_STATES, CaseState.CONTINUED, needs_reason=True),
        arrow(RAISE, "引き上げる", OPEN_STATES, CaseState.RAISED, can_be_raised, needs_reason=True),
        arrow(
            CANCEL,
            "発動を取り消す",
            [CaseState.OPENED, CaseState.PLANNING],
            CaseState.CANCELLED,
            needs_reason=True,
        ),
    ),
    page="guidance_detail",
)


def case_is_running(action: GuidanceAction, actor: Scope) -> list[Missing]:
    """Actions are done after the plan has begun."""
    if action.case.is_running:
        return []
    return [Missing("計画の実施が始まっていません。", "guidance_detail", "", (action.case_id,))]


def case_is_open(action: GuidanceAction, actor: Scope) -> list[Missing]:
    """What belonged to a case that is over stays as it was."""
    if action.case.is_open:
        return []
    return [
        Missing(
            "この重点指導は終了しています。取組は変更できません。",
            "guidance_detail",
            "",
            (action.case_id,),
        )
    ]


def is_own_action(action: GuidanceAction, actor: Scope) -> list[Missing]:
    """The side that answers for it says that it is done; within the hub anybody of the hub's side.

    An action named to one account is that person's.
    """
    if actor.is_system or (action.owner_id is not None and action.owner_id == actor.user_id):
        return []
    is_of_hub = action.owner_role in HUB_OWNERS
    if is_of_hub and actor.role in HUB_SIDE:
        return []
    if not is_of_hub and actor.role is not None and actor.role.value == action.owner_role:
        return []
    return [Missing(f"この取組の担当は{OwnerRole(action.owner_role).label}です。")]


def is_plain(action: GuidanceAction, actor: Scope) -> list[Missing]:
    """A serious action is reported, and confirmed by a second person."""
    if not action.is_serious:
        return []
    return [Missing("重要な取組は、完了を報告して別の人の確認を受けてください。")]


def is_grave(action: GuidanceAction, actor: Scope) -> list[Missing]:
    """Only serious actions wait for a second person."""
    return [] if action.is_serious else [Missing("この取組は、確認を受けずに完了できます。")]


def is_shown(action: GuidanceAction, actor: Scope) -> list[Missing]:
    """There is evidence; for a serious action a file."""
    rows = action.evidence.all()
    page = (action.pk,)
    if not rows.exists():
        return [Missing("完了を示す資料がありません。", "guidance_action", "evidence", page)]
    if action.is_serious and not rows.exclude(file_hash="").exists():
        text = "重要な取組には、資料のファイルが必要です。"
        return [Missing(text, "guidance_action", "evidence", page)]
    return []


def second_person(action: GuidanceAction, actor: Scope) -> list[Missing]:
    """Four eyes: who reported an action or answers for it does not confirm it."""
    if actor.is_system or actor.user_id not in {action.reported_by_id, action.owner_id}:
        return []
    return [Missing("完了を報告した本人や担当者は確認できません。別の人が確認してください。")]


ACTION_FLOW = Flow(
    "guidance_action",
    "この取組",
    ActionState,
    (
        arrow(
            FINISH,
            "完了にする",
            [ActionState.OPEN],
            ActionState.DONE,
            case_is_running,
            is_own_action,
            is_plain,
            is_shown,
        ),
        arrow(
            REPORT,
            "完了を報告する",
            [ActionState.OPEN],
            ActionState.REPORTED,
            case_is_running,
            is_own_action,
            is_grave,
            is_shown,
        ),
        arrow(
            CONFIRM,
            "完了を確認する",
            [ActionState.REPORTED],
            ActionState.DONE,
            case_is_running,
            second_person,
        ),
        arrow(
            RETURN,
            "差し戻す",
            [ActionState.REPORTED],
            ActionState.OPEN,
            case_is_running,
            second_person,
            needs_reason=True,
        ),
        arrow(
            DROP,
            "中止する",
            [ActionState.OPEN, ActionState.REPORTED],
            ActionState.DROPPED,
            case_is_open,
            needs_reason=True,
        ),
    ),
    page="guidance_action",
)
