"""The process matrix as a table and as rows of a file."""

from collections.abc import Iterable, Sequence
from typing import Any

from yorozu.core.access import Scope
from yorozu.core.fiscal import nendo
from yorozu.core.web.addresses import addresses
from yorozu.core.web.chips import Chip
from yorozu.core.web.tables import Cell, Column, Empty, Table
from yorozu.portal.home import links
from yorozu.portal.home.matrix import Line, Matrix
from yorozu.portal.home.steps import Stage, Step, days_left

COLUMNS = (
    Column("hub", "拠点", header=True, sort=True),
    *(Column(stage.code, stage.label) for stage in Stage),
)
FILE_HEADER = [
    "拠点コード",
    "拠点名",
    "経済産業局",
    *(
        heading
        for stage in Stage
        for heading in (stage.label, f"{stage.label}の補足", f"{stage.label}の期限まで（日）")
    ),
]


def matrix_table(scope: Scope, found: Matrix, lines: Sequence[Line], *, narrowed: bool) -> Table:
    """One row per line; every cell leads to its object."""
    empty = (
        Empty("該当する拠点はありません。", "絞込みを外すと、担当する全ての拠点を表示します。")
        if narrowed
        else Empty("担当する拠点がありません。", "担当の登録はシステム管理者が行います。")
    )
    several = len({line.hub.bureau_id for line in found.lines}) > 1
    return Table(
        caption=f"工程マトリクス（{nendo(found.term.fiscal_year)}、{len(lines)}拠点）",
        columns=COLUMNS,
        rows=[_row(scope, found, line, several=several) for line in lines],
        empty=empty,
        sticky=True,
    )


def _row(scope: Scope, found: Matrix, line: Line, *, several: bool) -> dict[str, Any]:
    row: dict[str, Any] = {
        stage.code: _cell(step, cell_url(scope, found, line, stage))
        for stage, step in line.steps.items()
    }
    row["hub"] = Cell(
        line.hub.name,
        url=links.record_url(line.hub),
        note=line.hub.bureau.name if several else "",
        sort_key=line.hub.code,
    )
    return row


def _cell(step: Step, url: str) -> Cell:
    chip = step.chip
    return Cell(Chip(chip.status, chip.note, url) if chip else None, note=step.note)


def cell_url(scope: Scope, found: Matrix, line: Line, stage: Stage) -> str:
    """The object behind a cell, as far as the scope may open it."""
    step = line.steps[stage]
    if stage == Stage.POLICY:
        if found.policy_id is None:
            return addresses("term_detail")(found.term.pk)
        return addresses("policy_detail")(found.policy_id)
    if stage == Stage.MONTH:
        return links.grid_url(scope, line.hub, found.term)
    if stage == Stage.EVALUATION:
        return links.run_url(scope, step.object_id, line.hub) if step.object_id else ""
    return links.plan_url(scope, found.term, line.plan)


def file_rows(found: Matrix, lines: Iterable[Line]) -> list[list[Any]]:
    """The same lines for a file: word, note and days to the deadline of every step."""
    return [
        [
            line.hub.code,
            line.hub.name,
            line.hub.bureau.name,
            *(value for step in line.steps.values() for value in _file_cells(step, found)),
        ]
        for line in lines
    ]


def _file_cells(step: Step, found: Matrix) -> list[Any]:
    if step.chip is None:
        return ["", step.note, None]
    # Only a step that still waits says days beside its chip; a deadline that was met is past.
    left = days_left(step.due, found.ground.today) if step.due and step.chip.note else None
    return [step.chip.status.label, step.note, left]
