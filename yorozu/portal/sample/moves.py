"""What happens to the sample months afterwards: sent back, corrected, reminded (all invented)."""

from datetime import date

from hubs.results.models import MonthlyReport, MonthlyResult, ReportState, ResultCorrection
from hubs.results.operations import (
    Wanted,
    accept_correction,
    confirm_correction,
    refuse_correction,
    request_correction,
    return_month,
    send_reminders,
)
from hubs.results.queries import late_months
from hubs.terms.models import Term
from yorozu.portal.sample import accounts
from yorozu.portal.sample.doors import Say

# Hub, month of the running term, column, change, reason, evidence, how far it has come.
CORRECTIONS = (
    ("13", 5, "CONS", 12, "電話相談を数え漏れていました。", "5月31日付の集計表", "accepted"),
    ("27", 4, "SOLVE", -3, "解決日が翌月の3件が含まれていました。", "解決日の一覧", "accepted"),
    ("14", 7, "SOLVE", -2, "同じ相談を2度数えていました。", "受付番号の一覧", "confirmed"),
    ("13", 6, "NETW", -1, "ほかの拠点が数える活動でした。", "合同相談会の記録", "requested"),
    ("23", 8, "CONS", 40, "見込みの件数を加えたいため。", "なし", "refused"),
)
REMARKS = {
    "CONS": "前月より大きく増えています。出張相談会の件数を含むか確かめてください。（サンプル）",
    "SOLVE": "解決の日付が当月のものだけか確かめてください。（サンプル）",
}


def move_months(term: Term, say: Say) -> None:
    """Corrections in every state, a month sent back with remarks, reminders of one bureau."""
    say(f"{term}の月次実績の差戻し・修正・督促を行います。")
    for code, month, key, change, reason, evidence, state in CORRECTIONS:
        report = _report(term, code, month)
        if report is not None and report.state == ReportState.ACCEPTED:
            wanted = Wanted(
                key, str(_value(report, key) + change), f"{reason}（サンプル）", evidence
            )
            _correct(report, wanted, state)
    sent = _report(term, "08", 10)
    if sent is not None and sent.state == ReportState.SUBMITTED:
        return_month(
            actor=accounts.scope_of_account(accounts.bureau_key(sent.hub)),
            report=sent,
            reason="2つの数値について確かめてください。（サンプル）",
            remarks=REMARKS,
        )
    officer = accounts.scope_of_account("bureau-kinki")
    keys = [row.key for row in late_months(officer, term) if not row.problem]
    if keys:
        send_reminders(actor=officer, term=term, keys=keys)


def _report(term: Term, code: str, month: int) -> MonthlyReport | None:
    rows = MonthlyReport.objects.select_related("hub__bureau", "term")
    return rows.filter(term=term, hub__code=code, month=date(term.fiscal_year, month, 1)).first()


def _value(report: MonthlyReport, key: str) -> int:
    return MonthlyResult.objects.get(report=report, indicator__code=key).value or 0


def _correct(report: MonthlyReport, wanted: Wanted, state: str) -> ResultCorrection:
    code = report.hub.code
    chief, body = (accounts.scope_of_account(f"{key}-{code}") for key in ("cc", "body"))
    bureau = accounts.scope_of_account(accounts.bureau_key(report.hub))
    correction = request_correction(actor=chief, report=report, wanted=wanted)
    if state == "requested":
        return correction
    correction = confirm_correction(actor=body, correction=correction)
    if state == "accepted":
        return accept_correction(actor=bureau, correction=correction)
    if state == "refused":
        reason = "実際に対応した件数だけを修正の対象とします。（サンプル）"
        return refuse_correction(actor=bureau, correction=correction, reason=reason)
    return correction
