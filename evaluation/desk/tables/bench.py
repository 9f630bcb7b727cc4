"""Tables and pictures of the workbench."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString

from evaluation.desk.bench import MARKS, NO_GRADE, Bench, Listing, Row
from evaluation.desk.rules import network
from evaluation.desk.tables.why import shown
from evaluation.scoring.analysis import words
from evaluation.scoring.analysis.tables.correlation import correlation_grid, doubtful_components
from evaluation.scoring.queries import COMPONENTS
from evaluation.scoring.tables.runs import LEVELS
from yorozu.core import charts, figures
from yorozu.core.web import tiles as screen_tiles
from yorozu.core.web.tables import Cell, Column, Empty, Table


def bench_table(run_id: int, found: Listing) -> Table:
    """The hubs asked for, each with its way into the workbench."""
    columns = [
        Column("hub", "拠点", header=True, sort=True),
        # What is asked first stands where nobody has to scroll for it.
        Column("final", "総合点", numeric=True, sort=True),
        Column("grade", "評語", sort=True),
        Column("rank", "順位", numeric=True, sort=True),
        Column("gap", "次の評語まで", numeric=True, sort=True),
        *[Column(code, name, numeric=True, sort=True) for code, name in COMPONENTS],
        Column("bureau", "経済産業局", sort=True),
        Column("flags", "確認事項", numeric=True, sort=True),
        Column("note", "備考", css="yz-longtext"),
    ]
    return Table(
        caption=f"拠点の一覧（{len(found.shown)}／{len(found.rows)}拠点）",
        columns=columns,
        rows=[_row(run_id, row, found.wanted.query) for row in found.shown],
        sticky=True,
        empty=Empty("条件に合う拠点はありません。", "条件を消すと、すべての拠点が表示されます。"),
    )


def _row(run_id: int, row: Row, query: str) -> dict[str, Any]:
    result, outlook = row.result, row.outlook
    address = reverse("workbench_hub", args=[run_id, result.hub.code])
    ranked = outlook.rank_text if outlook and outlook.rank else ""
    cells: dict[str, Any] = {
        "hub": Cell(result.hub_name, f"{address}{query}", sort_key=result.hub.code),
        "bureau": result.bureau_name,
        "final": Cell(result.final, note=outlook.score_text if outlook else ""),
        "grade": Cell(result.grade if result.is_graded else "評語なし", note=_chance(row)),
        "rank": Cell(result.rank, note=ranked),
        "gap": Cell(row.gap, note=f"評語{row.target}" if row.target else ""),
        "flags": row.flags or None,
        "note": "".join(row.remarks),
    }
    for (code, _), points in zip(COMPONENTS, row.line.points, strict=True):
        cells[code] = None if points is None else points.quantize(Decimal("0.01"))
    return cells


def _chance(row: Row) -> str:
    """How sure the grade is."""
    if row.outlook is None:
        return ""
    chance = dict(row.outlook.chances).get(row.result.grade)
    return "" if chance is None else f"{chance}%"


def bench_tiles(run_id: int, found: Listing) -> list[screen_tiles.ScreenTile]:
    """The hubs asked for on the map; the others stand without a value."""
    values, urls = {}, {}
    for row in found.shown:
        result = row.result
        level = LEVELS.get(result.grade, 0) if result.is_graded else 0
        values[result.hub.code] = charts.Tile(
            f"{result.grade or '－'} {shown(result.final)}", level
        )
        address = reverse("workbench_hub", args=[run_id, result.hub.code])
        urls[result.hub.code] = f"{address}{found.wanted.query}"
    return screen_tiles.rows(values, urls)


def conditions(found: Listing) -> list[dict[str, Any]]:
    """The filters of the list with their choices."""
    grades = [(name, name) for name, _ in found.scheme.grades]
    listed = (
        ("bureau", "経済産業局", [(name, name) for name in found.bureaus]),
        ("grade", "評語", [*grades, (NO_GRADE, "評語なし")]),
        ("mark", "絞り込み", list(MARKS)),
    )
    return [
        {
            "name": name,
            "label": label,
            "choices": choices,
            "chosen": getattr(found.wanted, name),
        }
        for name, label, choices in listed
    ]


def score_picture(bins: Sequence[network.Bin]) -> SafeString:
    """Bars: hubs per five points of the score."""
    return charts.bar(
        "総合点の分布", [charts.Bar(bin_label(one), one.hubs) for one in bins], unit="拠点"
    )


def score_table(bins: Sequence[network.Bin]) -> Table:
    """The same numbers as a table."""
    return Table(
        caption="総合点の分布",
        columns=[
            Column("range", "総合点", header=True),
            Column("hubs", "拠点数", numeric=True, unit="拠点"),
        ],
        rows=[{"range": bin_label(one), "hubs": one.hubs} for one in bins],
        totals={"range": "合計", "hubs": sum(one.hubs for one in bins)},
    )


def bin_label(one: network.Bin) -> str:
    """75点以上80点未満; the highest one holds 100 points as well."""
    if one.high == network.TOP:
        return f"{one.low}点以上{one.high}点まで"
    return f"{one.low}点以上{one.high}点未満"


def component_spread(found: Bench) -> Table:
    """Every component over all hubs: mean, median, lowest, highest."""
    return Table(
        caption="評価区分の得点（全拠点）",
        columns=[
            Column("name", "評価区分", header=True),
            Column("weight", "重み", numeric=True),
            Column("hubs", "拠点数", numeric=True),
            Column("mean", "平均", numeric=True),
            Column("median", "中央値", numeric=True),
            Column("low", "最低", numeric=True),
            Column("high", "最高", numeric=True),
        ],
        rows=[
            {
                "name": part.name,
                "weight": part.weight,
                "hubs": part.hubs,
                "mean": part.mean,
                "median": found.medians.get((part.code, "")),
                "low": _two(part.low),
                "high": _two(part.high),
            }
            for part in found.listing.found.components
        ],
    )


def _two(value: Decimal | None) -> Decimal | None:
    """Points as means and medians show them."""
    return None if value is None else figures.q(value, 2)


def correlation_table(found: Bench) -> Table:
    """r of each component with each other one and with the total; what is doubtful says so."""
    return correlation_grid(found.correlation, _names(found))


def doubtful(found: Bench) -> list[str]:
    """What the correlations ask HQ to look at, in sentences."""
    return doubtful_components(found.correlation, _names(found))


def _names(found: Bench) -> dict[str, str]:
    return {part.code: part.name for part in found.listing.scheme.components}


def sureness(found: Listing) -> list[dict[str, str]]:
    """How many hubs hold a grade that is near a bound or depends on an assumption."""
    if found.analysis is None:
        return []
    known = [row.outlook for row in found.rows if row.outlook and row.result.is_graded]
    near = sum(bool(one.near) for one in known)
    depends = sum(bool(one.depends_on) for one in known)
    robust = sum(one.is_robust for one in known)
    stern = words.severity_word(found.analysis.content["severity"])
    return [
        {"label": "評語が前提によらない拠点", "value": f"{robust}拠点（頑健）"},
        {"label": "前提により評語が変わる拠点", "value": f"{depends}拠点"},
        {"label": "評語の境目が90％区間にある拠点", "value": f"{near}拠点"},
        {
            "label": "評価者の厳しさ",
            "value": stern,
        },
    ]


def remark_table(run_id: int, found: Listing) -> Table:
    """Everything a reader of the results must know, hub by hub."""
    rows = [
        {
            "hub": Cell(
                row.result.hub_name,
                reverse("workbench_hub", args=[run_id, row.result.hub.code]),
                sort_key=row.result.hub.code,
            ),
            "text": text,
        }
        for row in found.rows
        for text in row.remarks
    ]
    return Table(
        caption="備考",
        columns=[Column("hub", "拠点", header=True), Column("text", "内容")],
        rows=rows,
        empty=Empty("備考はありません。"),
    )
