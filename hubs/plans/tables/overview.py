"""The plans of a term in one table: state, version, amendment, flags; screen and files alike."""

from collections.abc import Callable, Sequence
from typing import Any

from hubs.plans.models import AmendmentState
from hubs.plans.queries import HubPlan, interview_of, plan_chip
from yorozu.core.fiscal import nendo, wareki_month
from yorozu.core.web.addresses import addresses
from yorozu.core.web.chips import Chip, Status
from yorozu.core.web.tables import Cell, Column, Table

AMENDMENT_CHIPS: dict[str, Status] = {
    AmendmentState.DRAFT: Status.DRAFT,
    AmendmentState.SUBMITTED: Status.WAITING,
    AmendmentState.RETURNED: Status.RETURNED,
    AmendmentState.APPROVED: Status.APPROVED,
    AmendmentState.REFUSED: Status.NOT_APPROVED,
    AmendmentState.WITHDRAWN: Status.WITHDRAWN,
}
COLUMNS = (
    Column("hub", "拠点", header=True, sort=True),
    Column("state", "状態", sort=True),
    Column("version", "版", sort=True),
    Column("amendment", "計画変更", sort=True),
    Column("flags", "目安を外れた目標", numeric=True, unit="件", sort=True),
    Column("interview", "期初面談"),
    Column("targets", "数値目標", numeric=True, unit="個"),
    Column("areas", "重点分野", numeric=True, unit="個"),
    Column("bureau", "経済産業局", sort=True),
)
FILE_HEADER = (
    "拠点コード",
    "拠点名",
    "経済産業局",
    "状態",
    "数値目標（個）",
    "重点分野（個）",
    "目安を外れた目標（件）",
    "期初面談の実施日",
    "版",
    "適用開始月",
    "確定日",
    "手続中の計画変更",
    "内容のハッシュ",
)


def overview_table(found: Sequence[HubPlan], fiscal_year: int) -> Table:
    """One row per hub; a hub without a plan has its row too."""
    address = addresses("plan_detail")
    return Table(
        caption=f"事業計画（{nendo(fiscal_year)}）",
        columns=COLUMNS,
        rows=[_row(one, address) for one in found],
        sticky=True,
    )


def _row(one: HubPlan, address: Callable[[int], str]) -> dict[str, Any]:
    hub, plan = one.hub, one.plan
    row = {
        "hub": Cell(hub.name, sort_key=hub.code),
        "bureau": Cell(hub.bureau.name, sort_key=hub.bureau.order),
        "state": plan_chip(plan),
    }
    if plan is None:
        return row
    interview = interview_of(plan)
    return row | {
        "hub": Cell(hub.name, url=address(plan.pk), sort_key=hub.code),
        "targets": one.targets,
        "areas": one.areas,
        "flags": one.flag_count,
        "interview": interview.held_on if interview else "",
        "version": _version(one),
        "amendment": _amendment(one),
    }


def _version(one: HubPlan) -> Any:
    if one.version is None or one.plan is None:
        return ""
    url = addresses("plan_version", one.plan.pk)(one.version.number)
    month = one.version.effective_month
    note = f"{wareki_month(month)}から" if one.version.number > 1 else ""
    return Cell(f"第{one.version.number}版", url=url, note=note, sort_key=one.version.number)


def _amendment(one: HubPlan) -> Any:
    if one.amendment is None:
        return ""
    url = addresses("amendment_detail")(one.amendment.pk)
    return Chip(AMENDMENT_CHIPS[one.amendment.state], url=url)


def overview_rows(found: Sequence[HubPlan]) -> list[list[Any]]:
    """The same per hub for CSV and XLSX, in the order of FILE_HEADER."""
    return [_file_row(one) for one in found]


def _file_row(one: HubPlan) -> list[Any]:
    plan, version, amendment = one.plan, one.version, one.amendment
    interview = interview_of(plan) if plan else None
    return [
        one.hub.code,
        one.hub.name,
        one.hub.bureau.name,
        plan.get_state_display() if plan else Status.NOT_STARTED.label,
        one.targets if plan else None,
        one.areas if plan else None,
        one.flag_count,
        interview.held_on if interview else None,
        version.number if version else None,
        f"{version.effective_month:%Y-%m}" if version else "",
        version.finalized_at.date() if version else None,
        amendment.get_state_display() if amendment else "",
        version.content_hash if version else "",
    ]
