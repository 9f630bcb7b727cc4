"""What HQ says in words about every hub of the judged year: its best and its weakest component."""

from collections.abc import Callable

from evaluation.reports.operations import write_remarks
from evaluation.scoring.models import EvaluationRun, RunHubResult
from yorozu.portal.sample import accounts

STRENGTHS = "「{name}」が{points}点で、全区分のうち最も高い結果でした。"
ISSUES = "「{name}」が{points}点にとどまりました。"
NEXT_STEPS = "{name}について、上期の訪問で取組の状況を確認します。"


def say_in_words(run: EvaluationRun, say: Callable[[str], None]) -> None:
    """Write the remarks of all hubs, before the run is published."""
    say("講評を書きます。")
    hq = accounts.scope_of_account("hq")
    for result in run.hub_results.select_related("hub").prefetch_related("items"):
        best, weakest = _ends(result)
        texts = {
            "strengths": STRENGTHS.format(name=best[1], points=best[0]),
            "issues": ISSUES.format(name=weakest[1], points=weakest[0]),
            "next_steps": NEXT_STEPS.format(name=weakest[1]),
        }
        write_remarks(hq, run=run, hub=result.hub, texts=texts, version=0)


def _ends(result: RunHubResult) -> tuple[tuple[str, str], tuple[str, str]]:
    """Points and name of the highest and of the lowest component."""
    parts = sorted(
        (item.points, item.order, item.label)
        for item in result.items.all()
        if item.level == "component" and item.points is not None
    )
    (low, _, weakest), (high, _, best) = parts[0], parts[-1]
    return (f"{high:.2f}", best), (f"{low:.2f}", weakest)
