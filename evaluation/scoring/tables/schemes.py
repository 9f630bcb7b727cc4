"""Results of one run under the scheme of before and after a change of the year's rules."""

from collections.abc import Sequence
from typing import Any

from evaluation.scoring.comparing import Outcome, UnderScheme
from evaluation.scoring.models import EvaluationRun, RunHubResult
from evaluation.scoring.queries import RunSummary
from yorozu.core.web.tables import Column, Table


def _grade(one: Outcome | None) -> str:
    if one is None:
        return ""
    return one.grade if one.is_graded else "評語なし"


def _columns(key: str, label: str) -> list[Column]:
    return [
        Column(f"{key}final", f"総合点（{label}）", numeric=True),
        Column(f"{key}grade", f"評語（{label}）"),
        Column(f"{key}rank", f"順位（{label}）", numeric=True),
    ]


def schemes_table(results: Sequence[RunHubResult], others: Sequence[UnderScheme]) -> Table | None:
    """Every hub under the scheme of the run and under each other one; None without another."""
    if not others:
        return None
    columns = [Column("hub", "拠点", header=True), *_columns("", "この評価")]
    for place, other in enumerate(others):
        columns += _columns(f"{place}-", other.label)
        columns.append(Column(f"{place}-change", f"総合点の差（{other.label}から）", numeric=True))
    return Table(
        caption="変更前と変更後の評価基準による結果",
        columns=columns,
        rows=[_row(result, others) for result in results],
        sticky=True,
    )


def _row(result: RunHubResult, others: Sequence[UnderScheme]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "hub": result.hub_name,
        "final": result.final,
        "grade": result.grade if result.is_graded else "評語なし",
        "rank": result.rank,
    }
    for place, other in enumerate(others):
        one = other.hubs.get(result.hub.code)
        row |= {
            f"{place}-final": one.final if one else None,
            f"{place}-grade": _grade(one),
            f"{place}-rank": one.rank if one else None,
            f"{place}-change": one.change(result.final) if one else None,
        }
    return row


def hub_schemes_table(
    run: EvaluationRun, result: RunHubResult, mean: RunSummary, others: Sequence[UnderScheme]
) -> Table | None:
    """One hub, a row per scheme; None without another."""
    if not others:
        return None
    rows: list[dict[str, Any]] = [
        {
            "scheme": f"この評価（{run.scheme}）",
            "final": result.final,
            "grade": result.grade if result.is_graded else "評語なし",
            "rank": result.rank,
            "mean": mean.mean,
        }
    ]
    for other in others:
        one = other.hubs.get(result.hub.code)
        rows.append(
            {
                "scheme": other.title,
                "final": one.final if one else None,
                "grade": _grade(one),
                "rank": one.rank if one else None,
                "mean": other.mean,
            }
        )
    return Table(
        caption="変更前と変更後の評価基準による結果",
        columns=[
            Column("scheme", "評価基準", header=True),
            Column("final", "総合点", numeric=True, unit="点"),
            Column("grade", "評語"),
            Column("rank", "順位", numeric=True, unit="位"),
            Column("mean", "全国平均", numeric=True, unit="点"),
        ],
        rows=rows,
    )
