"""The proposals of the finished year: one adopted, two more on record beside it."""

from collections.abc import Mapping
from typing import Any

from evaluation.budget.models import BudgetScenario
from evaluation.budget.operations import Proposal, adopt_scenario, keep_rule, start_scenario
from evaluation.budget.rules.lines import Line
from evaluation.scoring.models import EvaluationRun
from yorozu.portal.sample import accounts
from yorozu.portal.sample.doors import Progress, Say, wait

# Last year's contracts and 2 % more, rounded (invented).
ENVELOPE_YEN = 3_150_000_000
LINES = (Line("当初予算", 2_600_000_000), Line("補正予算", 550_000_000))
ADOPTED = "標準案"
# Title -> what it tries, and which values of the rule it changes.
OTHERS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "評価反映25%案": (
        "評価の反映を15%から25%に強めると、増減がどこまで広がるかを見る（サンプル）",
        {"rate": "0.25"},
    ),
    "均等重視案": (
        "均等分を80%にすると、規模の小さい拠点の基礎がどれだけ厚くなるかを見る（サンプル）",
        {"base": "0.80", "need": "0.20"},
    ),
}


def propose(run: EvaluationRun, progress: Progress, say: Say) -> BudgetScenario:
    """HQ computes three proposals of one envelope, the Agency adopts the standard one."""
    say("次年度の配分案を3案、算定します。")
    standard = _compute(
        run, progress, ADOPTED, Proposal(LINES, "標準の配分基準による案（サンプル）")
    )
    for title, (note, params) in OTHERS.items():
        _compute(run, progress, title, Proposal(LINES, note, standard), params)
    adopt_scenario(
        accounts.scope_of_account("agency"),
        scenario=standard,
        reason="標準の配分基準に基づくため（サンプル）",
        document_number="サンプル第1号",
    )
    standard.refresh_from_db()
    return standard


def _compute(
    run: EvaluationRun,
    progress: Progress,
    title: str,
    proposal: Proposal,
    params: Mapping[str, Any] | None = None,
) -> BudgetScenario:
    hq = accounts.scope_of_account("hq")
    rule = keep_rule(hq, params=params, title="標準の配分基準（サンプル）")
    job = start_scenario(
        hq, run=run, rule=rule, total_yen=ENVELOPE_YEN, title=title, proposal=proposal
    )
    done = wait(job.pk, progress)
    return BudgetScenario.objects.get(pk=done.result["scenario_id"])
