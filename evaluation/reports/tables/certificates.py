"""What proves a report: hashes, chain, and the command that recomputes it."""

from evaluation.reports.queries import BudgetTable, HubSheet
from evaluation.reports.tables.common import Fact, run_label
from evaluation.scoring.models import EvaluationRun
from yorozu.core import fiscal


def run_certificate(run: EvaluationRun) -> list[Fact]:
    """What anyone needs to recompute the run (2.13)."""
    return [
        Fact("評価基準", f"{run.scheme}　{run.scheme.code}"),
        Fact("評価の番号", f"{fiscal.nendo(run.term.fiscal_year)} {run_label(run)}"),
        Fact("計算方式", run.engine),
        Fact("入力のハッシュ", run.input_hash),
        Fact("結果のハッシュ", run.result_hash),
        Fact("前の評価のハッシュ", run.previous_hash),
        Fact("再計算の命令", command(run)),
    ]


def certificate(sheet: HubSheet) -> list[Fact]:
    """The certificate of a hub sheet: the run and the frozen evidence book."""
    book = sheet.result.evidence_book
    facts = run_certificate(sheet.run)
    if book is None:
        return facts
    named = f"第{book.number}号（基準日 {fiscal.wareki(book.as_of)}）"
    return [
        *facts[:3],
        Fact("証拠台帳", named),
        Fact("台帳のハッシュ", book.content_hash),
        *facts[3:],
    ]


def command(run: EvaluationRun) -> str:
    """The command that recomputes the exported run."""
    return f"./run manage evaluation_check evaluation-{run.term.fiscal_year}-{run.number}.json"


def scenario_certificate(table: BudgetTable) -> list[Fact]:
    """What anyone needs to recompute the proposal."""
    scenario = table.scenario
    return [
        Fact("配分基準", str(scenario.rule)),
        Fact(
            "もとの評価", f"{fiscal.nendo(scenario.run.term.fiscal_year)} {run_label(scenario.run)}"
        ),
        Fact("計算方式", scenario.engine),
        Fact("入力のハッシュ", scenario.input_hash),
        Fact("結果のハッシュ", scenario.result_hash),
        Fact("再計算の命令", command(scenario.run)),
    ]
