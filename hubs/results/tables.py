"""Tables and pictures of the compilation: one build for screen, paper, CSV and XLSX."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.utils.safestring import SafeString

from hubs.results.queries.compilation import Amount, Compilation, Row
from hubs.results.queries.series import month_before
from hubs.results.queries.shares import Shares
from hubs.terms.models import ActivityIndicator
from yorozu.core import charts, figures, fiscal
from yorozu.core.web.tables import Cell, Column, Empty, Table

NOTE = (
    "「目標」は、確認済の値のある月の目標の合計です（月別の目標があるときは月別の目標、ないときは"
    "12等分）。達成率は、同じ月の「修正後の計」の目標に対する割合です。「前年同期」と「前年比」は、"
    "当年度と前年度の両方に確認済の値のある拠点と月だけを合計して比べています。「未確認」は、"
    "提出済で経済産業局がまだ確認していない月の値で、計には入りません。"
)


def _amount_columns(unit: str, *, with_year: bool = True) -> list[Column]:
    columns = [
        Column("year_target", "年間目標", numeric=True, unit=unit, css="rp-w-2"),
        Column("target", "目標", numeric=True, unit=unit, css="rp-w-2"),
        Column("accepted", "確認済", numeric=True, unit=unit, css="rp-w-2"),
        Column("effect", "修正", numeric=True, unit=unit, css="rp-w-2"),
        Column("total", "修正後の計", numeric=True, unit=unit, css="rp-w-2"),
        Column("attainment", "達成率", numeric=True, unit="%", css="rp-w-2"),
        Column("pending", "未確認", numeric=True, unit=unit, css="rp-w-2"),
    ]
    if with_year:
        columns += [
            Column("last_year", "前年同期", numeric=True, unit=unit, css="rp-w-2"),
            Column("year_on_year", "前年比", numeric=True, unit="%", css="rp-w-2"),
        ]
    return columns


def _amounts(amount: Amount) -> dict[str, Any]:
    return {
        "year_target": amount.year_target,
        "target": amount.target,
        "accepted": amount.accepted,
        "effect": Cell(amount.effect, note=_times(amount.corrections)),
        "total": amount.total,
        "attainment": amount.attainment,
        "pending": amount.pending,
        "last_year": amount.last_year,
        "year_on_year": amount.year_on_year,
    }


def _times(corrections: int) -> str:
    """Corrections may cancel each other out: their number stands beside their sum."""
    return f"{corrections}件" if corrections else ""


def _months(row: Row) -> str:
    return f"{row.accepted}/{row.owed}"


def _row(row: Row, code: str) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.name,
        "months": _months(row),
        **_amounts(row.amounts[code]),
    }


def area_table(found: Compilation, indicator: ActivityIndicator) -> Table:
    """One indicator of the bureaus, with the nation as the totals row."""
    columns = [
        Column("name", "経済産業局", header=True),
        Column("months", "確認済の月", numeric=True, css="rp-w-2"),
        *_amount_columns(indicator.unit),
    ]
    caption = f"{indicator.name}（経済産業局別、{found.period.label}）"
    rows = [_row(row, indicator.code) for row in found.bureaus]
    return Table(caption, columns, rows, _row(found.nation, indicator.code))


def hub_table(found: Compilation, indicator: ActivityIndicator) -> Table:
    """One indicator of the hubs of the scope."""
    columns = [
        Column("code", "コード", css="rp-w-1 yz-code"),
        Column("name", "拠点", header=True),
        Column("months", "確認済の月", numeric=True, css="rp-w-2"),
        *_amount_columns(indicator.unit),
    ]
    caption = f"{indicator.name}（拠点別、{found.period.label}）"
    rows = [_row(row, indicator.code) for row in found.hubs]
    return Table(caption, columns, rows, sticky=True)


def paper_hub_table(found: Compilation) -> Table:
    """All indicators of the hubs of the scope side by side, as far as paper is wide."""
    columns = [
        Column("code", "コード", css="rp-w-1 yz-code"),
        Column("name", "拠点", header=True),
        Column("months", "確認済の月", numeric=True, css="rp-w-1"),
    ]
    for one in found.indicators:
        columns += [
            Column(f"{one.code}-total", one.name, numeric=True, unit=one.unit, css="rp-w-2"),
            Column(f"{one.code}-attainment", "達成率", numeric=True, unit="%", css="rp-w-1"),
            Column(f"{one.code}-year_on_year", "前年比", numeric=True, unit="%", css="rp-w-1"),
        ]
    rows = [_paper_row(found, row) for row in found.hubs]
    caption = f"拠点別の実績（修正後の計、{found.period.label}）"
    return Table(caption, columns, rows, sticky=True)


def _paper_row(found: Compilation, row: Row) -> dict[str, Any]:
    figures_of = {
        f"{one.code}-{name}": getattr(row.amounts[one.code], name)
        for one in found.indicators
        for name in ("total", "attainment", "year_on_year")
    }
    return {"code": row.code, "name": row.name, "months": _months(row), **figures_of}


def focus_table(found: Compilation) -> Table:
    """The focus areas of the hubs of the scope; each has its own unit, so there is no sum."""
    columns = [
        Column("code", "コード", css="rp-w-1 yz-code"),
        Column("name", "拠点", header=True),
        Column("area", "重点分野"),
        Column("unit", "単位", css="rp-w-1"),
        *_amount_columns("", with_year=False),
    ]
    rows = [
        {
            "code": line.hub.code,
            "name": line.hub.name,
            "area": line.column.label,
            "unit": line.column.unit,
            **_amounts(line.amount),
        }
        for line in found.areas
    ]
    empty = Empty("確定した事業計画の重点分野はありません。")
    return Table(f"重点分野（{found.period.label}）", columns, rows, empty=empty, sticky=True)


def missing_table(found: Compilation) -> Table:
    """The hubs of the scope whose months are not all accepted, by name."""
    columns = [
        Column("code", "コード", css="rp-w-1 yz-code"),
        Column("name", "拠点", header=True),
        Column("count", "月数", numeric=True, css="rp-w-1"),
        Column("months", "確認済でない月"),
    ]
    rows = [
        {
            "code": row.hub.code,
            "name": row.hub.name,
            "count": len(row.months),
            "months": row.text,
        }
        for row in found.missing
    ]
    empty = Empty("すべての拠点の月次実績が確認済です。")
    return Table("確認済でない拠点と月", columns, rows, empty=empty, sticky=True)


def long_table(found: Compilation) -> Table:
    """Every row and indicator below each other: the shape of the CSV."""
    columns = [
        Column("level", "区分"),
        Column("code", "拠点コード"),
        Column("name", "名称", header=True),
        Column("indicator", "活動指標"),
        Column("unit", "単位"),
        Column("period", "期間"),
        Column("owed", "対象の月数", numeric=True),
        Column("accepted_months", "確認済の月数", numeric=True),
        Column("corrections", "修正の件数", numeric=True),
        *_amount_columns(""),
    ]
    rows = [
        {
            "level": row.level,
            "code": row.code,
            "name": row.name,
            "indicator": one.name,
            "unit": one.unit,
            "period": found.period.label,
            "owed": row.owed,
            "accepted_months": row.accepted,
            "corrections": row.amounts[one.code].corrections,
            **_amounts(row.amounts[one.code]),
        }
        for row in found.rows
        for one in found.indicators
    ]
    return Table("実績取りまとめ", columns, rows)


def share_table(found: Compilation, shares: Shares) -> Table:
    """The codes of one kind, with all records as the totals row."""
    columns = [
        Column("code", "コード", css="rp-w-2"),
        Column("label", shares.kind.label, header=True),
        Column("consultations", "相談対応件数", numeric=True, unit="件", css="rp-w-3"),
        Column("share", "構成比", numeric=True, unit="%", css="rp-w-2"),
        Column("resolved", "課題解決件数", numeric=True, unit="件", css="rp-w-3"),
    ]
    rows = [
        {
            "code": row.code,
            "label": row.label,
            "consultations": row.consultations,
            "share": row.share,
            "resolved": row.resolved,
        }
        for row in shares.rows
    ]
    totals = {
        "code": "計",
        "label": "",
        "consultations": shares.consultations,
        "share": figures.percent(shares.consultations, shares.consultations),
        "resolved": shares.resolved,
    }
    return Table(f"{shares.kind.label}別（{found.period.label}）", columns, rows, totals)


def share_rows(found: Compilation) -> Table:
    """All kinds below each other: the shape of the CSV of the breakdown."""
    columns = [
        Column("kind", "区分", header=True),
        Column("code", "コード"),
        Column("label", "名称"),
        Column("consultations", "相談対応件数", numeric=True),
        Column("share", "構成比", numeric=True, unit="%"),
        Column("resolved", "課題解決件数", numeric=True),
    ]
    rows = [
        {"kind": shares.kind.label, **row}
        for shares in found.shares or ()
        for row in share_table(found, shares).rows
    ]
    return Table("相談記録の内訳", columns, rows)


def trend_picture(found: Compilation, indicator: ActivityIndicator) -> SafeString:
    """The months of the nation, this year against last year."""
    months = fiscal.months_of(found.term.fiscal_year)
    values = found.trend[indicator.code]
    series = [
        charts.Series(fiscal.nendo(found.term.fiscal_year), [values.get(m) for m in months]),
        charts.Series(
            fiscal.nendo(found.term.fiscal_year - 1),
            [values.get(month_before(m, 12)) for m in months],
        ),
    ]
    labels = [f"{month.month}月" for month in months]
    title = f"{indicator.name}の月別の確認済実績（全国）"
    return charts.line(title, labels, series, unit=indicator.unit)


def sections(found: Compilation) -> list[dict[str, Any]]:
    """Per indicator what page and paper show."""
    return [
        {
            "indicator": one,
            "amount": found.nation.amounts[one.code],
            "areas": area_table(found, one),
            "hubs": hub_table(found, one),
            "picture": trend_picture(found, one),
        }
        for one in found.indicators
    ]


def month_choices(months: Iterable[date], chosen: date) -> Sequence[dict[str, Any]]:
    """The months one can choose."""
    return [
        {"label": f"{month.month}月", "value": f"{month:%Y-%m}", "is_current": month == chosen}
        for month in months
    ]
