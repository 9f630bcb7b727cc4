"""The nightly checks of the sample, and what hub and bureau say to what they found (invented)."""

from hubs.integrity.models import IntegrityFlag, Outcome
from hubs.integrity.operations import add_note, close_flag
from hubs.integrity.rules import Check
from hubs.integrity.tasks import KIND, NIGHT
from hubs.ledger.models import DirtyMonth
from hubs.ledger.operations.rollup import ROLL_UP, ask_for_roll_up
from hubs.network.models import Hub
from hubs.terms.models import Term
from yorozu.core.access import system_scope
from yorozu.core.jobs.models import Job
from yorozu.core.jobs.operations import enqueue
from yorozu.portal.sample import accounts
from yorozu.portal.sample.doors import Progress, Say, wait
from yorozu.portal.sample.results import EQUAL_HUB, ROUND_HUB

ROUND_NOTE = (
    "課題解決件数は、4月から様式の集計欄で5件ずつまとめて数えていました。"
    "11月分から1件ずつ数えます。（サンプル）"
)
ROUND_ANSWER = "集計の方法を改めることを確認しました。（サンプル）"
EQUAL_NOTE = (
    "来訪の予約枠がいっぱいで、同じ件数が続きました。予約表を添えて説明できます。（サンプル）"
)


def ask_questions(term: Term, progress: Progress, say: Say) -> None:
    """Run the nightly checks; one question is explained and decided, one explained, others new."""
    say("提出された実績を確認します（夜間の確認）。")
    _catch_up(progress)
    label = "提出された実績の確認"
    wait(enqueue(system_scope(NIGHT), kind=KIND, key="integrity:sample", label=label).pk, progress)
    flag = _flag(term, ROUND_HUB, Check.HEAPING)
    add_note(actor=accounts.scope_of_account(f"cc-{ROUND_HUB}"), flag=flag, text=ROUND_NOTE)
    flag.refresh_from_db()
    hub = Hub.objects.select_related("bureau").get(code=ROUND_HUB)
    bureau = accounts.scope_of_account(accounts.bureau_key(hub))
    close_flag(actor=bureau, flag=flag, outcome=Outcome.EXPLAINED, reason=ROUND_ANSWER)
    flag = _flag(term, EQUAL_HUB, Check.REPEAT)
    add_note(actor=accounts.scope_of_account(f"cc-{EQUAL_HUB}"), flag=flag, text=EQUAL_NOTE)


def _catch_up(progress: Progress) -> None:
    """Until the months of the ledger are counted: the checks pass over those that are not."""
    while DirtyMonth.objects.exists():
        ask_for_roll_up()
        wait(Job.objects.get(key=ROLL_UP).pk, progress)


def _flag(term: Term, code: str, check: Check) -> IntegrityFlag:
    rows = IntegrityFlag.objects.filter(term=term, check_code=check)
    return rows.filter(hub__code=code).order_by("pk")[0]
