"""Hub by hub: intervals, chances, verdicts; the part that stands on the page of one hub."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString

from evaluation.scoring.analysis import words
from evaluation.scoring.analysis.queries import (
    Analysis,
    HubOutlook,
    analysis_of,
    names_of,
)
from evaluation.scoring.models import EvaluationRun, RunHubResult
from yorozu.core import charts
from yorozu.core.web.tables import Cell, Column, Table

MOST_NAMED = 4
Names = Mapping[str, str]
Results = Sequence[RunHubResult]


def hub_table(run: EvaluationRun, found: Analysis, results: Results, names: Names) -> Table:
    """Score and rank as intervals, chance of each grade and verdict, hub by hub."""
    return Table(
        caption="拠点別のばらつきと頑健性",
        columns=[
            Column("hub", "拠点", header=True, sort=True),
            Column("final", "総合点", numeric=True, sort=True),
            Column("score", "総合点の90％区間", numeric=True),
            Column("rank", "順位の90％区間", numeric=True, sort=True),
            Column("grade", "評語", sort=True),
            Column("chances", "評語の確率"),
            Column("verdict", "判定", sort=True, css="yz-longtext"),
            Column("moved", "重みも動かした区間", numeric=True),
        ],
        rows=[_hub_row(run, row, found.hubs.get(row.hub.code), names) for row in results],
        sticky=True,
    )


def _hub_row(
    run: EvaluationRun, result: RunHubResult, found: HubOutlook | None, names: Names
) -> dict[str, Any]:
    url = reverse("run_hub", args=[run.pk, result.hub.code])
    row: dict[str, Any] = {
        "hub": Cell(result.hub_name, url, sort_key=result.hub.code),
        "final": result.final,
        "grade": result.grade if result.is_graded else "評語なし",
    }
    if found is None:
        return row
    return {
        **row,
        "score": words.score_range(found.score),
        "moved": words.score_range(found.moved_score),
        "rank": Cell(found.rank_text, sort_key=found.rank[1] if found.rank else None),
        "chances": Cell(words.chances_word(found.chances), note=words.near_word(found.near)),
        "verdict": _verdict(found, names),
    }


def _verdict(found: HubOutlook, names: Names) -> Cell:
    """頑健, or 前提によって変わる with what it depends on below it, the first few by name."""
    if found.depends_on is None:
        return Cell("")
    if found.is_robust:
        return Cell(words.ROBUST, sort_key=0)
    named = [words.variant_word(code, names) for code in found.depends_on]
    more = len(named) - MOST_NAMED
    note = "、".join(named[:MOST_NAMED]) + (f"、ほか{more}件" if more > 0 else "")
    return Cell("前提によって変わる", note=note, sort_key=len(named))


def hub_rows(found: Analysis, results: Results, names: Names) -> tuple[list[str], list[list[Any]]]:
    """The same as a file: bounds and chances in columns of their own."""
    grades: Sequence[str] = found.content["grades"]
    bounds = ("5％点", "中央値", "95％点")
    header = ["拠点コード", "拠点名", "総合点", "評語", "順位"]
    for label in ("総合点", "総合点（重みも動かす）", "順位", "順位（重みも動かす）"):
        header += [f"{label} {bound}" for bound in bounds]
    header += [f"{name}の確率（％）" for name in grades] + [
        "境目が区間内の評語",
        "判定",
        "評語が変わる前提",
    ]
    return header, [_file_row(row, found.hubs.get(row.hub.code), names, grades) for row in results]


def _file_row(
    result: RunHubResult, found: HubOutlook | None, names: Names, grades: Sequence[str]
) -> list[Any]:
    row: list[Any] = [
        result.hub.code,
        result.hub_name,
        result.final,
        result.grade if result.is_graded else "",
        result.rank,
    ]
    if found is None:
        return [*row, *[None] * (12 + len(grades)), "", "", ""]
    for part in (found.score, found.moved_score, found.rank, found.moved_rank):
        row += list(part) if part else [None] * 3
    chances = dict(found.chances)
    row += [chances.get(name) for name in grades]
    depends = found.depends_on
    said = "" if depends is None else words.ROBUST if not depends else "前提によって変わる"
    named = "、".join(words.variant_word(code, names) for code in depends or ())
    return [*row, "、".join(found.near), said, named]


def interval_picture(
    found: Analysis, results: Results, cuts: Iterable[tuple[str, Decimal]]
) -> SafeString | str:
    """Every hub's interval, the highest score first, with the cuts of the grades; "" for none."""
    drawn = [
        (row, found.hubs[row.hub.code])
        for row in results
        if row.final is not None and row.hub.code in found.hubs and found.hubs[row.hub.code].score
    ]
    if not drawn:
        return ""
    drawn.sort(key=lambda pair: (-(pair[0].final or 0), pair[0].hub.code))
    return charts.spans(
        "総合点の90％区間（点は総合点）",
        [
            charts.Span(
                row.hub_name.removesuffix("よろず支援拠点"),
                hub.score[0],
                hub.score[-1],
                row.final or Decimal(0),
                f"{hub.score[0]}～{hub.score[-1]}",
            )
            for row, hub in drawn
        ],
        unit="点",
        bounds=[(name, cut) for name, cut in cuts if cut > 0],
    )


def picture_table(found: Analysis, results: Results) -> Table:
    """The numbers of the picture."""
    return Table(
        caption="総合点の90％区間",
        columns=[
            Column("hub", "拠点", header=True),
            Column("low", "5％点", numeric=True, unit="点"),
            Column("final", "総合点", numeric=True, unit="点"),
            Column("high", "95％点", numeric=True, unit="点"),
        ],
        rows=[
            {
                "hub": row.hub_name,
                "low": found.hubs[row.hub.code].score[0],
                "final": row.final,
                "high": found.hubs[row.hub.code].score[-1],
            }
            for row in results
            if row.hub.code in found.hubs and found.hubs[row.hub.code].score
        ],
    )


def hub_outlook(run: EvaluationRun, result: RunHubResult) -> dict[str, Any] | None:
    """What the page of one hub shows: facts and the variants on which its grade depends.

    None for a run without analysis.
    """
    found = analysis_of(run)
    hub = found.hubs.get(result.hub.code) if found else None
    if found is None or hub is None:
        return None
    names = names_of(run)
    told = [
        {"label": "総合点の90％区間", "value": words.score_range(hub.score)},
        {"label": "重みも動かした区間", "value": words.score_range(hub.moved_score)},
        {"label": "順位の90％区間", "value": hub.rank_text},
        {"label": "評語の確率", "value": words.chances_word(hub.chances)},
        {"label": "評語の境目", "value": words.near_word(hub.near)},
    ]
    if hub.depends_on is not None:
        said = (
            "頑健（どの前提でも評語は変わりません）"
            if hub.is_robust
            else f"{len(hub.depends_on)}つの前提で評語が変わります"
        )
        told.append({"label": "判定", "value": said})
    return {
        "facts": [row for row in told if row["value"]],
        "depends": [words.variant_word(code, names) for code in hub.depends_on or ()],
        "table": _hub_variants(found, result, names),
    }


def _hub_variants(found: Analysis, result: RunHubResult, names: Names) -> Table | None:
    """Score, grade and rank of one hub under every variant."""
    if not result.is_graded:
        return None
    rows: list[dict[str, Any]] = [
        {"variant": "この評価", "final": result.final, "grade": result.grade}
    ]
    for variant in found.content["variants"]:
        grade, _, final = variant["hubs"].get(result.hub.code, (None, None, None))
        if grade is None:
            continue
        is_changed = grade != result.grade
        rows.append(
            {
                "variant": words.variant_word(variant["code"], names),
                "final": Decimal(final),
                "grade": Cell(f"{result.grade}→{grade}", css="yz-changed") if is_changed else grade,
            }
        )
    return Table(
        caption="前提を変えたときの総合点と評語",
        columns=[
            Column("variant", "変えた前提", header=True),
            Column("final", "総合点", numeric=True, unit="点"),
            Column("grade", "評語"),
        ],
        rows=rows,
    )
