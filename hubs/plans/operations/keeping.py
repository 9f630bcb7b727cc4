"""Writing down what was submitted and what was fixed, inside the caller's transaction."""

from hubs.plans.models import Plan, PlanSubmission, PlanVersion, VersionKind
from hubs.plans.queries import plan_content, with_content
from yorozu.core import clock
from yorozu.core.access import Scope
from yorozu.core.canonical import canonical_json, sha256_text
from yorozu.core.fiscal import first_day


def keep_submission(plan: Plan, actor: Scope) -> PlanSubmission:
    """The content as submitted; a later difference is taken against it."""
    content = canonical_json(plan_content(with_content(plan)))
    return PlanSubmission.objects.create(
        plan=plan,
        number=plan.submissions.count() + 1,
        submitted_at=plan.submitted_at or clock.now(),
        submitted_by_name=actor.name[:80],
        content=content,
        content_hash=sha256_text(content),
    )


def keep_original(plan: Plan, content: str, actor: Scope) -> PlanVersion:
    """Version 1: what was agreed at the interview, in force from April on."""
    return PlanVersion.objects.create(
        plan=plan,
        number=1,
        kind=VersionKind.ORIGINAL,
        effective_month=first_day(plan.term.fiscal_year),
        content=content,
        content_hash=sha256_text(content),
        finalized_at=plan.finalized_at or clock.now(),
        finalized_by_id=actor.user_id,
        finalized_by_name=actor.name[:80],
    )
