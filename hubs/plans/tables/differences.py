"""Two editions of a plan side by side: marked texts, and numbers as old, new and difference."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hubs.plans.queries.editions import Edition
from hubs.plans.rules import SECTIONS
from hubs.plans.rules.agreed import read_agreed
from hubs.plans.rules.differences import (
    NumberDifference,
    TextDifference,
    aligned,
    compare_areas,
    compare_factors,
    compare_figures,
    compare_months,
    compare_targets,
    compare_texts,
)
from yorozu.core import figures
from yorozu.core.web.tables import Cell, Column, Table

MONTH_LABELS = tuple(f"{(place + 3) % 12 + 1}月" for place in range(12))


@dataclass(frozen=True)
class DifferenceSheet:
    """Everything a page of differences shows; ``unchanged`` names the parts that are the same."""

    old: Edition
    new: Edition
    texts: Sequence[tuple[str, TextDifference]]
    tables: Sequence[Table]
    unchanged: Sequence[str]

    @property
    def is_same(self) -> bool:
        """Whether the two editions say the same."""
        return not self.texts and not self.tables


def difference_sheet(old: Edition, new: Edition) -> DifferenceSheet:
    """Compare two editions; the minutes of the interview are not part of it."""
    texts = [
        (label, compare_texts(str(old.content.get(key, "")), str(new.content.get(key, ""))))
        for key, label in SECTIONS.items()
        if key in old.content or key in new.content
    ]
    tables = _tables(old, new)
    return DifferenceSheet(
        old=old,
        new=new,
        texts=[(label, found) for label, found in texts if not found.is_same],
        tables=[table for _, table in tables if table.rows],
        unchanged=[
            *(label for label, found in texts if found.is_same),
            *(label for label, table in tables if not table.rows),
        ],
    )


def _tables(old: Edition, new: Edition) -> list[tuple[str, Table]]:
    before = read_agreed(old.content, old.names)
    after = read_agreed(new.content, new.names)
    if old.plan.pk != new.plan.pk:
        before = aligned(before, after)
    figures_ = compare_figures(
        old.content.get("regional_figures") or [], new.content.get("regional_figures") or []
    )
    factors = compare_factors(
        {row.code: row for row in before.targets}, {row.code: row for row in after.targets}
    )
    return [
        ("年間目標", _number_table("年間目標", compare_targets(before, after))),
        ("月別の目標", _month_table(compare_months(before, after))),
        (
            "挑戦係数",
            _word_table("挑戦係数", "活動指標", [(row.label, "挑戦係数", row) for row in factors]),
        ),
        (
            "重点分野の内容",
            _word_table(
                "重点分野の内容",
                "重点分野",
                [
                    (name, row.label, row)
                    for name, rows in compare_areas(before, after)
                    for row in rows
                ],
            ),
        ),
        ("地域の数値", _number_table("地域の数値", figures_)),
    ]


def signed(value: int | None) -> str:
    """+120, ▲30, ±0; blank when one of the two is not there."""
    if value is None:
        return ""
    return "±0" if value == 0 else f"{'+' if value > 0 else ''}{figures.format_count(value)}"


def _number_table(caption: str, rows: Sequence[NumberDifference]) -> Table:
    changed = [row for row in rows if not row.is_same]
    return Table(
        caption=f"{caption}の変更",
        columns=(
            Column("label", "項目", header=True),
            Column("old", "変更前", numeric=True, css="rp-c-26"),
            Column("new", "変更後", numeric=True, css="rp-c-26"),
            Column("change", "差", numeric=True, css="rp-c-26"),
            Column("unit", "単位", css="rp-c-16"),
        ),
        rows=[
            {
                "label": row.label,
                "old": row.old,
                "new": row.new,
                "change": signed(row.change) or ("新規" if row.old is None else "とりやめ"),
                "unit": row.unit,
            }
            for row in changed
        ],
    )


def _month_table(
    rows: Sequence[tuple[str, str, tuple[NumberDifference, ...]]],
) -> Table:
    lines: list[dict[str, Any]] = []
    for label, unit, months in rows:
        if all(month.is_same for month in months):
            continue
        name = f"{label}（{unit}）"
        lines += [
            _month_line(name, "変更前", [month.old for month in months]),
            _month_line(name, "変更後", [month.new for month in months]),
            {
                "label": name,
                "kind": "差",
                **{f"m{place}": signed(month.change) for place, month in enumerate(months)},
                "sum": signed(_sum_change(months)),
            },
        ]
    return Table(
        caption="月別の目標の変更",
        columns=(
            Column("label", "項目", header=True, css="rp-w-3"),
            Column("kind", "区分", css="rp-c-14"),
            *(Column(f"m{place}", label, numeric=True) for place, label in enumerate(MONTH_LABELS)),
            Column("sum", "計", numeric=True, css="rp-c-14"),
        ),
        rows=lines,
    )


def _month_line(name: str, kind: str, values: Sequence[int | None]) -> dict[str, Any]:
    cells = {f"m{place}": value for place, value in enumerate(values)}
    return {"label": name, "kind": kind, **cells, "sum": figures.total(values)}


def _sum_change(months: Sequence[NumberDifference]) -> int | None:
    old = figures.total(month.old for month in months)
    new = figures.total(month.new for month in months)
    return None if old is None or new is None else new - old


def _word_table(caption: str, heading: str, rows: Sequence[tuple[str, str, Any]]) -> Table:
    return Table(
        caption=f"{caption}の変更",
        columns=(
            Column("label", heading, header=True, css="rp-w-4"),
            Column("part", "項目", css="rp-c-26"),
            Column("old", "変更前"),
            Column("new", "変更後"),
        ),
        rows=[
            {
                "label": label,
                "part": part,
                "old": Cell(row.old, css="yz-pre"),
                "new": Cell(row.new, css="yz-pre"),
            }
            for label, part, row in rows
        ],
    )
