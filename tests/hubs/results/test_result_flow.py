"""Entering, sending, confirming, accepting; guards, roles, wrong states, triggers, speed."""

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from hubs.network.models import Hub
from hubs.plans.models import FocusArea
from hubs.results import operations
from hubs.results.flow import RESULT_FLOW
from hubs.results.models import MonthlyReport, MonthlyResult
from hubs.results.operations import MonthConflict
from hubs.results.queries import results_grid, submission_matrix, year_totals
from hubs.terms.models import ActivityIndicator
from hubs.terms.operations import close_term
from tests.hubs.year import GOOD, SYSTEM, accepted, entered, fixed_plan, hub, open_year
from yorozu.core.audit.models import AuditEvent
from yorozu.core.audit.operations import verify_chain
from yorozu.core.errors import Conflict, NotReady, Refused
from yorozu.core.notices.models import Notice

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]
APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)


def enter(actor=SYSTEM, month=APRIL, version=0, reasons=None, code="13", **values):
    return operations.enter_month(
        actor=actor, hub=hub(code), month=month, values=values, version=version, reasons=reasons
    )


def test_three_states_are_stored_apart():
    open_year()
    report = enter(CONS="0", VISIT="－", SOLVE="１，２３４").report
    stored = {row.indicator.code: (row.value_state, row.value) for row in report.results.all()}
    assert stored == {
        "CONS": ("reported", 0),
        "VISIT": ("not_applicable", None),
        "SOLVE": ("reported", 1234),
    }


def test_an_unreadable_figure_is_kept_as_typed_and_blocks_the_submission():
    open_year()
    done = enter(**{**GOOD, "CONS": "12.9"})
    assert "整数" in done.problems["CONS"]
    kept = done.report.results.get(indicator__code="CONS")
    assert (kept.draft_text, kept.value, kept.value_state) == ("12.9", None, "not_reported")
    with pytest.raises(NotReady) as refusal:
        operations.submit_month(actor=SYSTEM, report=done.report)
    assert "12.9" in refusal.value.missing[0].text
    again = enter(version=done.report.version, CONS="300")
    assert not again.problems
    assert operations.submit_month(actor=SYSTEM, report=again.report).state == "submitted"


def test_an_old_version_meets_both_values():
    open_year()
    first = enter(**GOOD).report
    assert enter(version=first.version, CONS="310").report.version == first.version + 1
    with pytest.raises(MonthConflict) as conflict:
        enter(version=first.version, CONS="320")
    assert conflict.value.differences == [("CONS", "310", "320")]
    events = AuditEvent.objects.count()
    enter(version=0, CONS="310")
    assert AuditEvent.objects.count() == events


@pytest.mark.parametrize(
    ("month", "said"),
    [(date(2026, 12, 1), "まだ始まっていない"), (date(2027, 4, 1), "開始されていません")],
)
def test_months_outside_are_refused(month, said):
    open_year()
    with pytest.raises(NotReady, match=said):
        enter(month=month, CONS="1")
    assert not MonthlyReport.objects.exists()


def test_a_closed_term_takes_no_figure():
    term = open_year()
    report = enter(**GOOD).report
    close_term(actor=SYSTEM, term=term)
    with pytest.raises(NotReady, match="実施中ではない"):
        enter(version=report.version, CONS="1")
    with pytest.raises(NotReady):
        operations.submit_month(actor=SYSTEM, report=MonthlyReport.objects.get())


def test_improbable_values_ask_and_do_not_block():
    open_year()
    for month in (APRIL, MAY):
        entered(month)
    other = {"CONS": "900", "VISIT": "201", "SOLVE": "91", "NETW": "41"}
    done = enter(month=date(2026, 6, 1), **other)
    assert done.doubts == ["CONS"]
    told = enter(month=date(2026, 6, 1), version=done.report.version, reasons={"CONS": "催事"})
    assert told.doubts == []
    assert operations.submit_month(actor=SYSTEM, report=told.report).state == "submitted"


def test_contradictions_name_their_field():
    open_year()
    report = entered(APRIL, VISIT="301", SOLVE="400")
    with pytest.raises(NotReady) as refusal:
        operations.submit_month(actor=SYSTEM, report=report)
    texts = [item.text for item in refusal.value.missing]
    assert texts == [
        "来訪相談者数（301）が相談対応件数（300）を超えています。",
        "課題解決件数（400）が相談対応件数（300）を超えています。",
    ]


def test_a_gap_blocks_until_it_has_a_reason():
    term = open_year()
    fixed_plan(term)
    report = entered(APRIL, F1="5")
    with pytest.raises(NotReady) as refusal:
        operations.submit_month(actor=SYSTEM, report=report)
    assert [item.text[:4] for item in refusal.value.missing] == ["販路開拓"]
    done = enter(version=report.version, F2="", reasons={"F2": "集計中"})
    assert operations.submit_month(actor=SYSTEM, report=done.report).state == "submitted"


def test_a_month_is_sent_when_it_is_over():
    open_year()
    report = entered(date(2026, 11, 1))
    with pytest.raises(NotReady, match="まだ「提出」"):
        operations.submit_month(actor=SYSTEM, report=report)


def put(state):
    open_year()
    report = entered(APRIL)
    way = {"open": 0, "submitted": 1, "returned": 1, "confirmed": 2, "accepted": 3}[state]
    acts = [operations.submit_month, operations.confirm_month, operations.accept_month]
    for act in acts[:way]:
        act(actor=SYSTEM, report=report)
    if state == "returned":
        operations.return_month(actor=SYSTEM, report=report, reason="理由")
    report.refresh_from_db()
    return report


ACTS = {
    "hubs.results.submit": operations.submit_month,
    "hubs.results.confirm": operations.confirm_month,
    "hubs.results.accept": operations.accept_month,
    "hubs.results.return": lambda actor, report: operations.return_month(
        actor=actor, report=report, reason="理由"
    ),
}
STATES = ["open", "submitted", "confirmed", "accepted", "returned"]
WRONG = [
    (action, state)
    for action in ACTS
    for state in STATES
    if state not in RESULT_FLOW.by_action[action].sources
]


@pytest.mark.parametrize(("action", "state"), WRONG)
def test_every_act_is_refused_in_every_wrong_state(action, state):
    report = put(state)
    before = AuditEvent.objects.count()
    with pytest.raises(Conflict):
        ACTS[action](actor=SYSTEM, report=report)
    report.refresh_from_db()
    assert (report.state, AuditEvent.objects.count()) == (state, before)


@pytest.mark.parametrize("state", ["submitted", "confirmed", "accepted"])
def test_a_month_that_is_sent_takes_no_figure(state):
    report = put(state)
    with pytest.raises(Conflict):
        enter(version=report.version, CONS="1")


ALLOWED = {
    "hubs.results.submit": {"cc_tokyo"},
    "hubs.results.confirm": {"body_tokyo"},
    "hubs.results.accept": {"bureau_kanto"},
    "hubs.results.return": {"bureau_kanto", "body_tokyo"},
}


@pytest.mark.parametrize("action", sorted(ACTS))
def test_every_act_is_refused_to_everybody_else(cast, action):
    state = "open" if action.endswith("submit") else "submitted"
    report = put("confirmed" if action.endswith("accept") else state)
    for actor in cast.all():
        if actor.key in ALLOWED[action]:
            assert RESULT_FLOW.decision(report, action, actor.scope).allowed
            continue
        with pytest.raises(Refused):
            ACTS[action](actor=actor.scope, report=report)


@pytest.mark.once
@pytest.mark.parametrize("key", ["cc_kanagawa", "co_tokyo", "body_tokyo", "bureau_kanto", "hq"])
def test_only_the_own_chief_enters(cast, key):
    open_year()
    with pytest.raises(Refused):
        enter(actor=cast.actors[key].scope, **GOOD)


def test_a_returned_month_says_why_and_goes_again(cast):
    report = put("submitted")
    operations.return_month(actor=cast.body_tokyo.scope, report=report, reason="件数を確認")
    report.refresh_from_db()
    assert (report.state, report.return_reason) == ("returned", "件数を確認")
    assert Notice.objects.filter(
        user=cast.cc_tokyo.user, text__contains="差し戻されました"
    ).exists()
    enter(actor=cast.cc_tokyo.scope, version=report.version, CONS="301")
    sent = operations.submit_month(actor=cast.cc_tokyo.scope, report=report)
    assert (sent.state, sent.return_reason) == ("submitted", "")
    with pytest.raises(NotReady, match="理由"):
        operations.return_month(actor=cast.body_tokyo.scope, report=sent, reason="")


def raw(sql):
    def run(report, other):
        connection.cursor().execute(sql, {"report": report.pk, "other": other.pk})

    return run


def change_rows(report):
    rows = list(report.results.all())
    for row in rows:
        row.value = 1
    return rows


BYPASSES = {
    "update": lambda r, o: MonthlyReport.objects.filter(pk=r.pk).update(state="open"),
    "month": lambda r, o: MonthlyReport.objects.filter(pk=r.pk).update(month=date(2026, 9, 1)),
    "bulk_update": lambda r, o: MonthlyReport.objects.bulk_update(
        [MonthlyReport(pk=r.pk, version=99)], ["version"]
    ),
    "raw": raw("UPDATE hubs_monthlyreport SET state = 'open' WHERE id = %(report)s"),
    "delete": lambda r, o: r.delete(),
    "queryset delete": lambda r, o: MonthlyReport.objects.filter(pk=r.pk).delete(),
    "raw delete": raw("DELETE FROM hubs_monthlyresult WHERE report_id = %(report)s"),
    "raw child": raw("UPDATE hubs_monthlyresult SET value = 1 WHERE report_id = %(report)s"),
    "child update": lambda r, o: MonthlyResult.objects.filter(report=r).update(value=1),
    "child bulk_update": lambda r, o: MonthlyResult.objects.bulk_update(change_rows(r), ["value"]),
    "child save": lambda r, o: change_rows(r)[0].save(),
    "child insert": lambda r, o: MonthlyResult.objects.create(
        report=r, focus_area=FocusArea.objects.first(), value_state="reported", value=1
    ),
    "child bulk insert": lambda r, o: MonthlyResult.objects.bulk_create(
        [MonthlyResult(report=r, focus_area=FocusArea.objects.first())]
    ),
    "child moved in": lambda r, o: MonthlyResult.objects.filter(
        report=o, focus_area__isnull=False
    ).update(report=r),
    "child moved out": lambda r, o: MonthlyResult.objects.filter(report=r).update(report=o),
    "child delete": lambda r, o: MonthlyResult.objects.filter(report=r).delete(),
}


@pytest.mark.parametrize("way", sorted(BYPASSES))
def test_an_accepted_month_is_held_by_the_database(way):
    term = open_year()
    report = accepted(APRIL)
    fixed_plan(term)
    other = operations.enter_month(
        actor=SYSTEM, hub=hub("13"), month=MAY, values={"F1": "3"}, version=0
    ).report
    before = list(MonthlyResult.objects.filter(report=report).values_list())
    with (
        pytest.raises(DatabaseError, match="確認済みの月次実績は変更できません"),
        transaction.atomic(),
    ):
        BYPASSES[way](report, other)
    assert list(MonthlyResult.objects.filter(report=report).values_list()) == before
    assert MonthlyReport.objects.get(pk=report.pk).state == "accepted"


def test_totals_count_accepted_months_and_know_gaps():
    term = open_year()
    fixed_plan(term)
    for month, area in ((APRIL, "5"), (MAY, "－")):
        accepted(month, F1=area, F2="0")
    entered(date(2026, 6, 1), CONS="999", VISIT="1", SOLVE="1", F1="9", F2="9")
    totals = year_totals(hub("13"), term)
    assert {key: total.value for key, total in totals.items()} == {
        "CONS": 600,
        "VISIT": 400,
        "SOLVE": 180,
        "NETW": 80,
        "F1": 5,
        "F2": 0,
    }
    assert totals["CONS"].accepted_months == 2
    assert totals["F1"].missing_months == 0
    assert totals["CONS"].percent_of_target == "16.7%"
    assert {total.value for total in year_totals(hub("14"), term).values()} == {None}


def test_the_grid_shows_previous_month_target_and_locks():
    term = open_year()
    fixed_plan(term)
    accepted(APRIL, F1="5", F2="6")
    entered(MAY)
    grid = results_grid(hub("13"), term)
    assert [column.key for column in grid.columns] == ["CONS", "VISIT", "SOLVE", "NETW", "F1", "F2"]
    april, may, december = grid.rows[0], grid.rows[1], grid.rows[8]
    assert not april.is_editable
    assert may.is_editable
    assert not december.is_editable
    assert may.cells[0].previous_text == "300"
    assert grid.columns[0].target == 3600
    assert may.cells[4].previous_text == "5"
    assert may.cells[4].is_gap
    assert grid.rows[7].is_current


def test_the_matrix_has_every_hub_and_month_of_the_scope(cast, django_assert_max_num_queries):
    term = open_year()
    accepted(APRIL)
    with django_assert_max_num_queries(6):
        rows = submission_matrix(cast.hq.scope, term)
    assert len(rows) == 47
    assert all(len(row.cells) == 12 for row in rows)
    tokyo = next(row for row in rows if row.hub.code == "13")
    assert [cell.chip.status.label for cell in tokyo.cells[:2]] == ["確認済", "期限超過"]
    assert tokyo.accepted == 1
    assert tokyo.latest.month == date(2026, 10, 1)
    assert len(submission_matrix(cast.cc_tokyo.scope, term)) == 1


@pytest.mark.slow
def test_a_whole_year_of_47_hubs_goes_through_the_flow():
    term = open_year(2025)
    indicators = list(ActivityIndicator.objects.filter(term=term))
    months = [date(2025 + (n > 8), (n + 3) % 12 + 1, 1) for n in range(12)]
    reports = MonthlyReport.objects.bulk_create(
        MonthlyReport(hub=one, term=term, month=month)
        for one in Hub.objects.all()
        for month in months
    )
    MonthlyResult.objects.bulk_create(
        MonthlyResult(
            report=report, indicator=row, value_state="reported", value=int(GOOD[row.code])
        )
        for report in reports
        for row in indicators
    )
    for act in (operations.submit_months, operations.confirm_months, operations.accept_months):
        assert len(act(actor=SYSTEM, reports=reports)) == 564
    assert MonthlyReport.objects.filter(state="accepted").count() == 564
    assert verify_chain() == []


def test_a_bulk_step_is_all_or_none():
    open_year()
    good, bad = entered(APRIL), entered(MAY, VISIT="999")
    with pytest.raises(NotReady, match="令和8年5月"):
        operations.submit_months(actor=SYSTEM, reports=[good, bad])
    assert not MonthlyReport.objects.exclude(state="open").exists()


def test_months_are_opened_once_for_the_months_that_have_begun():
    term = open_year()
    assert operations.open_months(actor=SYSTEM, term=term, hubs=[hub("13")]) == 8
    assert operations.open_months(actor=SYSTEM, term=term, hubs=[hub("13")]) == 0


def test_a_page_before_a_step_is_refused_like_the_step(cast):
    open_year()
    report = entered(APRIL)
    action = "hubs.results.return"
    with pytest.raises(Refused):
        RESULT_FLOW.require(report, action, cast.cc_tokyo.scope)
    with pytest.raises(Conflict, match="差戻し"):
        RESULT_FLOW.require(report, action, cast.bureau_kanto.scope)
    sent = operations.submit_month(actor=SYSTEM, report=report)
    RESULT_FLOW.require(sent, action, cast.bureau_kanto.scope)
