"""What later stages read of a frozen book: names, money facts, the rows behind a figure. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from yorozu.core.fiscal import wareki_month

OPEN_DAYS = 15


@dataclass(frozen=True)
class SourceRow:
    """One frozen value with where it comes from: table and row, line of the imported file."""

    label: str
    value: str
    state: str
    table: str
    row_id: int | None
    import_batch: int | None
    import_row: int | None
    # The monthly report a figure belongs to: its page leads on to the rows that were counted.
    report_id: int | None = None


@dataclass(frozen=True)
class SourceTable:
    """The frozen values behind one item of the evaluation."""

    component: str
    item: str
    caption: str
    rows: list[SourceRow]


def item_names(content: Mapping[str, Any]) -> dict[str, str]:
    """Names as frozen by "COMPONENT.ITEM": "IND.CONS" -> 相談対応件数, "FOC.F1", "CHK.C1"."""
    named = {f"IND.{row['code']}": row["name"] for row in content["plan"]["targets"]}
    named |= {f"FOC.{row['code']}": row["name"] for row in content["plan"]["focus_areas"]}
    named |= {
        f"{row['component']}.{row['code']}": row["text"] for row in content["hearing"]["items"]
    }
    return named


def budget_facts(content: Mapping[str, Any]) -> dict[str, Any]:
    """What the budget rule reads: contract_yen (None = new), contract_months, sme, area.

    Beside them body (the names of the implementing bodies) and lines (yen by funding line).
    ValueError if a figure is absent.
    """
    contracts = content["contracts"]
    figures = {row["code"]: row["value"] for row in content["regional_figures"]}
    lacking = [
        name for code, name in (("smes", "中小企業数"), ("area", "面積")) if code not in figures
    ]
    if lacking:
        raise ValueError(f"{content['hub']['name']}: 地域の数値がありません: {'、'.join(lacking)}")
    lines: dict[str, int] = {}
    for row in contracts:
        lines[row["funding_line"]] = lines.get(row["funding_line"], 0) + row["amount_yen"]
    return {
        "body": "、".join(dict.fromkeys(row["implementing_body"] for row in contracts)),
        "lines": lines,
        "contract_yen": sum(row["amount_yen"] for row in contracts) or None,
        "contract_months": max((_months(row) for row in contracts), default=0),
        "sme": figures["smes"],
        "area": figures["area"],
    }


def _months(contract: Mapping[str, Any]) -> int:
    """Whole months a contract covers; a month counts from 15 days on (evaluation.md 1.2)."""
    first, last = (date.fromisoformat(contract[key]) for key in ("starts_on", "ends_on"))
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    months -= first.day > 31 - OPEN_DAYS
    return months - (last.day < OPEN_DAYS)


def sources(content: Mapping[str, Any]) -> list[SourceTable]:
    """All frozen values of a book by component and item, in the order of the evaluation."""
    reports = {row["month"]: row["source"]["id"] for row in content["results"]["reports"]}
    return [
        *_series(content["results"]["indicators"], "IND", reports),
        *_series(content["results"]["focus_areas"], "FOC", reports),
        _satisfaction(content["satisfaction"]),
        _partners(content["partners"]),
        *(_hearing(item) for item in content["hearing"]["items"]),
    ]


def _row(label: str, value: Any, state: str, source: Mapping[str, Any]) -> SourceRow:
    return SourceRow(
        label,
        "" if value is None else f"{value:,}" if isinstance(value, int) else str(value),
        state,
        source["table"],
        source["id"],
        source["import_batch"],
        source["row"],
    )


STATES = {"reported": "", "not_reported": "未報告", "not_applicable": "該当なし"}


def beside_ledger(month: Mapping[str, Any]) -> str:
    """What the ledger counted beside a frozen monthly figure; empty where none was kept."""
    counted = month.get("counted")
    if counted is None:
        return ""
    if month.get("accepted_value", month["value"]) == counted:
        return "相談記録から集計"
    return f"申告（相談記録では{counted:,}）"


def _series(
    entries: list[dict[str, Any]], component: str, reports: Mapping[str, int]
) -> list[SourceTable]:
    return [
        SourceTable(
            component,
            entry["code"],
            f"{entry['name']}の月別の確認済実績（{entry['unit']}）",
            [_month_row(month, reports) for month in entry["months"]],
        )
        for entry in entries
    ]


def _month_state(month: Mapping[str, Any]) -> str:
    """未報告, 該当なし, or that a correction counts instead of the accepted value."""
    if "corrected_by" not in month:
        return STATES[month["state"]]
    accepted = month["accepted_value"]
    said = STATES[month["accepted_state"]] if accepted is None else f"{accepted:,}"
    return f"{STATES[month['state']]}修正{month['corrected_by']}（確認時 {said}）"


def _month_row(month: Mapping[str, Any], reports: Mapping[str, int]) -> SourceRow:
    state = "、".join(text for text in (_month_state(month), beside_ledger(month)) if text)
    label = wareki_month(date.fromisoformat(f"{month['month']}-01"))
    row = _row(label, month["value"], state, month["source"])
    return replace(row, report_id=reports.get(month["month"]))


LEVELS = ("1 不満", "2 やや不満", "3 どちらともいえない", "4 満足", "5 大変満足")


def _satisfaction(survey: Mapping[str, Any]) -> SourceTable:
    source = survey["source"]
    rows = [
        _row("送付数", survey["sent"], "", source),
        _row("回収数", survey["returned"], "", source),
        *(
            _row(label, count, "", source)
            for label, count in zip(LEVELS, survey["levels"], strict=True)
        ),
    ]
    return SourceTable("SAT", "", "顧客満足度調査の段階別の件数", rows)


def _partners(partners: list[dict[str, Any]]) -> SourceTable:
    rows = [
        _row(
            f"{entry['organization']}（{entry['type']}）",
            entry["value"],
            f"除外：{entry['excluded_reason']}" if entry["is_excluded"] else "",
            entry["source"],
        )
        for entry in partners
    ]
    return SourceTable("PAR", "", "支援機関ごとの評価値", rows)


def _before_talk(rating: Mapping[str, Any]) -> str:
    """The first score beside a second one, which counts."""
    if "first_score" not in rating:
        return ""
    return f"再協議後（協議前 {rating['first_score']}）"


def _hearing(item: Mapping[str, Any]) -> SourceTable:
    rows = [
        _row(
            f"{rating['evaluator']}（{rating['organization']}）",
            rating["score"],
            _before_talk(rating),
            rating["source"],
        )
        for rating in item["ratings"]
    ]
    if item["is_not_applicable"]:
        reason = (
            f"該当なし：{item['not_applicable_reason']}（承認：{item['not_applicable_approver']}）"
        )
        rows.append(_row("該当なし", None, reason, item["source"]))
    proof = f"根拠：{item['evidence_note'] or 'あり'}" if item["has_evidence"] else "根拠資料なし"
    caption = f"{item['code']}の評価者ごとの評点（{proof}）"
    return SourceTable(item["component"], item["code"], caption, rows)


def accepted_months(content: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Reported figures as they count, by "IND.CONS" or "FOC.F1" and month."""
    found = {}
    for component, key in (("IND", "indicators"), ("FOC", "focus_areas")):
        for entry in content["results"][key]:
            found[f"{component}.{entry['code']}"] = {
                month["month"]: month["value"]
                for month in entry["months"]
                if month["state"] == "reported"
            }
    return found


def coordinator_days(content: Mapping[str, Any]) -> dict[str, list[int]]:
    """Days of the coordinators' contracts by role; none in books from before they were frozen."""
    found: dict[str, list[int]] = {}
    for row in content.get("coordinators", ()):
        found.setdefault(row["role"], []).append(row["days"])
    return found


def regional_values(content: Mapping[str, Any]) -> dict[str, int]:
    """What tells of a hub's region and size, where there is a value over zero.

    The regional figures by their code, and ``days``: contract days of all its coordinators in a
    month of operation, so that a part of a year can stand beside a whole one.
    """
    values = {row["code"]: row["value"] for row in content["regional_figures"]}
    if months := len(content["hub"]["months"]):
        values["days"] = sum(map(sum, coordinator_days(content).values())) // months
    return {code: value for code, value in values.items() if value > 0}
