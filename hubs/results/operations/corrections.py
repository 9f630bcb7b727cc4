"""Correcting what was accepted: asked for, confirmed by the body, accepted or refused."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.urls import reverse

from hubs.results import rules
from hubs.results.flow import CLOSED, CORRECTION_FLOW, contradictions, effective_figures
from hubs.results.flow import month_is_accepted as is_accepted
from hubs.results.models import OPEN_STATES, MonthlyReport, ResultCorrection
from hubs.results.queries import ResultColumn, columns_for, plan_of, shown
from hubs.results.queries.recipients import Recipient, body_of, bureau_of, chiefs_of
from hubs.results.rules import Entry
from hubs.terms.models import TermState
from yorozu.core import clock, figures
from yorozu.core.access import Role, Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, InvalidInput, Missing, NotReady, Problem
from yorozu.core.fiscal import wareki_month
from yorozu.core.flow import lock
from yorozu.core.notices.operations import notify


@dataclass(frozen=True)
class Wanted:
    """What is asked for: the column, the new figure as typed, why, and what proves it."""

    key: str
    text: str
    reason: str
    evidence: str


def request_correction(*, actor: Scope, report: MonthlyReport, wanted: Wanted) -> ResultCorrection:
    """Ask for a correction of one figure of an accepted month; the month itself stays.

    A request of the implementing body counts as confirmed by it. Raises Conflict (month not
    accepted, another request on its way), NotReady (closed term) and InvalidInput.
    """
    require(actor, "hubs.results.correction_request", hub_id=report.hub_id)
    with transaction.atomic():
        locked = lock(report)
        require_correctable(locked)
        column, entry = _read(locked, wanted)
        old = effective_figures(locked).get(column.owner, (rules.NOT_REPORTED, None))
        _check(locked, column, Entry(*old), entry)
        correction = ResultCorrection.objects.create(
            report=locked,
            indicator_id=column.indicator_id,
            focus_area_id=column.focus_area_id,
            old_state=old[0],
            old_value=old[1],
            new_state=entry.state,
            new_value=entry.value,
            reason=wanted.reason.strip(),
            evidence=wanted.evidence.strip(),
            requested_at=clock.now(),
            requested_by_id=actor.user_id,
            requested_by_name=actor.label[:200],
        )
        record(
            actor,
            "hubs.results.correction_request",
            correction,
            before={column.key: shown(Entry(*old))},
            after={column.key: shown(entry), "evidence": correction.evidence},
            reason=correction.reason,
            hub_id=locked.hub_id,
        )
        if actor.role == Role.IMPLEMENTING_BODY:
            return confirm_correction(actor=actor, correction=correction)
        _tell(
            correction,
            body_of(locked.hub, locked.term.fiscal_year),
            "の修正が申請されました。確認してください。",
        )
    return correction


def require_correctable(report: MonthlyReport) -> None:
    """A correction of the month may be asked for; NotReady (closed term), Conflict (state)."""
    if report.term.state != TermState.OPEN:
        said = CLOSED.format(term=report.term)
        raise NotReady(said, [Missing(said, "term_detail")])
    if not is_accepted(report):
        state = report.get_state_display()
        raise Conflict(
            f"{wareki_month(report.month)}の月次実績は「{state}」です。修正の申請は確認済の月だけが"
            "対象です。確認済になる前の数値は、月次実績の表で直してください。",
            Missing(f"{report.hub}の月次実績", "results_grid", link_args=_grid(report)),
        )


def _grid(report: MonthlyReport) -> tuple[int, int]:
    return report.term_id, report.hub_id


def _read(report: MonthlyReport, wanted: Wanted) -> tuple[ResultColumn, Entry]:
    columns = {row.key: row for row in columns_for(report.term, plan_of(report.hub, report.term))}
    problems = []
    if wanted.key not in columns:
        problems.append(Problem(None, "項目", "修正する項目を選んでください。"))
    entry = rules.BLANK
    try:
        entry = rules.read_entry(wanted.text)
    except figures.FigureError as error:
        problems.append(Problem(None, "修正後の値", str(error)))
    else:
        if entry == rules.BLANK:
            text = "修正後の値を入力してください（0件は0、該当しないときは－）。"
            problems.append(Problem(None, "修正後の値", text))
    for label, text in (("修正の理由", wanted.reason), ("根拠", wanted.evidence)):
        if not text.strip():
            problems.append(Problem(None, label, "入力してください。"))
    if problems:
        raise InvalidInput(problems)
    return columns[wanted.key], entry


def _check(report: MonthlyReport, column: ResultColumn, old: Entry, entry: Entry) -> None:
    pending = list(report.corrections.filter(state__in=OPEN_STATES))
    if any(row.owner == column.owner for row in pending):
        raise Conflict(
            f"{column.label}には、まだ決定していない修正申請があります。"
            "取り下げるか、決定を待ってください。"
        )
    if entry == old:
        raise InvalidInput([Problem(None, "修正後の値", "いまの値と同じです。")])
    changes = {row.owner: (row.new_state, row.new_value) for row in pending}
    changes[column.owner] = (entry.state, entry.value)
    if found := contradictions(report, changes):
        raise InvalidInput([Problem(None, "修正後の値", text) for text in found])


def confirm_correction(*, actor: Scope, correction: ResultCorrection) -> ResultCorrection:
    """The implementing body's confirmation."""
    with transaction.atomic():
        done: ResultCorrection = CORRECTION_FLOW.apply(
            correction,
            "hubs.results.correction_confirm",
            actor=actor,
            changes={"confirmed_at": clock.now(), "confirmed_by_name": actor.label[:200]},
        )
        _tell(
            done,
            bureau_of(done.report.hub),
            "の修正を実施機関が確認しました。反映するか判断してください。",
        )
    return done


def accept_correction(*, actor: Scope, correction: ResultCorrection) -> ResultCorrection:
    """The bureau's acceptance: from now on the corrected figure counts beside the accepted one."""
    with transaction.atomic():
        # The month's lock serialises corrections that are held against each other.
        lock(correction.report)
        done: ResultCorrection = CORRECTION_FLOW.apply(
            correction,
            "hubs.results.correction_accept",
            actor=actor,
            changes=_decided(actor),
        )
        _tell(done, _hub_side(done), "の修正が反映されました。")
    return done


def decline_correction(
    *, actor: Scope, correction: ResultCorrection, reason: str
) -> ResultCorrection:
    """The implementing body says no, with a reason."""
    return _refuse(actor, correction, "hubs.results.correction_decline", reason)


def refuse_correction(
    *, actor: Scope, correction: ResultCorrection, reason: str
) -> ResultCorrection:
    """The bureau says no, with a reason; the accepted figure goes on counting."""
    return _refuse(actor, correction, "hubs.results.correction_refuse", reason)


def _refuse(
    actor: Scope, correction: ResultCorrection, action: str, reason: str
) -> ResultCorrection:
    with transaction.atomic():
        done: ResultCorrection = CORRECTION_FLOW.apply(
            correction,
            action,
            actor=actor,
            reason=reason,
            changes={**_decided(actor), "refusal_reason": reason.strip()},
        )
        _tell(done, _hub_side(done), "の修正は承認されませんでした。理由を確認してください。")
    return done


def withdraw_correction(*, actor: Scope, correction: ResultCorrection) -> ResultCorrection:
    """Take the request back before the bureau has decided."""
    done: ResultCorrection = CORRECTION_FLOW.apply(
        correction, "hubs.results.correction_withdraw", actor=actor, changes=_decided(actor)
    )
    return done


def _decided(actor: Scope) -> dict[str, object]:
    return {"decided_at": clock.now(), "decided_by_name": actor.label[:200]}


def _hub_side(correction: ResultCorrection) -> list[Recipient]:
    report = correction.report
    return [*chiefs_of(report.hub), *body_of(report.hub, report.term.fiscal_year)]


def _tell(correction: ResultCorrection, people: Iterable[Recipient], said: str) -> None:
    report = correction.report
    name = correction.indicator or correction.focus_area
    notify(
        [one.user_id for one in people],
        key=f"correction:{correction.pk}:{correction.state}",
        text=f"{report.hub}の{wareki_month(report.month)}の{name}{said}",
        url=reverse("correction_detail", args=[correction.pk]),
        mail=True,
    )
