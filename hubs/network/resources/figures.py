"""Public statistics of a hub's region as a file."""

from datetime import date
from typing import Any

from hubs.network.hub_rows import hub_columns
from hubs.network.industries import (
    ALL_INDUSTRIES,
    industry_aliases,
    industry_label,
    industry_labels,
)
from hubs.network.models import FigureKind, Hub, RegionalFigure
from hubs.network.resources.keyed import KeyedKind, calendar_year, whole_number
from yorozu.core.errors import Problem
from yorozu.core.figures import format_count
from yorozu.core.fiscal import wareki
from yorozu.core.imports.kinds import register
from yorozu.core.sheets import Column, Row, cells


class RegionalFigureKind(KeyedKind):
    """Public figures of a hub's region, with survey, source and date (product.md hubs/network)."""

    code = "network.regional_figures"
    label = "地域の数値"
    description = (
        "拠点の地域の公的統計（産業別の中小企業数、従業者数、開業・廃業、面積）を、"
        "時点、調査名、出典とともに取り込みます。産業大分類が空欄の行は全産業の数値です。"
    )
    model = RegionalFigure
    key_fields = ("code", "industry", "year")
    labels = {
        "value": "値",
        "unit": "単位",
        "survey": "調査名",
        "as_of": "調査の時点",
        "source": "出典",
        "is_sample": "サンプル",
    }

    def columns(self, params: dict[str, Any]) -> list[Column]:
        """拠点コード to 出典."""
        kinds = {kind.label: kind.value for kind in FigureKind}
        industries = {
            ALL_INDUSTRIES: "",
            **{name: code for code, name in industry_labels().items()},
        }
        aliases = {**industry_aliases(), **industry_labels()}
        return [
            *hub_columns(),
            Column("kind", "種類", cells.choice(kinds), key=True),
            Column(
                "industry",
                "産業大分類",
                cells.choice(industries, aliases),
                aliases=("産業", "業種"),
                optional=True,
                blank=True,
                key=True,
            ),
            Column("year", "時点", calendar_year(), aliases=("時点（年）", "年")),
            Column("value", "値", whole_number(999_999_999_999)),
            Column("unit", "単位", cells.text(10)),
            Column("survey", "調査名", cells.text(80), optional=True, blank=True),
            Column("as_of", "調査の時点", cells.date(), optional=True, blank=True),
            Column("source", "出典", cells.text(120)),
        ]

    def example_rows(self, params: dict[str, Any]) -> list[list[Any]]:
        """Two rows that show the spelling: all industries, and one."""
        survey = ["（調査の名称）", date(2021, 6, 1), "（公表した機関）"]
        name = "東京都よろず支援拠点"
        return [
            ["13", name, "中小企業数", "", 2021, 411_600, "者", *survey],
            ["13", name, "中小企業数", "製造業", 2021, 36_500, "者", *survey],
        ]

    def row_problems(self, row: Row) -> list[Problem]:
        """The area has no industries; the day of the survey lies in its year."""
        problems = []
        if row["kind"] == FigureKind.AREA and row["industry"]:
            text = "面積は産業別にできません。空欄にしてください。"
            problems.append(Problem(row.number, "産業大分類", text))
        if row["as_of"] and row["as_of"].year != row["year"]:
            text = f"時点と同じ{row['year']}年の日付を入力してください。"
            problems.append(Problem(row.number, "調査の時点", text))
        return problems

    def key_of(self, row: Row) -> dict[str, Any]:
        """Kind, industry and year."""
        return {"code": row["kind"], "industry": row["industry"] or "", "year": row["year"]}

    def values_of(self, row: Row) -> dict[str, Any]:
        """The figure with unit, survey and source."""
        return {
            "value": row["value"],
            "unit": row["unit"],
            "survey": row["survey"] or "",
            "as_of": row["as_of"].isoformat() if row["as_of"] else None,
            "source": row["source"],
        }

    def assign(self, obj: Any, values: dict[str, Any]) -> None:
        """The day from its text, everything else as it is."""
        day = values.get("as_of")
        super().assign(obj, {**values, "as_of": date.fromisoformat(day) if day else None})

    def stored_values(self, obj: Any) -> dict[str, Any]:
        """The same of a stored figure."""
        return {
            "value": obj.value,
            "unit": obj.unit,
            "survey": obj.survey,
            "as_of": obj.as_of.isoformat() if obj.as_of else None,
            "source": obj.source,
            "is_sample": obj.is_sample,
        }

    def shown(self, name: str, value: Any) -> str:
        """Figures with commas, the day in the Japanese calendar."""
        if name == "value":
            return format_count(value)
        if name == "as_of":
            return wareki(date.fromisoformat(value)) if value else ""
        return "はい" if value is True else "いいえ" if value is False else str(value)

    def key_label(self, hub: Hub, key: dict[str, Any]) -> str:
        """Hub, kind, industry and year."""
        industry = f"（{industry_label(key['industry'])}）" if key["industry"] else ""
        return f"{hub.name} {FigureKind(key['code']).label}{industry} {key['year']}年"


register(RegionalFigureKind())
