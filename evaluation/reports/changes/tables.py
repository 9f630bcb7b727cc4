"""The difference as tables: hubs, national values, changed inputs."""

from decimal import Decimal
from typing import Any

from django.urls import reverse

from evaluation.reports.changes.queries import Difference
from evaluation.scoring.queries import COMPONENTS
from evaluation.scoring.rules.changes import CAUSES, HubChange
from yorozu.core.web.tables import Cell, Column, Empty, Table

NAMES = dict(COMPONENTS)


def counts(found: Difference) -> list[dict[str, str]]:
    """National figures of the difference; they name no hub."""
    hubs = found.changes.hubs
    moved = [hub for hub in hubs if hub.points]
    graded = [hub for hub in hubs if hub.old.grade != hub.new.grade]
    ranked = [hub for hub in hubs if hub.old.rank != hub.new.rank]
    seen = {hub.code for hub in (*moved, *graded, *ranked)}
    aside = [hub for hub in hubs if hub.code in seen and set(hub.causes) <= {"prior", "others"}]
    return [
        {"label": "総合点が変わった拠点", "value": f"{len(moved)}拠点"},
        {"label": "評語が変わった拠点", "value": f"{len(graded)}拠点"},
        {"label": "順位が変わった拠点", "value": f"{len(ranked)}拠点"},
        {"label": "自拠点の訂正なしに変わった拠点", "value": f"{len(aside)}拠点"},
    ]


def hub_table(found: Difference) -> Table:
    """A row per hub, the changed ones first."""
    columns = [
        Column("hub", "拠点", header=True, sort=True),
        # What is asked first stands where nobody has to scroll for it.
        Column("points", "差", numeric=True, unit="点", sort=True),
        Column("old_final", f"総合点（第{found.old.number}回）", numeric=True, unit="点"),
        Column("new_final", f"総合点（第{found.run.number}回）", numeric=True, unit="点"),
        Column("old_grade", "評語（前）"),
        Column("new_grade", "評語（後）"),
        Column("old_rank", "順位（前）", numeric=True, unit="位"),
        Column("new_rank", "順位（後）", numeric=True, unit="位", sort=True),
    ]
    if found.yen:
        columns += [
            Column("old_yen", "配分案（前）", numeric=True, unit="円"),
            Column("new_yen", "配分案（後）", numeric=True, unit="円"),
            Column("yen", "配分案の差", numeric=True, unit="円", sort=True),
        ]
    columns += [Column("cause", "変わった理由"), Column("parts", "区分の得点", css="yz-longtext")]
    return Table(
        f"拠点別の差（{len(found.hubs)}拠点、変わった拠点が先）",
        columns,
        [_row(found, hub) for hub in found.hubs],
        empty=Empty("比べられる拠点がありません。"),
        sticky=True,
    )


def _row(found: Difference, hub: HubChange) -> dict[str, Any]:
    row: dict[str, Any] = {
        "hub": Cell(
            found.names[hub.code],
            reverse("run_hub", args=[found.run.pk, hub.code]),
            sort_key=hub.code,
        ),
        "old_final": hub.old.final,
        "new_final": hub.new.final,
        "points": hub.points if hub.points is None else signed(hub.points),
        "old_grade": hub.old.grade or "評語なし",
        "new_grade": hub.new.grade or "評語なし",
        "old_rank": hub.old.rank,
        "new_rank": hub.new.rank,
        "cause": "、".join(CAUSES[cause] for cause in hub.causes) or "変わりません",
        "parts": parts_of(hub),
    }
    if found.yen:
        old, new = found.yen.get(hub.code, (0, 0))
        row |= {"old_yen": old, "new_yen": new, "yen": new - old}
    return row


def signed(points: Decimal) -> Cell:
    """+0.12 or -0.12, sorted as the number it is."""
    return Cell(f"{points:+.2f}" if points else "0.00", sort_key=points)


def parts_of(hub: HubChange) -> str:
    """Components whose points changed, before and after."""
    return "、".join(
        f"{NAMES.get(code, code)}{_points(old)}→{_points(new)}" for code, old, new in hub.components
    )


def _points(value: Decimal | None) -> str:
    return "対象外" if value is None else f"{value:.2f}"


def prior_table(found: Difference) -> Table:
    """National means that the shrinkage of small samples leans on."""
    return Table(
        "全国の平均の変化",
        [
            Column("component", "評価区分", header=True),
            Column("old", f"第{found.old.number}回", numeric=True),
            Column("new", f"第{found.run.number}回", numeric=True),
        ],
        [
            {
                "component": NAMES.get(row.component, row.component),
                "old": row.old[0] if row.old else None,
                "new": row.new[0] if row.new else None,
            }
            for row in found.changes.priors
        ],
        empty=Empty("全国の平均は変わりません。"),
    )


def input_table(found: Difference) -> Table:
    """Every value of the books that differs."""
    return Table(
        "変わった入力",
        [
            Column("hub", "拠点", header=True),
            Column("path", "項目"),
            Column("before", "前"),
            Column("after", "後"),
        ],
        [
            {
                "hub": Cell(
                    book.hub_name, note=f"証拠台帳 第{book.numbers[0]}号→第{book.numbers[1]}号"
                ),
                "path": path,
                "before": old,
                "after": new,
            }
            for book in found.books
            for path, old, new in book.lines
        ],
        empty=Empty("証拠台帳の値は変わっていません。"),
    )
