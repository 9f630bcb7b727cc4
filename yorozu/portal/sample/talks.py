"""Invented talk about the plans: rounds about a target, comments, a return."""

from hubs.plans.models import Plan, TargetProposal
from hubs.plans.operations import (
    accept_value,
    add_comment,
    answer_comment,
    follow_comment,
    propose_value,
    return_plan,
    submit_plans,
)
from yorozu.core.access import Scope
from yorozu.portal.sample import accounts, plans
from yorozu.portal.sample.dice import roll
from yorozu.portal.sample.nation import SampleHub

SOLVED = "target_SOLVE"


def talk_about(plan: Plan, hub: SampleHub) -> None:
    """What hub and bureau said about a submitted plan before it was fixed."""
    year = plan.term.fiscal_year
    if plans.is_negotiated(hub, year):
        _negotiate(plan, plans.targets(hub, year)["課題解決件数"])
    if roll("comments", hub.code, year) % 6 == 0:
        _discuss(plan)


def _people(plan: Plan) -> tuple[str, str]:
    return accounts.bureau_key(plan.hub), f"cc-{plan.hub.code}"


def _negotiate(plan: Plan, agreed: int) -> None:
    """The bureau asks for more, the hub meets it halfway, the bureau accepts."""
    bureau, chief = (accounts.scope_of_account(key) for key in _people(plan))
    _propose(plan, bureau, agreed * 104 // 100, "前年度の実績と同じ規模の拠点の水準に近づけるため")
    reason = "新任のコーディネーターの研修が6月まで続くため、その分を差し引いた値を提案します。"
    last = _propose(plan, chief, agreed, reason)
    accept_value(actor=bureau, plan=plan, field=SOLVED, proposal=last.pk)


def _propose(plan: Plan, actor: Scope, value: int, reason: str) -> TargetProposal:
    return propose_value(actor=actor, plan=plan, field=SOLVED, value=value, reason=reason)


def _discuss(plan: Plan) -> None:
    bureau, chief = (accounts.scope_of_account(key) for key in _people(plan))
    head = add_comment(
        actor=bureau,
        plan=plan,
        section="regional_issues",
        body="紹介元に結果を伝える仕組みは、いつまでに始めますか。",
    )
    answer_comment(
        actor=chief, plan=plan, thread=head.pk, body="7月の連絡会で様式を決め、8月から始めます。"
    )
    follow_comment(actor=bureau, plan=plan, thread=head.pk, body="承知しました。", closes=True)


def leave_open(waiting: list[Plan]) -> None:
    """The plans that are still on their way: one with the bureau, one sent back, others drafts."""
    for plan, act in zip(waiting, (_leave_with_bureau, _send_back), strict=False):
        chief = accounts.scope_of_account(_people(plan)[1])
        submit_plans(actor=chief, term=plan.term, plans=[plan])
        act(Plan.objects.select_related("hub__bureau", "term").get(pk=plan.pk))


def _leave_with_bureau(plan: Plan) -> None:
    bureau = accounts.scope_of_account(_people(plan)[0])
    solved = plan.targets.get(indicator__code="SOLVE").value
    _propose(plan, bureau, solved * 110 // 100, "前年度の実績を下回る目標になっているため")
    add_comment(
        actor=bureau,
        plan=plan,
        section="f1",
        body="根拠の定めを、第三者が確かめられる書類にしてください。",
    )


def _send_back(plan: Plan) -> None:
    bureau = accounts.scope_of_account(_people(plan)[0])
    add_comment(
        actor=bureau,
        plan=plan,
        section="business_plan",
        body="重点分野ごとの進め方と、四半期ごとの見通しを書き足してください。",
    )
    return_plan(
        actor=bureau, plan=plan, reason="取組の進め方が具体的でないため、書き足してください。"
    )
