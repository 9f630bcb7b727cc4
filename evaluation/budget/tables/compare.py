"""Tables of the comparison: measures, hubs x scenarios, parameters that differ."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from evaluation.budget.comparing import Comparison, HubRow, Side
from evaluation.budget.queries import BOUNDS
from evaluation.budget.rules.compare import Extreme, Measures
from yorozu.core import figures, fiscal
from yorozu.core.web.tables import Cell, Column, Table

NOTHING = "なし"


def headings(found: Comparison) -> list[str]:
    """Short names of the scenarios: 案1, 案2 …"""
    return [f"案{place}" for place in range(1, len(found.sides) + 1)]


def legend(found: Comparison) -> list[dict[str, Any]]:
    """Which scenario stands behind which short name."""
    return [
        {
            "short": short,
            "scenario": side.scenario,
            "url": reverse("scenario_detail", args=[side.scenario.pk]),
            "flags": side.flags,
            "first_query": found.query_from(place) if place else "",
        }
        for place, (short, side) in enumerate(zip(headings(found), found.sides, strict=True))
    ]


def compared_hubs(found: Comparison, *, thousands: bool = False) -> Table:
    """One row a hub: yen, change against last year and against the first scenario, limits hit.

    With ``thousands`` in 千円 and without links and limits, as the paper shows it.
    """
    unit = "千円" if thousands else "円"
    columns = [
        Column("hub", "拠点", header=True, sort=True, css="rp-c-32"),
        Column("prior", "前年度", numeric=True, unit=unit, sort=True),
    ]
    for place, short in enumerate(headings(found)):
        columns += [
            Column(f"yen{place}", short, numeric=True, unit=unit, sort=True),
            Column(f"change{place}", f"{short} 前年度差", numeric=True, unit=unit, sort=True),
        ]
        if place:
            columns.append(
                Column(f"apart{place}", f"{short} 案1との差", numeric=True, unit=unit, sort=True)
            )
        if not thousands:
            columns.append(Column(f"bound{place}", f"{short} 上下限", sort=True))
    show = figures.thousand_yen if thousands else _same
    return Table(
        caption=f"拠点別の比較（{fiscal.nendo(found.fiscal_year)}、単位：{unit}）",
        columns=columns,
        rows=[_hub(found, row, show) for row in found.hubs],
        totals=_sums(found, show) if found.is_whole else None,
        sticky=True,
    )


def _same(yen: int) -> int:
    return yen


def _hub(found: Comparison, row: HubRow, show: Callable[[int], int]) -> dict[str, Any]:
    def shown(yen: int | None) -> int | None:
        return None if yen is None else show(yen)

    cells: dict[str, Any] = {
        "hub": Cell(row.name, sort_key=row.code),
        "prior": shown(row.prior),
    }
    for place, (side, line) in enumerate(zip(found.sides, row.lines, strict=True)):
        url = reverse("scenario_hub", args=[side.scenario.pk, row.code]) if line else ""
        yen = shown(line.budget_yen if line else None)
        cells |= {
            f"yen{place}": Cell(yen, url) if show is _same else yen,
            f"change{place}": shown(row.change(place)),
            f"apart{place}": shown(row.apart(place)),
            f"bound{place}": bounds_words(line.bound_1, line.bound_2) if line else "",
        }
    return cells


def bounds_words(first: str, second: str) -> str:
    """Which limits of the two stages a hub has hit."""
    said = [
        f"{stage}{BOUNDS[bound]}" for stage, bound in (("1段", first), ("2段", second)) if bound
    ]
    return "・".join(said)


def _sums(found: Comparison, show: Callable[[int], int]) -> dict[str, Any]:
    first = sum(line.budget_yen for line in found.sides[0].lines.values())
    priors = sum(line.prior_yen or 0 for line in found.sides[0].lines.values())
    sums: dict[str, Any] = {"hub": "合計", "prior": show(priors)}
    for place, side in enumerate(found.sides):
        yen = sum(line.budget_yen for line in side.lines.values())
        sums |= {
            f"yen{place}": show(yen),
            f"change{place}": show(yen - sum(row.prior_yen or 0 for row in side.lines.values())),
            f"apart{place}": show(yen - first),
        }
    return sums


def compared_measures(found: Comparison, *, as_numbers: bool = False) -> Table | None:
    """What each scenario does to the whole network; None for those who see a part of it.

    With ``as_numbers`` (files) amounts and coefficients stay numbers, the unit beside the name.
    """
    sides = [(side, side.measures) for side in found.sides if side.measures is not None]
    if not sides:
        return None
    rows = [
        {"label": f"{label}（{unit}）" if as_numbers and unit else label}
        | {
            f"s{n}": tell(side, told) if as_numbers else _told(tell(side, told), unit)
            for n, (side, told) in enumerate(sides)
        }
        for label, unit, tell in MEASURES
    ]
    return Table(
        caption="案ごとの数値",
        columns=[
            Column("label", "項目", header=True, css="yz-roomy"),
            *[Column(f"s{n}", short, numeric=True) for n, short in enumerate(headings(found))],
        ],
        rows=rows,
    )


def _extreme(extreme: Extreme | None) -> str:
    if extreme is None:
        return NOTHING
    names = "、".join(name.removesuffix("よろず支援拠点") for name in extreme.names)
    return f"{figures.format_yen(extreme.yen)}（{names}）"


def _counts(pair: tuple[int, int]) -> str:
    return f"{pair[0]}／{pair[1]}拠点"


def _said(value: Any) -> str:
    return figures.Blank.NOT_APPLICABLE.value if value is None else figures.format_decimal(value, 3)


# (label, unit of an amount, value): a number stays one in the files, a text says itself.
MEASURES: tuple[tuple[str, str, Callable[[Side, Measures], Any]], ...] = (
    ("予算総額", "円", lambda side, _: side.scenario.total_yen),
    ("配分額", "円", lambda side, _: side.scenario.distributed_yen),
    ("留保額", "円", lambda side, _: side.scenario.reserve_yen),
    ("うち上限のため配分できない額", "円", lambda side, _: side.undistributed),
    ("前年度から動いた額（増減の絶対値の半分）", "円", lambda _, told: told.moved),
    ("最も増える拠点", "", lambda _, told: _extreme(told.gain)),
    ("最も減る拠点", "", lambda _, told: _extreme(told.loss)),
    ("下限に掛かる拠点（第1／第2段階）", "", lambda _, told: _counts(told.floors)),
    ("上限に掛かる拠点（第1／第2段階）", "", lambda _, told: _counts(told.caps)),
    ("評価点と前年度差（円）の相関", "", lambda _, told: told.score_change),
    ("評価点と前年度からの増減率の相関", "", lambda _, told: told.score_rate),
    ("中小企業1者あたりの額のジニ係数", "", lambda _, told: told.gini),
)


def _told(value: Any, unit: str) -> str:
    if isinstance(value, str):
        return value
    return figures.format_yen(value) if unit else _said(value)


def compared_parameters(found: Comparison) -> Table:
    """The rules side by side; a row that differs says so in words and looks."""
    return Table(
        caption="計算に使った値",
        columns=[
            Column("label", "項目", header=True),
            Column("mark", "違い", css="yz-nowrap"),
            *[Column(f"s{n}", short) for n, short in enumerate(headings(found))],
        ],
        rows=[
            {
                "label": row.label,
                "mark": "案で違う" if row.differs else "同じ",
                **{
                    f"s{n}": Cell(value, css="yz-apart" if row.differs else "")
                    for n, value in enumerate(row.values)
                },
            }
            for row in found.parameters()
        ],
    )
