"""What of a plan can be shown, printed and compared: versions, submissions, last year's.

Every edition is a content of the same shape (queries.content), named by a short key: ``v2`` a
version, ``s1`` a submission, ``now`` the plan as it is being written, ``last`` last year's plan.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hubs.plans.models import Plan, PlanState, PlanSubmission, PlanVersion
from hubs.plans.queries.content import bodies_of, plan_content
from hubs.plans.queries.force import content_of
from hubs.plans.queries.listing import visible_plans_of
from hubs.plans.rules.agreed import Named
from yorozu.core.canonical import canonical_hash
from yorozu.core.fiscal import nendo, wareki_month

NOW, LAST = "now", "last"


@dataclass(frozen=True)
class Edition:
    """One text of a plan; ``plan`` is last year's for the key ``last``."""

    key: str
    label: str
    plan: Plan
    content: Mapping[str, Any]
    content_hash: str
    at: datetime | None = None
    by: str = ""
    version: PlanVersion | None = None

    @property
    def names(self) -> dict[str, Named]:
        """Names of the indicators of its year, for contents that carry codes only."""
        return {row.code: Named(row.name, row.unit) for row in self.plan.term.indicators.all()}

    @property
    def hub_name(self) -> str:
        """Name of the hub as it was then; today's for contents from before names were kept."""
        return str(self.content.get("hub_name") or self.plan.hub.name)

    @property
    def bureau_name(self) -> str:
        """Name of the bureau as it was then."""
        return str(self.content.get("bureau") or self.plan.hub.bureau.name)

    @property
    def body_names(self) -> str:
        """Implementing bodies of the year; blank without a contract."""
        said = self.content.get("implementing_body")
        return bodies_of(self.plan) if said is None else str(said)


def version_label(version: PlanVersion) -> str:
    """第2版（変更、令和8年10月から）; 第1版（当初）."""
    if version.number == 1:
        return "第1版（当初）"
    return f"第{version.number}版（変更、{wareki_month(version.effective_month)}から）"


def of_version(plan: Plan, version: PlanVersion) -> Edition:
    """A finalized version as an edition."""
    return Edition(
        key=f"v{version.number}",
        label=version_label(version),
        plan=plan,
        content=content_of(version),
        content_hash=version.content_hash,
        at=version.finalized_at,
        by=version.finalized_by_name,
        version=version,
    )


def _of_submission(plan: Plan, row: PlanSubmission) -> Edition:
    return Edition(
        key=f"s{row.number}",
        label=f"第{row.number}回の提出",
        plan=plan,
        content=content_of(row),
        content_hash=row.content_hash,
        at=row.submitted_at,
        by=row.submitted_by_name,
    )


def _as_written(plan: Plan) -> Edition:
    content = plan_content(plan)
    return Edition(
        key=NOW,
        label=f"現在の内容（{plan.get_state_display()}）",
        plan=plan,
        content=content,
        content_hash=canonical_hash(content),
        at=plan.updated_at,
        by=plan.updated_by_name,
    )


def current_edition(plan: Plan) -> Edition:
    """What the plan says today: its last version, or the text as it stands before that."""
    version = plan.versions.order_by("-number").first()
    return _as_written(plan) if version is None else of_version(plan, version)


def version_edition(plan: Plan, number: int) -> Edition | None:
    """One finalized version."""
    version = plan.versions.filter(number=number).first()
    return None if version is None else of_version(plan, version)


def last_year_edition(plan: Plan) -> Edition | None:
    """Last year's plan of the same hub: its last version, or its text if it was never fixed."""
    key = Plan.objects.filter(hub=plan.hub_id, term__fiscal_year=plan.term.fiscal_year - 1)
    found = visible_plans_of(list(key.values_list("pk", flat=True)))
    if not found:
        return None
    edition = current_edition(found[0])
    year = nendo(found[0].term.fiscal_year)
    return Edition(
        key=LAST,
        label=f"{year}の計画　{edition.label}",
        plan=found[0],
        content=edition.content,
        content_hash=edition.content_hash,
        at=edition.at,
        by=edition.by,
        version=edition.version,
    )


def editions_of(plan: Plan) -> list[tuple[str, str]]:
    """(key, label) of everything the plan can be compared with, the oldest first."""
    year = plan.term.fiscal_year - 1
    choices = []
    if Plan.objects.filter(hub=plan.hub_id, term__fiscal_year=year).exists():
        choices.append((LAST, f"{nendo(year)}の計画"))
    rows = plan.submissions.order_by("number").values_list("number", flat=True)
    choices += [(f"s{number}", f"第{number}回の提出") for number in rows]
    versions = plan.versions.order_by("number").defer("content")
    choices += [(f"v{row.number}", version_label(row)) for row in versions]
    if plan.state != PlanState.FINALIZED or not versions:
        choices.append((NOW, f"現在の内容（{plan.get_state_display()}）"))
    return choices


def edition(plan: Plan, key: str) -> Edition | None:
    """The edition of this key; None for a key the plan does not have."""
    if key == NOW:
        return _as_written(plan)
    if key == LAST:
        return last_year_edition(plan)
    kind, number = key[:1], key[1:]
    if not (number.isascii() and number.isdigit() and len(number) < 5):
        return None
    if kind == "v":
        return version_edition(plan, int(number))
    row = plan.submissions.filter(number=int(number)).first() if kind == "s" else None
    return None if row is None else _of_submission(plan, row)


def default_comparison(plan: Plan) -> tuple[str, str]:
    """What is worth comparing first: with the last submission, the version before, or last year."""
    keys = [key for key, _ in editions_of(plan)]
    new = keys[-1]
    if new == NOW and plan.state == PlanState.SUBMITTED:
        # The last submission is what stands now; what changed is the difference to the one before.
        sent = [key for key in keys if key.startswith("s")]
        return (sent[-2], new) if len(sent) > 1 else (keys[0], new)
    if new == NOW:
        sent = [key for key in keys if key.startswith("s")]
        return (sent[-1] if sent else keys[0], new)
    versions = [key for key in keys if key.startswith("v")]
    return (versions[-2], new) if len(versions) > 1 else (keys[0], new)
