"""Tables of the what-if."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from evaluation.desk.rules import levers, words
from evaluation.desk.rules.trial import Tried
from evaluation.desk.trial import Base, Outcome
from hubs.network.models import Hub
from yorozu.core.web.tables import Cell, Column, Empty, Table

# Of a what-if only that is advised which its fields can try.
TRIED_KINDS = {levers.COUNT, levers.FEWER, levers.ANSWERS, levers.TENTHS}


def trial_groups(base: Base, tried: Sequence[Tried]) -> list[dict[str, Any]]:
    """The fields under their components, each with its slider."""
    return [
        {
            "label": part.name,
            "code": part.code,
            "weight": part.weight,
            "fields": [one for one in tried if one.field.component == part.code],
        }
        for part in base.scheme.components
    ]


def trial_table(base: Base, start: Outcome, found: Outcome) -> Table:
    """Points per component: at the base, as tried, and what that moves in the score."""
    rows = []
    for part in base.scheme.components:
        before, after = start.points(part.code), found.points(part.code)
        moved = None if before is None or after is None else after - before
        rows.append(
            {
                "label": part.name,
                "weight": part.weight,
                "before": before,
                "after": after,
                "change": moved,
            }
        )
    return Table(
        caption="評価区分ごとの得点（試算）",
        columns=[
            Column("label", "評価区分", header=True),
            Column("after", "試算の得点", numeric=True),
            Column("change", "差", numeric=True),
            Column("before", "もとの得点", numeric=True),
            Column("weight", "重み", numeric=True),
        ],
        rows=rows,
        totals={
            "label": "総合点",
            "before": start.final,
            "after": found.final,
            "change": found.final - start.final,
        },
    )


def trial_ways(base: Base, found: Outcome) -> list[str]:
    """What more would lift the tried grade, of the kinds that the fields can try."""
    way = found.distance
    said = [
        words.sentence(item, base.names)
        for item in way.items
        if item.reach and item.kind in TRIED_KINDS
    ]
    if way.evenly and way.evenly.reach:
        said.append(words.sentence(way.evenly, base.names))
    return said


def trial_hubs(hubs: Sequence[Hub], year: int) -> Table:
    """The hubs of the scope, each with its what-if."""
    return Table(
        caption=f"拠点別の試算（{len(hubs)}拠点）",
        columns=[
            Column("code", "コード", sort=True),
            Column("hub", "拠点", header=True),
            Column("bureau", "経済産業局", sort=True),
        ],
        rows=[
            {
                "code": hub.code,
                "hub": Cell(hub.name, reverse("trial_hub", args=[year, hub.code])),
                "bureau": hub.bureau.name,
            }
            for hub in hubs
        ],
        empty=Empty("担当する拠点がありません。"),
    )
