"""What proves a report: hashes, chain, and the command that recomputes it."""

from evaluation.reports.queries import BudgetTable, HubSheet
from evaluation.reports.tables.common import Fact, run_label
from evaluation.scoring.models import EvaluationRun
from hubs.terms.queries import RulesStamp
from yorozu.core import fiscal

# The chain of a database begins with zeros (reliability.md); a reader is told what they mean.
FIRST = f"{'0' * 64}（最初の評価のため、前の評価はありません）"


def rules_facts(stamp: RulesStamp) -> list[Fact]:
    """Under which registered rules the year stands, and that they were changed if they were."""
    if stamp.current is None:
        return [Fact("年度の規則", "登録されていません。")]
    rules = stamp.current
    facts = [Fact("年度の規則", f"第{rules.version}版　{rules.content_hash}")]
    return [*facts, Fact("規則の変更", stamp.note.line)] if stamp.note else facts


def run_certificate(run: EvaluationRun, stamp: RulesStamp) -> list[Fact]:
    """What anyone needs to recompute the run (2.13)."""
    return [
        *rules_facts(stamp),
        Fact("評価基準", f"{run.scheme}　{run.scheme.code}"),
        Fact("評価の番号", f"{fiscal.nendo(run.term.fiscal_year)} {run_label(run)}"),
        Fact("計算方式", run.engine),
        Fact("入力のハッシュ", run.input_hash),
        Fact("結果のハッシュ", run.result_hash),
        Fact("前の評価のハッシュ", FIRST if set(run.previous_hash) == {"0"} else run.previous_hash),
        Fact("再計算の命令", command(run)),
    ]


def certificate(sheet: HubSheet) -> list[Fact]:
    """The certificate of a hub sheet: the run and the frozen evidence book."""
    book = sheet.result.evidence_book
    rules, facts = rules_facts(sheet.data.rules), run_certificate(sheet.run, sheet.data.rules)
    if book is None:
        return facts
    at = len(rules) + 3
    named = f"第{book.number}号（基準日 {fiscal.wareki(book.as_of)}）"
    return [
        *facts[:at],
        Fact("証拠台帳", named),
        Fact("台帳のハッシュ", book.content_hash),
        *facts[at:],
    ]


def file_name(run: EvaluationRun) -> str:
    """The name of the certificate's file."""
    return f"evaluation-{run.term.fiscal_year}-{run.number}.json"


def command(run: EvaluationRun) -> str:
    """The command that recomputes the exported run."""
    return f"./run manage evaluation_check {file_name(run)}"


def scenario_certificate(table: BudgetTable) -> list[Fact]:
    """What anyone needs to recompute the proposal."""
    scenario = table.scenario
    return [
        *rules_facts(table.rules),
        Fact("配分基準", str(scenario.rule)),
        Fact(
            "もとの評価", f"{fiscal.nendo(scenario.run.term.fiscal_year)} {run_label(scenario.run)}"
        ),
        Fact("計算方式", scenario.engine),
        Fact("入力のハッシュ", scenario.input_hash),
        Fact("結果のハッシュ", scenario.result_hash),
        Fact("再計算の命令", command(scenario.run)),
    ]
