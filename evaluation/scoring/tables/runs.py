"""The table of a run, its map and distribution, and the list of runs."""

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from evaluation.scoring.analysis.queries import rank_texts
from evaluation.scoring.models import EvaluationRun, RunHubResult, RunState
from evaluation.scoring.queries import COMPONENTS, HubLine, RunSummary
from yorozu.core import charts, fiscal
from yorozu.core.access import Scope, decide
from yorozu.core.web import tiles as screen_tiles
from yorozu.core.web.chips import Chip, Status
from yorozu.core.web.tables import Cell, Column, Empty, Table

CHIPS = {
    RunState.COMPUTED: Chip(Status.WAITING, "算定済"),
    RunState.FACT_CHECK: Chip(Status.CHECKING, "事実確認"),
    RunState.PANEL: Chip(Status.CHECKING, "審査"),
    RunState.FIXED: Chip(Status.FINALIZED),
    RunState.PUBLISHED: Chip(Status.PUBLISHED),
    RunState.SUPERSEDED: Chip(Status.EXCLUDED, "差替え済"),
}
LEVELS = {"S": 4, "A": 3, "B": 2, "C": 1, "D": 1}
LEGEND = [
    (4, "S（90点以上）"),
    (3, "A（80点以上）"),
    (2, "B（65点以上）"),
    (1, "C・D（65点未満）"),
    (0, "評語なし"),
]
GATE_WORDS = {
    "B": "40点未満の区分があるため、評語はBまでです",
    "C": "確認中の指摘があるため、評語はCまでです",
}


# What lies around the runs: (label, hint, address, policy action). Later stages stand by address,
# because this slice must not know them.
ROOMS = (
    (
        "顧客満足度調査・支援機関による評価",
        "段階別の件数と回収率、支援機関ごとの値",
        "/evaluation/surveys/",
        "evaluation.surveys.view",
    ),
    (
        "ヒアリング",
        "チェックリストと評価者の評点",
        "/evaluation/hearings/",
        "evaluation.hearings.view",
    ),
    (
        "証拠台帳",
        "評価が読む数値を凍結した記録",
        "/evaluation/evidence/",
        "evaluation.evidence.view",
    ),
    ("配分案", "評価から算定した次年度予算の案", "/evaluation/budget/", "evaluation.budget.view"),
    (
        "重点指導",
        "評価の低い拠点の支援の計画、取組、点検",
        "/evaluation/guidance/",
        "evaluation.guidance.view",
    ),
    (
        "評価ワークベンチ",
        "1拠点ずつ、根拠を1か所で読む",
        "/evaluation/desk/",
        "evaluation.desk.workbench",
    ),
    (
        "評価の試算",
        "実施中の期の計画と実績で、点数を試す",
        "/evaluation/desk/trial/",
        "evaluation.desk.simulate",
    ),
)


def rooms(scope: Scope) -> list[dict[str, str]]:
    """Links to the neighbouring screens that the role may open."""
    return [
        {"label": label, "hint": hint, "url": url}
        for label, hint, url, action in ROOMS
        if decide(scope, action).allowed
    ]


def runs(rows: Iterable[EvaluationRun]) -> Table:
    """List of runs."""
    return Table(
        caption="評価の一覧",
        columns=[
            Column("run", "評価", header=True),
            Column("kind", "種別"),
            Column("state", "状態"),
            Column("computed", "算定日時"),
            Column("by", "算定した人"),
            Column("scheme", "評価基準"),
        ],
        rows=[
            {
                "run": Cell(
                    f"{fiscal.nendo(run.term.fiscal_year)} 第{run.number}回",
                    reverse("run_detail", args=[run.pk]),
                ),
                "kind": run.get_kind_display(),
                "state": CHIPS[RunState(run.state)],
                "computed": run.computed_at,
                "by": run.computed_by_name,
                "scheme": str(run.scheme),
            }
            for run in rows
        ],
        empty=Empty(
            "まだ評価がありません。",
            "証拠台帳の凍結後に全国本部が算定します。拠点には、公表された評価だけが表示されます。",
        ),
    )


def run_facts(run: EvaluationRun) -> list[dict[str, Any]]:
    """What a run is, for the head of its pages."""
    facts = [
        {"label": "期", "value": fiscal.nendo(run.term.fiscal_year)},
        {"label": "種別", "value": run.get_kind_display()},
        {"label": "基準日", "value": fiscal.wareki(run.as_of) if run.as_of else "記録なし"},
        {"label": "評価基準", "value": str(run.scheme)},
        {"label": "計算方式", "value": run.engine},
        {"label": "算定", "value": f"{_when(run.computed_at)}　{run.computed_by_name}"},
    ]
    if run.supersedes is not None:
        text = f"第{run.supersedes.number}回（{run.get_succession_display()}）"
        facts.append({"label": "差し替える評価", "value": text})
    if run.fixed_at:
        who = run.fixed_by.name if run.fixed_by else ""
        facts.append({"label": "確定", "value": f"{_when(run.fixed_at)}　{who}"})
    if run.published_at:
        facts.append({"label": "公表", "value": _when(run.published_at)})
    return [
        *facts,
        {"label": "入力のハッシュ", "value": run.input_hash},
        {"label": "結果のハッシュ", "value": run.result_hash},
    ]


def _when(moment: Any) -> str:
    local = timezone.localtime(moment)
    return f"{fiscal.wareki(local.date())} {local:%H:%M}"


def results(run: EvaluationRun, lines: Sequence[HubLine]) -> Table:
    """All hubs with component points, score, grade and rank (a range where it is known)."""
    ranks = rank_texts(run)
    columns = [
        Column("hub", "拠点", header=True, sort=True),
        # What is asked first stands where nobody has to scroll for it.
        Column("final", "総合点", numeric=True, sort=True),
        Column("grade", "評語", sort=True),
        Column("rank", "順位（90％区間）" if ranks else "順位", numeric=True, sort=True),
        *[Column(code, name, numeric=True, sort=True) for code, name in COMPONENTS],
        Column("note", "備考", css="yz-longtext"),
    ]
    return Table(
        caption=f"評価結果（{len(lines)}拠点、各区分100点満点）",
        columns=columns,
        rows=[_result_row(run, line, ranks) for line in lines],
        sticky=True,
        csv_url="",
    )


def _result_row(run: EvaluationRun, line: HubLine, ranks: Mapping[str, str]) -> dict[str, Any]:
    result = line.result
    row: dict[str, Any] = {
        "hub": Cell(
            result.hub_name,
            reverse("run_hub", args=[run.pk, result.hub.code]),
            sort_key=result.hub.code,
        ),
        "final": result.final,
        "grade": result.grade if result.is_graded else "評語なし",
        "rank": Cell(ranks.get(result.hub.code) or result.rank, sort_key=result.rank),
        "note": note_on(result),
    }
    for (code, _), points in zip(COMPONENTS, line.points, strict=True):
        row[code] = None if points is None else points.quantize(Decimal("0.01"))
    return row


def note_on(result: RunHubResult) -> str:
    """Why the grade is missing or held down; empty when neither."""
    if not result.is_graded:
        return f"評語の対象外（充足率{result.coverage}%）"
    gates = json.loads(result.gates) if result.gates else []
    return "。".join(GATE_WORDS.get(gate["cap"], "") for gate in gates)


def tiles(run: EvaluationRun, lines: Sequence[HubLine]) -> list[screen_tiles.ScreenTile]:
    """Grade and score of each hub on the map."""
    values, urls = {}, {}
    for line in lines:
        result = line.result
        text = f"{result.grade or '－'} {result.final if result.final is not None else '－'}"
        level = LEVELS.get(result.grade, 0) if result.is_graded else 0
        values[result.hub.code] = charts.Tile(text, level)
        urls[result.hub.code] = reverse("run_hub", args=[run.pk, result.hub.code])
    return screen_tiles.rows(values, urls)


def distribution(summary: RunSummary) -> SafeString:
    """Bars: hubs per grade."""
    bars = [charts.Bar(grade, count) for grade, count in summary.grades]
    if summary.ungraded:
        bars.append(charts.Bar("評語なし", summary.ungraded))
    return charts.bar("評語の分布", bars, unit="拠点")


def distribution_table(summary: RunSummary) -> Table:
    """The same numbers as a table."""
    rows = [{"grade": grade, "count": count} for grade, count in summary.grades]
    rows.append({"grade": "評語なし", "count": summary.ungraded})
    return Table(
        caption="評語の分布",
        columns=[
            Column("grade", "評語", header=True),
            Column("count", "拠点数", numeric=True, unit="拠点"),
        ],
        rows=rows,
        totals={"grade": "合計", "count": summary.hubs},
    )
