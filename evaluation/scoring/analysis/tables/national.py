"""What is said of the network: agreement, severity, region, correlation, spreads."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from evaluation.scoring.analysis import words
from evaluation.scoring.analysis.queries import (
    Analysis,
    component_names,
)
from evaluation.scoring.analysis.tables.correlation import correlation_grid, doubtful_components
from evaluation.scoring.models import RunHubResult
from evaluation.scoring.queries import COMPONENTS
from yorozu.core import figures
from yorozu.core.web.tables import Column, Empty, Table

Names = Mapping[str, str]
Results = Sequence[RunHubResult]


def agreement_table(found: Analysis) -> Table:
    """Krippendorff's alpha and ICC(A,k) of each checklist."""
    rows = []
    for code, one in found.content["reliability"].items():
        rows.append(
            {
                "list": component_names([code])[0],
                "alpha": _number(one["alpha"], 3),
                "icc": _number(one["icc"], 3),
                "verdict": words.AGREEMENT[one["verdict"]],
                "units": one["units"],
                "raters": one["raters"],
                "panels": one["panels"],
            }
        )
    return Table(
        caption="評価者の一致（信頼性）",
        columns=[
            Column("list", "評価区分", header=True),
            Column("alpha", "クリッペンドルフのα（順序）", numeric=True),
            Column("icc", "級内相関 ICC(A,k)", numeric=True),
            Column("verdict", "判定"),
            Column("units", "複数人が採点した項目", numeric=True, unit="件"),
            Column("raters", "評価者", numeric=True, unit="人"),
            Column("panels", "評価者の組", numeric=True, unit="組"),
        ],
        rows=rows,
    )


def severity_table(found: Analysis, raters: Names) -> Table:
    """How far each rater lies above or below the others: a shadow value."""
    rows = [
        {
            "rater": raters.get(key, key),
            "scores": one["scores"],
            "correction": _number(one["correction"], 2),
        }
        for key, one in found.content["severity"]["raters"].items()
    ]
    rows.sort(key=lambda row: (row["correction"] is None, row["correction"] or 0, row["rater"]))
    return Table(
        caption="評価者の厳しさ（参考値）",
        columns=[
            Column("rater", "評価者", header=True),
            Column("scores", "採点数", numeric=True, unit="件"),
            Column(
                "correction", "ほかの評価者との差（＋は甘い、▲は厳しい）", numeric=True, unit="段階"
            ),
        ],
        rows=rows,
        empty=Empty("採点がありません。"),
    )


def regional_table(found: Analysis, results: Results, names: Names) -> Table:
    """Agreed target, level that the region leads one to expect, target between the two."""
    lines = found.content["regional"]
    codes = list(dict.fromkeys(code for held in lines.values() for code in held))
    columns = [Column("hub", "拠点", header=True)]
    for code in codes:
        word = names.get(f"IND.{code}", code)
        columns += [
            Column(f"{code}.target", f"{word}：目標", numeric=True),
            Column(f"{code}.expected", "期待水準", numeric=True),
            Column(f"{code}.moved", "調整後の目標", numeric=True),
        ]
    rows = []
    for result in results:
        row: dict[str, Any] = {"hub": result.hub_name}
        for code, line in lines.get(result.hub.code, {}).items():
            row[f"{code}.target"] = Decimal(line["target"])
            row[f"{code}.expected"] = line["expected"]
            row[f"{code}.moved"] = figures.q(Decimal(line["moved"]), 1)
        if len(row) > 1:
            rows.append(row)
    return Table(
        caption="地域の条件から期待される水準（参考値）",
        columns=columns,
        rows=rows,
        empty=Empty(
            "期待水準を計算できません。",
            "地域の数値（中小企業数・契約日数・面積）と目標のある拠点が11以上必要です。",
        ),
        sticky=True,
    )


def correlation_table(found: Analysis) -> Table:
    """Correlation of each pair of components and of each with the total."""
    told = found.content["correlation"]
    counted = {code for one, other, _, _ in told["pairs"] for code in (one, other)}
    return correlation_grid(told, {code: name for code, name in COMPONENTS if code in counted})


def correlation_warnings(found: Analysis) -> list[str]:
    """Components that count the same twice, or pull against the total."""
    return doubtful_components(found.content["correlation"], dict(COMPONENTS))


def noise_table(found: Analysis) -> Table:
    """The spreads that the intervals rest on, and k beside its estimate."""
    noise, shrinkage = found.content["noise"], found.content["shrinkage"]
    rows: list[dict[str, Any]] = []
    for code, value in noise["variances"].items():
        name = component_names([code])[0]
        rows.append({"what": f"{name}：拠点内の分散 σ²", "value": _number(value)})
        own, estimate = shrinkage[code]
        rows.append({"what": f"{name}：補正のk（この評価）", "value": _number(own)})
        rows.append({"what": f"{name}：補正のk（データからの推定）", "value": _number(estimate)})
    rows += [
        {"what": f"{component_names([code])[0]}：項目内の評価者の標準偏差", "value": _number(value)}
        for code, value in noise["rater_sds"].items()
    ]
    counted = [_number(value) for held in noise["dispersions"].values() for value in held.values()]
    known = [value for value in counted if value is not None]
    rows.append(
        {"what": "月の変動が偶然（ポアソン）より大きい指標・重点分野の数", "value": len(known)}
    )
    if known:
        rows.append({"what": "そのうち最大の倍率 φ", "value": max(known)})
    return Table(
        caption="区間の計算に用いたばらつき",
        columns=[
            Column("what", "項目", header=True),
            Column("value", "値", numeric=True),
        ],
        rows=rows,
    )


def facts(found: Analysis) -> list[dict[str, Any]]:
    """What the analysis is, for the end of its page."""
    return [
        {"label": "計算方式", "value": found.row.method},
        {"label": "試行回数", "value": f"{found.given['draws']:,}回"},
        {"label": "算定日時", "value": found.row.computed_at},
        {"label": "算定した人", "value": found.row.computed_by_name},
        {"label": "入力のハッシュ", "value": found.row.input_hash},
        {"label": "結果のハッシュ", "value": found.row.result_hash},
    ]


def tally(found: Analysis) -> dict[str, Any]:
    """National figures of the head: robust hubs, hubs at a cut, median widths."""
    hubs = list(found.hubs.values())
    graded = [hub for hub in hubs if hub.depends_on is not None]
    return {
        "graded": len(graded),
        "robust": sum(hub.is_robust for hub in graded),
        "near": sum(bool(hub.near) for hub in graded),
        "width": _median(
            [hub.score[-1] - hub.score[0] for hub in found.hubs.values() if hub.score]
        ),
        "ranks": _median([Decimal(hub.rank[-1] - hub.rank[0] + 1) for hub in hubs if hub.rank]),
    }


def _median(values: Sequence[Decimal]) -> Decimal | None:
    if not values:
        return None
    ordered, half = sorted(values), len(values) // 2
    if len(ordered) % 2:
        return ordered[half]
    return (ordered[half - 1] + ordered[half]) / 2


def _number(text: str | None, places: int | None = None) -> Decimal | None:
    if text is None:
        return None
    return Decimal(text) if places is None else figures.q(Decimal(text), places)
