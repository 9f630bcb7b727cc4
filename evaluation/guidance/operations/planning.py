"""The plan of a case: causes, support, actions; agreed by hub and bureau; begun."""

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max

from evaluation.guidance.flow import (
    AGREE,
    CASE_FLOW,
    HUB_SIDE,
    NOTE,
    PLAN,
    REPLAN,
    START,
    plan_is_whole,
)
from evaluation.guidance.models import (
    CaseState,
    GuidanceAction,
    GuidanceCase,
    GuidanceNote,
)
from evaluation.guidance.operations.telling import tell_agreement, tell_case
from evaluation.guidance.queries import (
    bureau_people,
    choices_of_links,
    hq_people,
    hub_people,
    reserve_of,
)
from evaluation.guidance.queries.people import owner_of
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, InvalidInput, Missing, NotReady, Problem
from yorozu.core.figures import format_yen
from yorozu.core.flow import lock

MAX_TEXT = 4_000


class Overtaken(Conflict):
    """Somebody saved the same plan first: the page shows both texts."""


UNSIGNED: dict[str, Any] = {
    "hub_agreed_at": None,
    "hub_agreed_by": "",
    "bureau_agreed_at": None,
    "bureau_agreed_by": "",
}


@dataclass(frozen=True)
class PlanValues:
    """The plan's own fields; seats and yen are whole and not negative."""

    causes: str = ""
    goal: str = ""
    project_manager: str = ""
    supporter: str = ""
    training_seats: int = 0
    support_yen: int = 0
    support_note: str = ""

    def columns(self) -> dict[str, Any]:
        """By column of the case."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True)
class ActionValues:
    """One action as it is typed; ``owner`` is a choice of ``queries.owner_choices``."""

    text: str
    owner: str
    due: date
    evidence_rule: str
    link: str = ""
    target: str = ""
    is_serious: bool = False


def save_plan(
    *, actor: Scope, case: GuidanceCase, values: PlanValues, version: int
) -> GuidanceCase:
    """Write causes and support; what was agreed on before has to be agreed on again.

    ``version`` is the one the writer has read: Conflict when somebody wrote in the meantime or the
    plan is agreed already, InvalidInput for texts too long and support beyond the reserve.
    """
    with transaction.atomic():
        row = _writable(actor, case)
        if row.version != version:
            raise Overtaken(
                "ほかの人が先に計画を保存しました。最新の内容を確かめて、もう一度保存してください。",
                Missing(str(row), "guidance_plan", link_args=(row.pk,)),
            )
        _check_plan(row, values)
        if row.state == CaseState.OPENED:
            CASE_FLOW.apply(row, PLAN, actor=actor)
        before = {name: getattr(row, name) for name in values.columns()}
        after = values.columns()
        changed = [name for name in after if after[name] != before[name]]
        if changed:
            GuidanceCase.objects.filter(pk=row.pk).update(
                **after, **UNSIGNED, version=row.version + 1
            )
            record(
                actor,
                PLAN,
                row,
                before={name: before[name] for name in changed},
                after={name: after[name] for name in changed},
            )
        row.refresh_from_db()
    return row


def _check_plan(case: GuidanceCase, values: PlanValues) -> None:
    problems = [
        Problem(None, label, f"{MAX_TEXT:,}字以内で入力してください。")
        for label, text in (
            ("原因", values.causes),
            ("目標とする状態", values.goal),
            ("支援の内容", values.support_note),
        )
        if len(text) > MAX_TEXT
    ]
    if values.training_seats < 0 or values.support_yen < 0:
        problems.append(Problem(None, "支援", "受講枠と支援額は0以上で入力してください。"))
    if values.support_yen > 0:
        reserve = reserve_of(case)
        if reserve is None:
            text = "配分案が採用されるまで、留保からの支援額は0円にしてください。"
            problems.append(Problem(None, "留保からの支援額", text))
        elif values.support_yen > reserve.left:
            text = f"留保の残り（{format_yen(reserve.left)}）以内で入力してください。"
            problems.append(Problem(None, "留保からの支援額", text))
    if problems:
        raise InvalidInput(problems)


def require_writable(actor: Scope, case: GuidanceCase) -> None:
    """Refused for other roles and hubs, Conflict unless the plan may be written now."""
    require(actor, PLAN, hub_id=case.hub_id)
    if not case.is_planning:
        label = CaseState(case.state).label
        raise Conflict(
            f"この重点指導は現在「{label}」のため、計画を変更できません。"
            "変更するときは、先に「計画を見直す」を行ってください。",
            Missing(str(case), "guidance_detail", link_args=(case.pk,)),
        )


def _writable(actor: Scope, case: GuidanceCase) -> GuidanceCase:
    """The locked case, while its plan may be written."""
    require(actor, PLAN, hub_id=case.hub_id)
    row: GuidanceCase = lock(case)
    require_writable(actor, row)
    return row


def plan_changed(actor: Scope, row: GuidanceCase) -> None:
    """The plan of this locked case has changed: begun if it was not, signatures fall."""
    if row.state == CaseState.OPENED:
        CASE_FLOW.apply(row, PLAN, actor=actor)
    GuidanceCase.objects.filter(pk=row.pk).update(**UNSIGNED, version=row.version + 1)


def add_action(*, actor: Scope, case: GuidanceCase, values: ActionValues) -> GuidanceAction:
    """Add an action to a plan that is being written."""
    with transaction.atomic():
        row = _writable(actor, case)
        columns = _columns(row, values)
        plan_changed(actor, row)
        last = row.actions.aggregate(last=Max("number"))["last"] or 0
        action = GuidanceAction.objects.create(case=row, number=last + 1, **columns)
        record(actor, PLAN, action, after=_as_text(columns))
    return action


def change_action(*, actor: Scope, action: GuidanceAction, values: ActionValues) -> GuidanceAction:
    """Change an action of a plan that is being written, unless it is over."""
    with transaction.atomic():
        row = _writable(actor, action.case)
        found: GuidanceAction = lock(action)
        if found.is_over:
            raise Conflict(f"この取組は「{found.get_state_display()}」のため、変更できません。")
        columns = _columns(row, values)
        before = {name: getattr(found, name) for name in columns}
        if before != columns:
            plan_changed(actor, row)
            GuidanceAction.objects.filter(pk=found.pk).update(**columns)
            record(actor, PLAN, found, before=_as_text(before), after=_as_text(columns))
        found.refresh_from_db()
    return found


def _columns(case: GuidanceCase, values: ActionValues) -> dict[str, Any]:
    """Checked values by column."""
    problems = []
    texts = {"取組": values.text, "完了を示す資料": values.evidence_rule}
    problems += [
        Problem(None, label, "入力してください。")
        for label, text in texts.items()
        if not text.strip()
    ]
    if len(values.text) > MAX_TEXT:
        problems.append(Problem(None, "取組", f"{MAX_TEXT:,}字以内で入力してください。"))
    if values.due < clock.today():
        problems.append(Problem(None, "期限", "今日以降の日を入力してください。"))
    links = dict(choices_of_links(case))
    if values.link and values.link not in links:
        problems.append(Problem(None, "対応する項目", "一覧から選んでください。"))
    try:
        role, user_id, name = owner_of(case.hub, values.owner)
    except ValueError:
        problems.append(Problem(None, "担当", "一覧から選んでください。"))
    if problems:
        raise InvalidInput(problems)
    return {
        "text": values.text.strip(),
        "owner_role": role.value,
        "owner_id": user_id,
        "owner_name": name,
        "due": values.due,
        "evidence_rule": values.evidence_rule.strip(),
        "link": values.link,
        "link_label": links.get(values.link, "")[:200],
        "target": values.target.strip(),
        "is_serious": values.is_serious,
    }


def _as_text(columns: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in columns.items()
    }


def agree(*, actor: Scope, case: GuidanceCase) -> GuidanceCase:
    """Sign for one's side, hub or bureau; the second signature makes the plan binding.

    NotReady while the plan lacks something, Conflict when one's side has signed already.
    """
    require(actor, AGREE, hub_id=case.hub_id)
    by_hub = actor.role in HUB_SIDE
    side = "hub" if by_hub else "bureau"
    with transaction.atomic():
        row: GuidanceCase = lock(case)
        CASE_FLOW.require(row, AGREE, actor)
        missing = plan_is_whole(row, actor)
        if missing:
            raise NotReady("まだ計画に合意できません。次を確認してください。", missing)
        if getattr(row, f"{side}_agreed_at") is not None:
            raise Conflict("この側はすでに合意しています。")
        other = row.bureau_agreed_at if by_hub else row.hub_agreed_at
        signed = {f"{side}_agreed_at": clock.now(), f"{side}_agreed_by": actor.label[:200]}
        if other is not None:
            row = CASE_FLOW.apply(row, AGREE, actor=actor, changes=signed, audit={"side": side})
        else:
            GuidanceCase.objects.filter(pk=row.pk).update(**signed)
            record(actor, AGREE, row, after={"side": side})
            row.refresh_from_db()
        tell_agreement(row, whole=other is not None, by_hub=by_hub, number=row.version)
    return row


def start(*, actor: Scope, case: GuidanceCase) -> GuidanceCase:
    """Begin the agreed plan: from now on actions fall due."""
    with transaction.atomic():
        moved: GuidanceCase = CASE_FLOW.apply(
            case, START, actor=actor, changes={"started_at": clock.now()}
        )
        text = f"{moved.hub}の重点指導の実施が始まりました。取組の期限を確かめてください。"
        tell_case(moved, hub_people(moved.hub_id), f"started:{moved.version}", text)
    return moved


def replan(*, actor: Scope, case: GuidanceCase, reason: str) -> GuidanceCase:
    """Open an agreed plan again; both sides have to agree once more."""
    with transaction.atomic():
        moved: GuidanceCase = CASE_FLOW.apply(
            case,
            REPLAN,
            actor=actor,
            reason=reason.strip(),
            changes={**UNSIGNED, "version": case.version + 1},
        )
        people = [*hub_people(moved.hub_id), *bureau_people(moved.hub_id), *hq_people()]
        text = f"{moved.hub}の重点指導の計画を見直します。"
        tell_case(moved, people, f"replan:{moved.version}", text)
    return moved


def add_note(*, actor: Scope, case: GuidanceCase, text: str) -> GuidanceNote:
    """Say something about an open case; the other sides are told."""
    require(actor, NOTE, hub_id=case.hub_id)
    text = text.strip()
    if not text or len(text) > MAX_TEXT:
        message = (
            f"意見は{MAX_TEXT:,}字以内で入力してください。" if text else "意見を入力してください。"
        )
        raise InvalidInput([Problem(None, "意見", message)])
    with transaction.atomic():
        row: GuidanceCase = lock(case)
        if not row.is_open:
            raise Conflict("この重点指導は終了しているため、意見を追加できません。")
        note = GuidanceNote.objects.create(
            case=row, text=text, by_id=actor.user_id, by_name=actor.label[:200]
        )
        record(actor, NOTE, row, reason=text)
        everybody = {*hub_people(row.hub_id), *bureau_people(row.hub_id), *hq_people()}
        said = f"{row.hub}の重点指導に、意見が届きました。"
        tell_case(row, everybody - {actor.user_id or 0}, f"note:{note.pk}", said)
    return note
