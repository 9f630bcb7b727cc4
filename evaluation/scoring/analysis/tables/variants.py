"""What other assumptions would change: nationally, and hubs by variants."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse

from evaluation.scoring.analysis import words
from evaluation.scoring.analysis.queries import (
    Analysis,
)
from evaluation.scoring.models import EvaluationRun, RunHubResult
from yorozu.core import figures
from yorozu.core.web.tables import Cell, Column, Empty, Table

Names = Mapping[str, str]
Results = Sequence[RunHubResult]
Row = Sequence[Any]
Base = Mapping[str, tuple[str | None, int | None]]


def variant_summary(found: Analysis, names: Names) -> Table:
    """For each other assumption: how many grades change and how far ranks move, nationally."""
    base = _base(found)
    rows = []
    for variant in found.content["variants"]:
        moves = _moves(variant["hubs"], base)
        changed = sum(
            1 for code, row in variant["hubs"].items() if _is_changed(base.get(code), row)
        )
        rows.append(
            {
                "variant": words.variant_word(variant["code"], names),
                "changed": changed,
                "mean": figures.q(Decimal(sum(moves)) / len(moves), 1) if moves else None,
                "most": max(moves, default=None),
            }
        )
    return Table(
        caption="前提ごとの影響（全国）",
        columns=[
            Column("variant", "変えた前提", header=True),
            Column("changed", "評語が変わる拠点", numeric=True, unit="拠点"),
            Column("mean", "順位の動きの平均", numeric=True, unit="位"),
            Column("most", "順位の動きの最大", numeric=True, unit="位"),
        ],
        rows=rows,
    )


def _base(found: Analysis) -> Base:
    """Grade and rank of the run itself by hub code."""
    rows = found.row.run.hub_results.values_list("hub__code", "is_graded", "grade", "rank")
    return {code: (grade if graded else None, rank) for code, graded, grade, rank in rows}


def _moves(hubs: Mapping[str, Row], base: Base) -> list[int]:
    return [
        abs(row[1] - rank)
        for code, row in hubs.items()
        if (rank := base.get(code, (None, None))[1]) is not None and row[1] is not None
    ]


def _is_changed(own: tuple[str | None, int | None] | None, row: Row) -> bool:
    return bool(own and own[0] and row[0] and own[0] != row[0])


def shift_table(run: EvaluationRun, found: Analysis, results: Results, names: Names) -> Table:
    """Hubs by variants: rank and grade; a changed grade is bold and says from what to what."""
    variants = found.content["variants"]
    columns = [
        Column("hub", "拠点", header=True),
        Column("own", "この評価", numeric=True),
        *[
            Column(variant["code"], words.variant_word(variant["code"], names), numeric=True)
            for variant in variants
        ],
    ]
    return Table(
        caption="前提を変えたときの順位と評語",
        columns=columns,
        rows=[_shift_row(run, result, variants) for result in results if result.is_graded],
        empty=Empty("評語の付いた拠点がありません。"),
        sticky=True,
    )


def _shift_row(
    run: EvaluationRun, result: RunHubResult, variants: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    own = (result.grade, result.rank)
    row: dict[str, Any] = {
        "hub": Cell(result.hub_name, reverse("run_hub", args=[run.pk, result.hub.code])),
        "own": f"{result.rank}位 {result.grade}",
    }
    for variant in variants:
        grade, rank, _ = variant["hubs"].get(result.hub.code, (None, None, None))
        if grade is None:
            row[variant["code"]] = ""
        elif _is_changed(own, (grade, rank)):
            row[variant["code"]] = Cell(f"{rank}位 {result.grade}→{grade}", css="yz-changed")
        else:
            row[variant["code"]] = f"{rank}位 {grade}"
    return row


def shift_rows(
    found: Analysis, results: Results, names: Names
) -> tuple[list[str], list[list[Any]]]:
    """The same as a file: grade, rank and score of each variant in columns of their own."""
    variants = found.content["variants"]
    header = ["拠点コード", "拠点名", "評語", "順位", "総合点"]
    for variant in variants:
        word = words.variant_word(variant["code"], names)
        header += [f"{word}：{part}" for part in ("評語", "順位", "総合点")]
    rows = []
    for result in results:
        row: list[Any] = [
            result.hub.code,
            result.hub_name,
            result.grade if result.is_graded else "",
            result.rank,
            result.final,
        ]
        for variant in variants:
            grade, rank, final = variant["hubs"].get(result.hub.code, (None, None, None))
            row += [grade, rank, None if final is None else Decimal(final)]
        rows.append(row)
    return header, rows
