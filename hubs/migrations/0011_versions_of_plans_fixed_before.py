"""Plans that were finalized before versions existed get their first version, as it was hashed."""

import datetime

from django.db import migrations

from yorozu.core.canonical import canonical_json, sha256_text


def _content(plan, interview):
    return {
        "hub": plan.hub.code,
        "fiscal_year": plan.term.fiscal_year,
        "regional_analysis": plan.regional_analysis,
        "business_plan": plan.business_plan,
        "targets": [
            {
                "code": row.indicator.code,
                "value": row.value,
                "challenge": str(row.challenge),
                "reason": row.challenge_reason,
                "zero_approved": row.is_zero_approved,
            }
            for row in plan.targets.select_related("indicator").order_by("indicator__code")
        ],
        "focus_areas": [
            {
                "code": row.code,
                "name": row.name,
                "description": row.description,
                "unit": row.unit,
                "target": row.target,
                "weight": None if row.weight is None else str(row.weight),
                "challenge": str(row.challenge),
                "reason": row.challenge_reason,
            }
            for row in plan.focus_areas.order_by("code")
        ],
        "interview": {
            "held_on": interview.held_on.isoformat() if interview else "",
            "attendees": interview.attendees if interview else "",
            "minutes": interview.minutes if interview else "",
        },
    }


def write_first_versions(apps, schema_editor):
    plans = apps.get_model("hubs", "Plan").objects.filter(state="finalized")
    interviews = {row.plan_id: row for row in apps.get_model("hubs", "StartInterview").objects.all()}
    version_of = apps.get_model("hubs", "PlanVersion")
    for plan in plans.select_related("hub", "term", "finalized_by").order_by("pk"):
        text = canonical_json(_content(plan, interviews.get(plan.pk)))
        version_of.objects.create(
            plan=plan,
            number=1,
            kind="original",
            effective_month=datetime.date(plan.term.fiscal_year, 4, 1),
            content=text,
            content_hash=sha256_text(text),
            finalized_at=plan.finalized_at,
            finalized_by=plan.finalized_by,
            finalized_by_name=plan.finalized_by.name[:80] if plan.finalized_by else "",
        )


class Migration(migrations.Migration):
    dependencies = [("hubs", "0010_plan_versions_amendments_and_submissions")]
    operations = [migrations.RunPython(write_first_versions, migrations.RunPython.noop)]
