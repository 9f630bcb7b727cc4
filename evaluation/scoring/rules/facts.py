"""The facts of an evidence book, cell by cell, as a hub is asked to check them.

Facts only: what was agreed, reported, counted and shown. The raters' scores and everything computed
stay out: a hub can say what was recorded wrongly, not what follows from the records.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from yorozu.core import fiscal

Content = Mapping[str, Any]

HUB, PLAN, RESULTS, SURVEY, PARTNERS, HEARING, MONEY = (
    "hub",
    "plan",
    "results",
    "survey",
    "partners",
    "hearing",
    "money",
)
GROUPS = {
    HUB: "拠点の運営",
    PLAN: "事業計画の目標",
    RESULTS: "月次実績",
    SURVEY: "顧客満足度調査",
    PARTNERS: "支援機関による評価",
    HEARING: "ヒアリングで確かめた事実",
    MONEY: "委託契約と地域の数値",
}
STATES = {"not_reported": "未報告", "not_applicable": "該当なし"}
FIGURES = {
    "smes": "中小企業数",
    "employees": "従業者数",
    "openings": "開業事業所数",
    "closings": "廃業事業所数",
    "area": "面積",
}
LEVELS = ("1 不満", "2 やや不満", "3 どちらともいえない", "4 満足", "5 大変満足")


@dataclass(frozen=True)
class Fact:
    """One cell: ``path`` is its address in the book, ``shown`` its value as text.

    ``series`` and ``month`` place a monthly figure in its grid, where ``unit`` heads the column.
    """

    path: str
    group: str
    label: str
    shown: str
    note: str = ""
    series: str = ""
    month: str = ""
    unit: str = ""

    @property
    def said(self) -> str:
        """The value with its unit, where it stands alone."""
        return f"{self.shown}{self.unit}"


def facts_of(content: Content) -> list[Fact]:
    """All facts of a book, in the order of the evaluation; every path stands once."""
    return [
        *_hub(content),
        *_plan(content),
        *_results(content),
        *_survey(content["satisfaction"]),
        *_partners(content["partners"]),
        *_hearing(content["hearing"]),
        *_money(content),
    ]


def _text(value: Any, unit: str = "") -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    return f"{value:,}{unit}" if isinstance(value, int) else f"{value}{unit}"


def _day(text: Any) -> str:
    """令和8年3月31日 of a day as the book writes it (2026-03-31)."""
    return fiscal.wareki(date.fromisoformat(str(text)))


def _month(text: str) -> str:
    """令和8年3月 of a month as the book writes it (2026-03)."""
    return fiscal.wareki_month(date.fromisoformat(f"{text}-01"))


def _hub(content: Content) -> Iterable[Fact]:
    months = content["hub"]["months"]
    note = f"{_month(months[0])}から{_month(months[-1])}まで" if months else ""
    yield Fact("hub/months", HUB, "運営した月数", f"{len(months)}か月", note)


def _plan(content: Content) -> Iterable[Fact]:
    for row in content["plan"]["targets"]:
        yield from _goal(f"targets/{row['code']}", row)
    for row in content["plan"]["focus_areas"]:
        yield from _goal(f"focus/{row['code']}", row)
        if row.get("weight") is not None:
            path = f"focus/{row['code']}/weight"
            yield Fact(path, PLAN, f"{_name(row)}の重み", row["weight"])


def _goal(path: str, row: Mapping[str, Any]) -> Iterable[Fact]:
    note = "目標0を承認済" if row.get("is_zero_approved") else ""
    shown = _text(row["target"], row.get("unit") or "")
    yield Fact(f"{path}/target", PLAN, f"{_name(row)}の目標", shown, note)
    reason = row.get("challenge_reason") or ""
    yield Fact(f"{path}/challenge", PLAN, f"{_name(row)}の挑戦係数", row["challenge"], reason)


def _name(row: Mapping[str, Any]) -> str:
    return str(row.get("name") or row["code"])


def _results(content: Content) -> Iterable[Fact]:
    results = content["results"]
    for kind, rows in (("indicators", "results"), ("focus_areas", "focus_results")):
        for series in results[kind]:
            name = _name(series)
            for month in series["months"]:
                yield Fact(
                    f"{rows}/{series['code']}/{month['month']}",
                    RESULTS,
                    f"{name}（{_month(month['month'])}）",
                    STATES.get(month["state"], _text(month["value"])),
                    f"修正{month['corrected_by']}を反映" if "corrected_by" in month else "",
                    name,
                    month["month"],
                    "" if month["state"] in STATES else series.get("unit") or "",
                )


def _survey(survey: Mapping[str, Any]) -> Iterable[Fact]:
    yield Fact("survey/sent", SURVEY, "送付数", _text(survey["sent"], "件"))
    yield Fact("survey/returned", SURVEY, "回収数", _text(survey["returned"], "件"))
    for place, (label, count) in enumerate(zip(LEVELS, survey["levels"], strict=True), start=1):
        yield Fact(f"survey/level/{place}", SURVEY, f"「{label}」の件数", _text(count, "件"))
    excused = "対象外を承認済" if survey["is_excused"] else "対象"
    yield Fact("survey/excused", SURVEY, "調査の対象", excused)


def _partners(rows: Iterable[Mapping[str, Any]]) -> Iterable[Fact]:
    """Whose assessments count. What each organisation said stays with those who judge."""
    for row in rows:
        out = row["is_excluded"]
        note = f"除外：{row['excluded_reason']}" if out else row.get("type", "")
        counts = "評価に用いない" if out else "評価に用いる"
        yield Fact(f"partners/{row['organization']}", PARTNERS, row["organization"], counts, note)


def _hearing(hearing: Mapping[str, Any]) -> Iterable[Fact]:
    held = _day(hearing["held_on"]) if hearing.get("held_on") else ""
    yield Fact("hearing/held_on", HEARING, "実施日", held or "記録なし")
    for item in hearing["items"]:
        path = f"hearing/{item['component']}/{item['code']}"
        if item["is_not_applicable"]:
            yield Fact(
                path,
                HEARING,
                f"{item['code']} {item['text']}",
                "該当なし",
                item["not_applicable_reason"],
            )
            continue
        shown = "根拠資料あり" if item["has_evidence"] else "根拠資料なし"
        yield Fact(path, HEARING, f"{item['code']} {item['text']}", shown, item["evidence_note"])


def _money(content: Content) -> Iterable[Fact]:
    for row in content["contracts"]:
        path = f"contracts/{row['funding_line']}"
        label = f"委託契約の額（{row['funding_line']}）"
        note = f"{_day(row['starts_on'])}から{_day(row['ends_on'])}まで"
        yield Fact(path, MONEY, label, _text(row["amount_yen"], "円"), note)
    days = [row["days"] for row in content.get("coordinators", ())]
    if days:
        note = f"{len(days)}件の契約の計、{_day(content['as_of'])}まで"
        label = "コーディネーターの契約日数"
        yield Fact("coordinators", MONEY, label, _text(sum(days), "日"), note)
    for row in content["regional_figures"]:
        label = FIGURES.get(row["code"], row["code"])
        note = f"{row['year']}年時点"
        yield Fact(f"figures/{row['code']}", MONEY, label, _text(row["value"], row["unit"]), note)
