"""Columns of the file of plans."""

from collections.abc import Mapping
from typing import Any

from hubs.network.facts import fact_rows
from hubs.plans.rules import AREA_PARTS, MAX_AREAS, REQUIRED_SECTIONS, SECTIONS
from hubs.terms.queries import term_for
from yorozu.core.sheets import Column, cells

INTERVIEW = {
    "held_on": "面談日",
    "attendees": "出席者",
    "minutes": "面談記録",
    "agreed_points": "合意事項",
}
NEEDED_INTERVIEW = ("held_on", "attendees", "minutes")
APPROVED = "挑戦係数の承認"
ALL_CHALLENGE, ALL_REASON = "挑戦係数", "挑戦係数の理由"
_AREA_HEADINGS = {
    "name": "名称",
    "description": "内容",
    "indicator": "数え方",
    "measure": "独自の指標",
    "evidence": "根拠の定め",
    "unit": "単位",
    "target": "目標",
    "phasing": "月別目標",
    "weight": "重み",
    "challenge": "挑戦係数",
    "reason": "挑戦係数の理由",
}


def plan_columns(params: Mapping[str, Any]) -> list[Column]:
    """Hub, texts, targets by indicator name, up to five focus areas, interview."""
    names = indicator_names(params)
    columns = [
        Column("hub_code", "拠点コード", cells.code(2), key=True),
        Column("hub_name", "拠点名", cells.text(40), blank=True, optional=True),
    ]
    columns += [
        Column(name, label, _long(), blank=True, optional=name not in REQUIRED_SECTIONS)
        for name, label in SECTIONS.items()
    ]
    columns += [
        Column(f"target_{code}", f"{name}の目標", cells.count(), (name, f"{name}目標"))
        for code, name in names.items()
    ]
    for slot in range(1, MAX_AREAS + 1):
        columns += [_area_column(slot, part, names) for part in AREA_PARTS]
    columns += [_challenge("challenge", ALL_CHALLENGE), _reason("reason", ALL_REASON)]
    for code, name in names.items():
        columns += [
            _months(f"phasing_{code}", f"{name}の月別目標"),
            _challenge(f"challenge_{code}", f"{name}の挑戦係数"),
            _reason(f"reason_{code}", f"{name}の挑戦係数の理由"),
        ]
    return [*columns, *_interview_columns()]


def _long() -> Any:
    return cells.text(20_000, multiline=True)


def _challenge(name: str, heading: str) -> Column:
    return Column(name, heading, cells.decimal(2), optional=True, blank=True)


def _reason(name: str, heading: str) -> Column:
    return Column(name, heading, cells.text(200), optional=True, blank=True)


def _months(name: str, heading: str) -> Column:
    return Column(name, heading, cells.text(200), optional=True, blank=True)


def _area_column(slot: int, part: str, names: Mapping[str, str]) -> Column:
    parsers = {
        "name": cells.text(60),
        "description": cells.text(2_000, multiline=True),
        "indicator": cells.choice({name: code for code, name in names.items()}),
        "measure": cells.text(60),
        "evidence": cells.text(400),
        "unit": cells.text(10),
        "target": cells.count(),
        "phasing": cells.text(200),
        "weight": cells.decimal(2),
        "challenge": cells.decimal(2),
        "reason": cells.text(200),
    }
    heading = f"F{slot}{_AREA_HEADINGS[part]}"
    return Column(f"f{slot}_{part}", heading, parsers[part], optional=True, blank=True)


def _interview_columns() -> list[Column]:
    people = cells.text(2_000, multiline=True)
    agreed = cells.choice({"承認": "1", "はい": "1", "いいえ": ""})
    return [
        Column("held_on", "面談日", cells.date(), optional=True, blank=True),
        Column("attendees", "出席者", people, optional=True, blank=True),
        Column("minutes", "面談記録", _long(), optional=True, blank=True),
        Column("agreed_points", "合意事項", _long(), optional=True, blank=True),
        Column("approved", APPROVED, agreed, optional=True, blank=True),
    ]


def indicator_names(params: Mapping[str, Any]) -> dict[str, str]:
    """Code to name: of the term, or of the facts while there is no term to ask."""
    term = term_for(int(params.get("fiscal_year") or 0))
    if term is not None:
        return {row.code: row.name for row in term.indicators.all()}
    return {row["code"]: row["name"] for row in fact_rows("indicators.csv")}
