"""Why one hub's amount is what it is: pictures, steps to the yen, components, shares."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.safestring import SafeString

from evaluation.budget.models import BudgetLine
from evaluation.budget.queries import BARS, Explained, amounts_of
from evaluation.budget.rules import story
from evaluation.budget.rules.explain import sentence
from evaluation.budget.rules.story import FromLastYear
from evaluation.scoring.queries import COMPONENTS
from yorozu.core import charts, figures
from yorozu.core.web.tables import Column, Table

LAST_YEAR = (
    ("across", "全拠点一律の増減"),
    ("towards_formula", "配分式へ近づける分"),
    ("performance", "評価反映"),
    ("limits_2", "第2段階の上下限"),
    ("rounding", "端数"),
)
NAMES: dict[str | None, str] = {**dict(COMPONENTS), None: "調整・上下限・対象外"}


def waterfall(line: BudgetLine) -> SafeString:
    """The bars that add up to the hub's yen, in thousands."""
    steps = [_step(label, getattr(line, name)) for name, label in BARS if name != "rounding_yen"]
    steps.append(_level("配分案", line.budget_yen))
    return charts.waterfall(f"{line.hub_name}の配分案の内訳（単位：千円）", steps)


def waterfall_table(line: BudgetLine) -> Table:
    """The same steps to the yen; the sum is the amount."""
    rows, level = [], 0
    for name, label in BARS:
        yen = getattr(line, name)
        level += yen
        rows.append({"label": label, "yen": yen, "level": level})
    return _steps_table("配分案の内訳", rows, {"label": "配分案", "yen": line.budget_yen})


def last_year_picture(line: BudgetLine, steps: FromLastYear) -> SafeString:
    """From last year's contract to the proposal, in thousands; the scale begins near both."""
    drawn = [
        _level("前年度契約額", steps.prior),
        *[_step(label, getattr(steps, name)) for name, label in LAST_YEAR if name != "rounding"],
        _level("配分案", steps.budget),
    ]
    title = f"{line.hub_name}の前年度からの変化（単位：千円）"
    return charts.waterfall(title, drawn, from_zero=False)


def last_year_table(steps: FromLastYear) -> Table:
    """The same steps to the yen, beginning with last year's contract."""
    rows = [{"label": "前年度契約額（年額換算）", "yen": steps.prior, "level": steps.prior}]
    level = steps.prior
    for name, label in LAST_YEAR:
        yen = getattr(steps, name)
        level += yen
        rows.append({"label": label, "yen": yen, "level": level})
    return _steps_table("前年度からの変化", rows, {"label": "配分案", "yen": steps.budget})


def _steps_table(caption: str, rows: list[dict[str, Any]], totals: dict[str, Any]) -> Table:
    return Table(
        caption=caption,
        columns=[
            Column("label", "段階", header=True),
            Column("yen", "金額", numeric=True, unit="円"),
            Column("level", "累計", numeric=True, unit="円"),
        ],
        rows=rows,
        totals={**totals, "level": totals["yen"]},
    )


def _step(label: str, yen: int) -> charts.Step:
    return charts.Step(label, figures.thousand_yen(yen))


def _level(label: str, yen: int) -> charts.Step:
    return charts.Step(label, figures.thousand_yen(yen), is_level=True)


def performance(line: BudgetLine, explained: Explained) -> Table:
    """Which component moved how many yen, beside the points it comes from (evaluation.md 3.6)."""
    rows = []
    for code, yen in explained.parts.items():
        own, national = explained.points.get(code, (None, None)) if code else (None, None)
        rows.append(
            {
                "name": NAMES[code],
                "own": own,
                "national": national,
                "apart": _apart(own, national),
                "yen": yen,
                "text": sentence(NAMES[code], yen)
                if code
                else "審査会の調整、係数の上下限、対象外の区分と端数による差です。",
            }
        )
    return Table(
        caption="評価反映の内訳",
        columns=[
            Column("name", "区分", header=True),
            Column("own", "得点", numeric=True, unit="点"),
            Column("national", "全国平均", numeric=True, unit="点"),
            Column("apart", "差", numeric=True, unit="点"),
            Column("yen", "金額", numeric=True, unit="円"),
            Column("text", "説明", css="yz-roomy"),
        ],
        rows=rows,
        totals={"name": "評価反映", "yen": line.performance_yen, "text": ""},
    )


def _apart(own: Decimal | None, national: Decimal | None) -> Decimal | None:
    return None if own is None or national is None else own - national


def shares(line: BudgetLine) -> Table | None:
    """The hub's amount by funding line; None when the envelope was not split."""
    rows = list(line.shares.select_related("funding_line").order_by("funding_line__order"))
    if not rows:
        return None
    return Table(
        caption="予算区分ごとの額",
        columns=[
            Column("name", "予算区分", header=True),
            Column("yen", "金額", numeric=True, unit="円"),
        ],
        rows=[{"name": row.funding_line.name, "yen": row.yen} for row in rows],
        totals={"name": "配分案", "yen": line.budget_yen},
    )


def hub_facts(line: BudgetLine, note: str) -> list[dict[str, str]]:
    """Formula amount, how far the structure is from it and for how long, the yen of a point."""
    rows = [
        ("第1段階の額（構造額）", figures.format_yen(line.struct_yen)),
        ("評価点による係数", str(line.multiplier)),
    ]
    if line.formula_yen is not None:
        apart = line.struct_yen - line.formula_yen
        rows += [
            ("配分式の額", figures.format_yen(line.formula_yen)),
            ("配分式の額との差", f"{figures.format_yen(apart)}（{share_of(apart, line)}）"),
            ("配分式の額に届くまで", years_words(line)),
        ]
    if line.carry_over_yen:
        due = figures.format_yen(line.budget_yen + line.carry_over_yen)
        carried = figures.format_yen(line.carry_over_yen)
        rows.append(("前年度の訂正による繰越調整", f"{carried}（配分案との合計 {due}）"))
    if line.per_point_yen is not None:
        rows.append(
            ("総合点1点あたり", f"約{figures.format_yen(line.per_point_yen)}　{note}".strip())
        )
    return [{"label": label, "value": value} for label, value in rows]


def share_of(apart: int, line: BudgetLine) -> str:
    """The distance in percent of the formula amount."""
    percent = figures.percent(apart, line.formula_yen)
    return figures.format_percent(percent)


def years_words(line: BudgetLine) -> str:
    """Years of the walk in words."""
    if line.years_to_formula is None:
        return "30年以内には届きません（1拠点の下限額か、増減の幅による）"
    if line.years_to_formula == 0:
        return "届いています"
    return f"最短で{line.years_to_formula}年（総額と需要の数値が変わらない場合）"


def from_last_year(
    line: BudgetLine, rows: Sequence[BudgetLine]
) -> tuple[FromLastYear | None, list[str]]:
    """Steps from last year (None for a new hub) and the sentences that say them."""
    own = amounts_of(line)
    steps = story.from_last_year(own, [amounts_of(row) for row in rows])
    return steps, story.sentences(own, steps)
