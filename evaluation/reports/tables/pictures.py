"""The hub sheet's charts."""

from django.utils.safestring import SafeString

from evaluation.reports.queries import HubSheet
from evaluation.reports.tables.scores import first_day
from evaluation.reports.tables.sources import figure_text
from yorozu.core import charts


def pictures(sheet: HubSheet) -> dict[str, SafeString | None]:
    """The charts of a hub sheet; their figures stand in the tables beside them."""
    return {
        "components": _component_picture(sheet),
        "indicators": _indicator_picture(sheet),
        "months": _month_picture(sheet),
    }


def _component_picture(sheet: HubSheet) -> SafeString:
    rows = [
        charts.Bar(line.label, line.points, figure_text(line.points), line.national)
        for line in sheet.of_level("component")
    ]
    return charts.bar("評価区分別の得点と全国平均", rows, unit="点", top=100)


def _indicator_picture(sheet: HubSheet) -> SafeString:
    lines = [line for line in sheet.of_level("item") if line.component == "IND"]
    rows = [
        charts.Bullet(line.label, line.measure.actual, line.measure.target, "") for line in lines
    ]
    return charts.bullet("活動指標の実績と目標", rows)


def _month_picture(sheet: HubSheet) -> SafeString | None:
    series = next((one for one in sheet.months if one.code == "CONS"), None)
    if series is None:
        return None
    labels = [f"{first_day(day).month}月" for day in sheet.month_days]
    values = [value if isinstance(value, int) else None for value in series.values]
    return charts.line(
        f"{series.name}の月別の推移", labels, [charts.Series(series.name, values)], unit=series.unit
    )
