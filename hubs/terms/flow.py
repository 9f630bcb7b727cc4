"""States of a term and of an activity policy, as tables."""

from hubs.terms.models import ActivityPolicy, PolicyState, Term, TermState
from yorozu.core.access import Scope
from yorozu.core.errors import Missing
from yorozu.core.flow import Flow, arrow


def _has_text(policy: ActivityPolicy, actor: Scope) -> list[Missing]:
    missing = []
    if not policy.title.strip():
        missing.append(Missing("標題を入力してください。"))
    if not policy.body.strip():
        missing.append(Missing("本文を入力してください。"))
    return missing


def _is_term_running(policy: ActivityPolicy, actor: Scope) -> list[Missing]:
    if policy.term.state == TermState.CLOSED:
        return [Missing("期が終了しているため、活動方針は公表できません。")]
    return []


def _months_are_settled(term: Term, actor: Scope) -> list[Missing]:
    """A month on its way through the approvals would be stuck in a closed term."""
    pending = term.monthly_reports.filter(state__in=["submitted", "confirmed"]).count()
    if pending:
        return [Missing(f"確認が終わっていない月次実績が{pending}件あります。")]
    return []


POLICY_FLOW = Flow(
    name="activity_policy",
    label="活動方針",
    states=PolicyState,
    transitions=(
        arrow(
            "hubs.terms.publish_policy",
            "公表",
            [PolicyState.DRAFT],
            PolicyState.PUBLISHED,
            _has_text,
            _is_term_running,
        ),
    ),
)

TERM_FLOW = Flow(
    name="term",
    label="期",
    states=TermState,
    transitions=(
        arrow(
            "hubs.terms.close",
            "期の終了",
            [TermState.OPEN],
            TermState.CLOSED,
            _months_are_settled,
        ),
    ),
)
