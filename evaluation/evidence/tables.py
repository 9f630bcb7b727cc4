"""The tables of a book's page: every figure with the line of the file it came from."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from evaluation.evidence.queries import page_of
from evaluation.evidence.readings import beside_ledger, coordinator_days
from evaluation.evidence.rules import Content
from hubs.network.models import FigureKind
from hubs.people.models import CoordinatorRole
from yorozu.core.fiscal import wareki, wareki_month
from yorozu.core.web.tables import Cell, Column, Empty, Table

STATES = {"reported": "", "not_reported": "未報告", "not_applicable": "－"}
SourceCell = Callable[..., Cell]


def source_cells(content: Content, *, may_open_imports: bool) -> SourceCell:
    """A maker of cells that name the source of a value and link to its page, where one exists."""
    code, year = content["hub"]["code"], content["fiscal_year"]
    pages = {
        "hubs_plan": page_of("plan_detail", content["plan"]["source"]["id"]),
        "hubs_target": page_of("plan_detail", content["plan"]["source"]["id"]),
        "hubs_focusarea": page_of("plan_detail", content["plan"]["source"]["id"]),
        "evaluation_satisfactionsurvey": page_of("survey_hub", year, code),
        "evaluation_partnerassessment": page_of("survey_hub", year, code),
        "evaluation_hearing": page_of("hearing_hub", year, code),
        "evaluation_checklistresponse": page_of("hearing_hub", year, code),
        "evaluation_rating": page_of("hearing_hub", year, code),
        "evaluation_checklistitem": page_of("checklist_detail", year),
        "hubs_commissioncontract": page_of("hub_detail", code),
        "hubs_regionalfigure": page_of("hub_detail", code),
    }

    months = _month_pages(content)

    def cell(value: Any, source: dict[str, Any]) -> Cell:
        url, note = pages.get(source["table"], ""), ""
        url = months.get((source["table"], source["id"]), url)
        if source["import_batch"]:
            note = f"取込{source['import_batch']} {source['row']}行目"
            if may_open_imports:
                url = page_of("import_detail", source["import_batch"]) or url
        return Cell(value, url=url, note=note)

    return cell


def _month_pages(content: Content) -> dict[tuple[str, int], str]:
    """The page of the month of every monthly report and figure, by table and row."""
    results = content["results"]
    reports = {
        row["month"]: page_of("month_detail", row["source"]["id"]) for row in results["reports"]
    }
    pages = {
        ("hubs_monthlyreport", row["source"]["id"]): reports[row["month"]]
        for row in results["reports"]
    }
    for series in (*results["indicators"], *results["focus_areas"]):
        for entry in series["months"]:
            source = entry["source"]
            pages[source["table"], source["id"]] = reports.get(entry["month"], "")
    return pages


def book_tables(content: Content, *, may_open_imports: bool) -> dict[str, Table]:
    """All tables of the page by name."""
    cell = source_cells(content, may_open_imports=may_open_imports)
    return {
        "plan": _plan(content, cell),
        "months": _months(content, cell),
        "corrections": _corrections(content),
        "satisfaction": _satisfaction(content, cell),
        "partners": _partners(content, cell),
        "hearing": _hearing(content, cell),
        "contracts": _contracts(content, cell),
        "coordinators": _coordinators(content),
        "figures": _figures(content, cell),
        "imports": _imports(content, may_open_imports=may_open_imports),
        "waves": _waves(content),
    }


def _plan(content: Content, cell: SourceCell) -> Table:
    results = content["results"]
    totals = {("指標", row["code"]): row["total"] for row in results["indicators"]}
    totals |= {("重点", row["code"]): row["total"] for row in results["focus_areas"]}
    plan = content["plan"]
    lines = [("指標", row) for row in plan["targets"]]
    lines += [("重点", row) for row in plan["focus_areas"]]
    rows = [
        {
            "kind": {"指標": "活動指標", "重点": "重点分野"}[kind],
            "name": row["name"],
            "target": cell(row["target"], row["source"]),
            "challenge": row["challenge"],
            "weight": row.get("weight") or "",
            "total": totals.get((kind, row["code"])),
            "unit": row["unit"],
        }
        for kind, row in lines
    ]
    columns = [
        Column("kind", "区分"),
        Column("name", "項目", header=True),
        Column("target", "目標", numeric=True),
        Column("challenge", "挑戦係数", numeric=True),
        Column("weight", "重み", numeric=True),
        Column("total", "実績の計", numeric=True),
        Column("unit", "単位"),
    ]
    return Table("目標と実績", columns, rows)


def _months(content: Content, cell: SourceCell) -> Table:
    results = content["results"]
    series = [("i", row) for row in results["indicators"]]
    series += [("f", row) for row in results["focus_areas"]]
    columns = [Column("month", "月", header=True, css="yz-nowrap")]
    columns += [
        Column(kind + row["code"], row["name"], numeric=True, unit=row["unit"])
        for kind, row in series
    ]
    columns.append(Column("accepted", "確認", css="yz-roomy"))
    rows: dict[str, dict[str, Any]] = {}
    for report in results["reports"]:
        month = report["month"]
        who = f"{_day(report['accepted_at'][:10])}　{report['accepted_by'] or ''}".strip()
        rows[month] = {
            "month": wareki_month(date.fromisoformat(f"{month}-01")),
            "accepted": cell(who, report["source"]),
        }
    for kind, row in series:
        for entry in row["months"]:
            shown = entry["value"] if entry["value"] is not None else STATES[entry["state"]]
            found = cell(shown, entry["source"])
            if "corrected_by" in entry:
                before = entry["accepted_value"]
                said = STATES[entry["accepted_state"]] if before is None else f"{before:,}"
                found = replace(found, note=f"修正{entry['corrected_by']}（確認時 {said}）")
            elif (counted := beside_ledger(entry)) and not found.note:
                found = replace(found, note=counted)
            rows[entry["month"]][kind + row["code"]] = found
    totals: dict[str, Any] = {"month": "計", "accepted": ""}
    totals |= {kind + row["code"]: row["total"] for kind, row in series}
    return Table("確認済の月次実績", columns, list(rows.values()), totals)


def _corrections(content: Content) -> Table:
    """The corrections this book contains; books from before corrections have none."""
    columns = [
        Column("number", "修正", header=True),
        Column("month", "対象月"),
        Column("item", "項目"),
        Column("old", "修正前", numeric=True),
        Column("new", "修正後", numeric=True),
        Column("reason", "理由"),
        Column("proof", "根拠"),
        Column("decided", "反映"),
    ]
    rows = [
        {
            "number": Cell(f"修正{row['id']}", url=page_of("correction_detail", row["id"])),
            "month": wareki_month(date.fromisoformat(f"{row['in_month']}-01")),
            "item": row["item_name"],
            "old": _figure(row["old_state"], row["old_value"]),
            "new": _figure(row["new_state"], row["new_value"]),
            "reason": row["reason"],
            "proof": row["proof"],
            "decided": f"{_day(row['decided_at'][:10])}　{row['decided_by']}",
        }
        for row in content["results"].get("corrections", [])
    ]
    empty = Empty("この台帳に入る修正はありません。")
    return Table("反映した修正", columns, rows, empty=empty)


def _figure(state: str, value: int | None) -> int | str:
    return STATES[state] if value is None else value


def _satisfaction(content: Content, cell: SourceCell) -> Table:
    survey = content["satisfaction"]
    columns = [Column("name", "項目", header=True), Column("value", "件数", numeric=True)]
    labels = ("1 不満", "2 やや不満", "3 どちらともいえない", "4 満足", "5 大変満足")
    pairs = [("送付数", survey["sent"]), ("回収数", survey["returned"])]
    pairs += zip(labels, survey["levels"], strict=True)
    rows = [{"name": name, "value": cell(value, survey["source"])} for name, value in pairs]
    if survey["is_excused"]:
        rows.append({"name": "対象外の承認", "value": cell("あり", survey["source"])})
    return Table("顧客満足度調査", columns, rows)


def _partners(content: Content, cell: SourceCell) -> Table:
    columns = [
        Column("name", "支援機関", header=True),
        Column("kind", "種別"),
        Column("value", "評価値", numeric=True),
        Column("people", "回答者", numeric=True, unit="人"),
        Column("note", "注意"),
    ]
    rows = [
        {
            "name": row["organization"],
            "kind": row["type"],
            "value": cell(row["value"], row["source"]),
            "people": row["respondents"],
            "note": f"除外：{row['excluded_reason']}" if row["is_excluded"] else "",
        }
        for row in content["partners"]
    ]
    empty = Empty("支援機関による評価は0件として凍結されています。")
    return Table("支援機関による評価", columns, rows, empty=empty)


def _hearing(content: Content, cell: SourceCell) -> Table:
    columns = [
        Column("code", "コード"),
        Column("text", "項目", header=True),
        Column("scores", "評点"),
        Column("evidence", "根拠"),
    ]
    rows = []
    for item in content["hearing"]["items"]:
        scores = "、".join(f"{row['score']}（{row['evaluator']}）" for row in item["ratings"])
        if item["is_not_applicable"]:
            reason, approver = item["not_applicable_reason"], item["not_applicable_approver"]
            scores = f"該当なし（{reason}、承認：{approver}）"
        origin = item["ratings"][0]["source"] if item["ratings"] else item["source"]
        note = item["evidence_note"]
        rows.append(
            {
                "code": item["code"],
                "text": item["text"],
                "scores": cell(scores or "未評価", origin),
                "evidence": f"あり　{note}".strip() if item["has_evidence"] else "",
            }
        )
    return Table("ヒアリング", columns, rows)


def _contracts(content: Content, cell: SourceCell) -> Table:
    columns = [
        Column("body", "実施機関", header=True),
        Column("line", "予算区分"),
        Column("amount", "契約額", numeric=True, unit="円"),
        Column("period", "期間"),
    ]
    rows = [
        {
            "body": row["implementing_body"],
            "line": row["funding_line"],
            "amount": cell(row["amount_yen"], row["source"]),
            "period": f"{_day(row['starts_on'])}から{_day(row['ends_on'])}まで",
        }
        for row in content["contracts"]
    ]
    empty = Empty("当年度の委託契約は登録されていません。")
    return Table("当年度の委託契約", columns, rows, empty=empty)


def _coordinators(content: Content) -> Table:
    """Contracts and their days by role; books from before they were frozen say so."""
    columns = [
        Column("role", "区分", header=True),
        Column("contracts", "契約", numeric=True, unit="件"),
        Column("days", "契約日数の計", numeric=True, unit="日"),
    ]
    page = page_of("hub_detail", content["hub"]["code"])
    days = coordinator_days(content)
    rows = [
        {
            "role": Cell(role.label, url=page),
            "contracts": len(days[role]),
            "days": sum(days[role]),
        }
        for role in CoordinatorRole
        if role in days
    ]
    empty = Empty("コーディネーターの契約は、この台帳に記録されていません。")
    return Table("コーディネーターの契約", columns, rows, empty=empty)


def _figures(content: Content, cell: SourceCell) -> Table:
    columns = [
        Column("name", "種類", header=True),
        Column("value", "値", numeric=True),
        Column("unit", "単位"),
        Column("year", "時点"),
        Column("origin", "出典"),
    ]
    names = dict(FigureKind.choices)
    rows = [
        {
            "name": names.get(row["code"], row["code"]),
            "value": cell(row["value"], row["source"]),
            "unit": row["unit"],
            "year": f"{row['year']}年",
            "origin": row["origin"],
        }
        for row in content["regional_figures"]
    ]
    return Table("地域の数値", columns, rows, empty=Empty("地域の数値は登録されていません。"))


def _waves(content: Content) -> Table:
    """Waves of the portal that answers were counted from; no row where they came from files."""
    columns = [
        Column("title", "調査回", header=True),
        Column("questionnaire", "調査票"),
        Column("counted_at", "集計の確定"),
        Column("by", "集計した人"),
        Column("frame_hash", "抽出元のハッシュ（SHA-256）"),
    ]
    rows = [
        {
            **row,
            "title": Cell(row["title"], url=page_of("survey_wave", row["id"])),
            "counted_at": _moment(row["counted_at"]),
        }
        for row in content.get("waves", [])
    ]
    return Table("集計した調査回", columns, rows)


def _imports(content: Content, *, may_open_imports: bool) -> Table:
    columns = [
        Column("id", "取込", header=True),
        Column("filename", "ファイル名"),
        Column("applied_at", "反映日時"),
        Column("by", "取り込んだ人"),
        Column("sha256", "ハッシュ（SHA-256）"),
    ]
    rows = [
        {
            **row,
            "id": Cell(
                f"取込{row['id']}",
                url=page_of("import_detail", row["id"]) if may_open_imports else "",
            ),
            "applied_at": _moment(row["applied_at"]),
        }
        for row in content["imports"]
    ]
    empty = Empty("ファイルの取込によらず入力された値だけです。")
    return Table("取り込んだファイル", columns, rows, empty=empty)


def _day(text: str) -> str:
    return wareki(date.fromisoformat(text))


def _moment(text: str | None) -> str:
    """令和8年11月29日 21:39 of a frozen moment, which stands in the portal's time."""
    if not text:
        return ""
    moment = datetime.fromisoformat(text)
    return f"{wareki(moment.date())} {moment:%H:%M}"
