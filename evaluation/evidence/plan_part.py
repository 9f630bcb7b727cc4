"""The plan as a book keeps it: the version in force at the cut, its targets, its focus areas."""

from typing import Any

from evaluation.evidence.sources import source, stamp
from evaluation.evidence.stock import Facts
from hubs.plans.models import Plan, PlanVersion
from hubs.plans.queries import content_of
from hubs.plans.rules.agreed import read_agreed


def plan_part(plan: Plan, facts: Facts) -> dict[str, Any]:
    """Targets of the version in force at the cut; the book names that version and its hash."""
    version = facts.amended.get(plan.pk)
    if version is not None:
        return _amended_part(version)
    return {
        "content_hash": plan.content_hash,
        "finalized_at": stamp(plan.finalized_at),
        "finalized_by": plan.finalized_by.name if plan.finalized_by else None,
        "version": 1,
        "effective_month": f"{facts.term.fiscal_year}-04",
        "source": source(plan),
        "targets": [
            {
                "code": row.indicator.code,
                "name": row.indicator.name,
                "unit": row.indicator.unit,
                "target": row.value,
                "challenge": f"{row.challenge:.2f}",
                "challenge_reason": row.challenge_reason,
                "is_zero_approved": row.is_zero_approved,
                "source": source(row),
            }
            for row in facts.targets[plan.pk]
        ],
        "focus_areas": [
            {
                "code": row.code,
                "name": row.name,
                "unit": row.unit,
                "target": row.target,
                "weight": None if row.weight is None else f"{row.weight:.2f}",
                "challenge": f"{row.challenge:.2f}",
                "challenge_reason": row.challenge_reason,
                "source": source(row),
            }
            for row in facts.areas[plan.pk]
            if row.added_in_id is None
        ],
    }


def _amended_part(version: PlanVersion) -> dict[str, Any]:
    agreed = read_agreed(content_of(version))
    return {
        "content_hash": version.content_hash,
        "finalized_at": stamp(version.finalized_at),
        "finalized_by": version.finalized_by_name or None,
        "version": version.number,
        "effective_month": f"{version.effective_month:%Y-%m}",
        "source": source(version),
        "targets": [
            {
                "code": row.code,
                "name": row.name,
                "unit": row.unit,
                "target": row.value,
                "challenge": f"{row.challenge:.2f}",
                "challenge_reason": row.reason,
                "is_zero_approved": row.is_zero_approved,
                "source": source(version),
            }
            for row in agreed.targets
        ],
        "focus_areas": [
            {
                "code": row.code,
                "name": row.name,
                "unit": row.unit,
                "target": row.target,
                "weight": None if row.weight is None else f"{row.weight:.2f}",
                "challenge": f"{row.challenge:.2f}",
                "challenge_reason": row.reason,
                "source": source(version),
            }
            for row in agreed.areas
        ],
    }
