"""Comments on a part of the plan, answered and closed in threads that only grow."""

from django.db import transaction

from hubs.plans.flow import term_is_open, threads_of
from hubs.plans.models import CommentKind, Plan, PlanComment, PlanState, Side
from hubs.plans.operations.deciding import chiefs, officers, tell
from hubs.plans.operations.negotiating import side_of
from hubs.plans.queries import with_content
from hubs.plans.rules import section_label, section_names
from hubs.plans.rules.talk import CLOSED, thread_state
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Problem
from yorozu.core.flow import lock

LONGEST_COMMENT = 2_000


def add_comment(*, actor: Scope, plan: Plan, section: str, body: str) -> PlanComment:
    """The bureau comments on a part of the plan (rules.section_names); begins a thread."""
    require(actor, "hubs.plans.comment", hub_id=plan.hub_id)
    _check_body(body)
    with transaction.atomic():
        held = _open_plan(plan, actor)
        if section not in section_names(row.code for row in held.term.indicators.all()):
            raise InvalidInput([Problem(None, "箇所", "計画にない箇所です。")])
        line = PlanComment(section=section, kind=CommentKind.COMMENT, body=body.strip())
        return _keep(held, line, actor, "hubs.plans.comment")


def answer_comment(
    *, actor: Scope, plan: Plan, thread: int, body: str, closes: bool = False
) -> PlanComment:
    """The hub answers a thread, or says that it is settled (then the text may be left out)."""
    require(actor, "hubs.plans.answer", hub_id=plan.hub_id)
    return _reply(actor, plan, thread, body, "hubs.plans.answer", closes=closes)


def follow_comment(
    *, actor: Scope, plan: Plan, thread: int, body: str, closes: bool = False
) -> PlanComment:
    """The bureau goes on with a thread, or says that it is settled."""
    require(actor, "hubs.plans.comment", hub_id=plan.hub_id)
    return _reply(actor, plan, thread, body, "hubs.plans.comment", closes=closes)


def _reply(
    actor: Scope, plan: Plan, thread: int, body: str, action: str, *, closes: bool
) -> PlanComment:
    if not closes:
        _check_body(body)
    with transaction.atomic():
        held = _open_plan(plan, actor)
        lines = next((row for row in threads_of(held) if row[0].pk == thread), None)
        if lines is None:
            raise InvalidInput([Problem(None, "コメント", "この計画にないコメントです。")])
        if closes and thread_state(lines) == CLOSED:
            raise Conflict("このコメントはすでに対応済です。画面を開き直してください。")
        kind = CommentKind.CLOSED if closes else _kind_of(actor)
        line = PlanComment(thread=lines[0], section=lines[0].section, kind=kind, body=body.strip())
        return _keep(held, line, actor, action)


def _kind_of(actor: Scope) -> CommentKind:
    return CommentKind.ANSWER if side_of(actor) == Side.HUB else CommentKind.COMMENT


def _check_body(body: str) -> None:
    if not body.strip():
        raise InvalidInput([Problem(None, "本文", "コメントの本文を入力してください。")])
    if len(body) > LONGEST_COMMENT:
        text = f"{LONGEST_COMMENT:,}文字以内で入力してください（{len(body):,}文字）。"
        raise InvalidInput([Problem(None, "本文", text)])


def _open_plan(plan: Plan, actor: Scope) -> Plan:
    lock(plan)
    held = with_content(plan)
    if held.state == PlanState.FINALIZED:
        raise Conflict("事業計画は確定しているため、コメントは書けません。")
    if missing := term_is_open(held, actor):
        raise NotReady("コメントは書けません。", missing)
    return held


def _keep(plan: Plan, line: PlanComment, actor: Scope, action: str) -> PlanComment:
    line.plan, line.side = plan, side_of(actor)
    line.made_by_id, line.made_by_name = actor.user_id, actor.name[:80]
    line.made_at = clock.now()
    line.save()
    record(
        actor,
        action,
        plan,
        after={"section": line.section, "kind": line.kind, "body": line.body, "comment": line.pk},
    )
    names = {row.code: row.name for row in plan.term.indicators.all()}
    said = "対応済になりました" if line.kind == CommentKind.CLOSED else "書かれました"
    text = f"{plan.hub}の事業計画「{section_label(line.section, names)}」のコメントが{said}。"
    listeners = officers(plan) if line.side == Side.HUB else chiefs(plan)
    tell(plan, text, listeners, key=f"plan:{plan.pk}:comment:{line.pk}", page="plan_review")
    return line
