"""The fact check of the sample: every hub answers, two of them have something to say (invented)."""

from evaluation.scoring.models import EvaluationRun, FactCheck, RemarkKind
from evaluation.scoring.operations import (
    Said,
    ask_facts,
    close_facts,
    confirm_facts,
    note_remark,
    reject_remark,
    remark_on_fact,
)
from yorozu.portal.sample import accounts
from yorozu.portal.sample.doors import Say

OBJECTOR, COMMENTER = "20", "32"
OBJECTION = (
    "3月分の来訪相談者数に、3月31日の夕方の出張相談会の来訪者が入っていないと考えます。（サンプル）"
)
REJECTION = (
    "3月31日の相談会は4月分として提出され、翌年度の実績に入っています。"
    "台帳の値は、経済産業局が確認した月次実績のとおりです。（サンプル）"
)
COMMENT = "回収数が少ないのは、郵送の戻りが多かったためです。値はこのままで結構です。（サンプル）"
NOTED = "送付先の確認を、来年度の調査票の発送前にお願いします。（サンプル）"


def check_facts(run: EvaluationRun, say: Say) -> None:
    """All hubs look through their facts; one objection is answered, one comment noted."""
    say("拠点が評価に使う数値を確認します。")
    hq = accounts.scope_of_account("hq")
    ask_facts(hq, run=run)
    parts = FactCheck.objects.filter(run=run).select_related("hub", "evidence_book", "run")
    for part in parts.order_by("hub__code"):
        chief = accounts.scope_of_account(f"cc-{part.hub.code}")
        if part.hub.code == OBJECTOR:
            said = Said(RemarkKind.OBJECTION, _march(run), OBJECTION)
            reject_remark(hq, remark=remark_on_fact(chief, part=part, said=said), answer=REJECTION)
        if part.hub.code == COMMENTER:
            said = Said(RemarkKind.COMMENT, "survey/returned", COMMENT)
            note_remark(hq, remark=remark_on_fact(chief, part=part, said=said), answer=NOTED)
        confirm_facts(chief, part=part)
    close_facts(hq, run=run)


def _march(run: EvaluationRun) -> str:
    return f"results/VISIT/{run.term.fiscal_year + 1}-03"
