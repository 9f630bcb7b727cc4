"""Figures drawn from the ledger: taken over, differing with a reason, stale, kept as sent."""

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hubs.ledger.operations.rollup import roll_up
from hubs.results import operations
from hubs.results.flow import missing_for
from hubs.results.models import MonthlyReport, MonthlyResult
from hubs.results.operations import MonthConflict, Wanted, steps
from hubs.results.queries import (
    beside_ledger,
    changes_since_acceptance,
    ledger_drift,
    results_grid,
)
from hubs.results.rules import EXPLAIN, Standing
from hubs.terms.models import ActivityIndicator
from tests.hubs.ledger.rows import activity, consultation, corrected
from tests.hubs.year import SYSTEM, entered, hub, open_year
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Refused
from yorozu.core.imports.kinds import find

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]
APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)


def keep_april(*, solved=1):
    """Three consultations (two visits), one issue resolved, one network activity."""
    rows = [
        consultation("13", date(2026, 4, 2)),
        consultation("13", date(2026, 4, 3), resolved_on=date(2026, 4, 9) if solved else None),
        consultation("13", date(2026, 4, 4), channel="2"),
    ]
    activity("13", date(2026, 4, 10))
    return rows


def take(version=0, **more):
    return operations.take_over(
        actor=SYSTEM, hub=hub("13"), month=APRIL, version=version, **more
    ).report


def stored(report):
    rows = report.results.filter(indicator__isnull=False).order_by("indicator__order")
    return {row.indicator.code: (row.value, row.source, row.counted) for row in rows}


def submitted(report):
    return operations.submit_month(actor=SYSTEM, report=report)


def cell(code="CONS", month=APRIL):
    grid = results_grid(hub("13"), MonthlyReport.objects.get(month=month).term)
    return next(one for one in grid.row(month).cells if one.column.key == code)


def said(report):
    with pytest.raises(NotReady) as refusal:
        submitted(report)
    return [item.text for item in refusal.value.missing]


@pytest.fixture
def term(facts):
    return open_year()


def test_the_months_figures_are_taken_over_and_kept_as_sent(term):
    keep_april()
    report = take()
    assert stored(report) == {
        "CONS": (3, "ledger", None),
        "VISIT": (2, "ledger", None),
        "SOLVE": (1, "ledger", None),
        "NETW": (1, "ledger", None),
    }
    submitted(report)
    assert stored(report)["CONS"] == (3, "ledger", 3)
    # What is typed is the same figure: it is the ledger's count, whoever wrote it.
    report.refresh_from_db()
    assert cell().standing is Standing.AGREES


def test_a_month_without_records_is_declared(term):
    with pytest.raises(NotReady, match="相談記録はありません"):
        take()
    report = entered(APRIL)
    submitted(report)
    assert stored(report)["CONS"] == (300, "declared", None)
    assert cell().standing is Standing.NOT_KEPT


def test_each_book_is_its_own(term):
    consultation("13", date(2026, 4, 2))
    report = entered(APRIL, CONS="1", VISIT="1", SOLVE="0", NETW="40")
    submitted(report)
    assert stored(report) == {
        "CONS": (1, "ledger", 1),
        "VISIT": (1, "ledger", 1),
        "SOLVE": (0, "ledger", 0),
        "NETW": (40, "declared", None),
    }


def test_a_term_that_declares_is_not_asked_about_the_ledger(term):
    ActivityIndicator.objects.update(source="declared")
    keep_april()
    report = entered(APRIL)
    submitted(report)
    assert stored(report)["CONS"] == (300, "declared", None)


def test_a_differing_figure_needs_its_reason_and_both_are_kept(term):
    keep_april()
    report = entered(APRIL, CONS="5", VISIT="2", SOLVE="1", NETW="1")
    assert said(report) == [
        (
            "相談対応件数の申告（5）が相談記録の件数（3）と異なります。"
            "相談記録から取り込むか、異なる理由を入力してください。"
        )
    ]
    assert cell().asks_reason
    done = operations.enter_month(
        actor=SYSTEM,
        hub=hub("13"),
        month=APRIL,
        values={},
        version=report.version,
        reasons={"CONS": "電話相談2件の記録が遅れている"},
    )
    submitted(done.report)
    assert stored(report)["CONS"] == (5, "declared", 3)
    assert (cell().difference_text, cell().standing) == ("+2", Standing.DIFFERS)
    assert cell("VISIT").source == "ledger"


def test_a_figure_that_fell_behind_is_named_and_drawn_again(term):
    keep_april()
    report = take()
    consultation("13", date(2026, 4, 20), channel="2")
    assert cell().standing is Standing.STALE
    assert said(report) == [
        (
            "相談対応件数は、取り込んだあとに相談記録が変わりました（取込時 3、現在 4）。"
            "もう一度取り込むか、異なる理由を入力してください。"
        )
    ]
    report.refresh_from_db()
    again = take(report.version)
    submitted(again)
    assert stored(again)["CONS"] == (4, "ledger", 4)


def test_an_old_figure_may_stay_as_declared_with_a_reason(term):
    keep_april()
    report = take()
    consultation("13", date(2026, 4, 20), channel="2")
    done = operations.enter_month(
        actor=SYSTEM,
        hub=hub("13"),
        month=APRIL,
        values={"CONS": "3"},
        version=report.version,
        reasons={"CONS": "4件目は二重の記録"},
    )
    submitted(done.report)
    assert stored(report)["CONS"] == (3, "declared", 4)


def test_taking_over_again_removes_the_reason_of_the_other_figure(term):
    keep_april()
    report = entered(APRIL, CONS="5")
    operations.enter_month(
        actor=SYSTEM,
        hub=hub("13"),
        month=APRIL,
        values={},
        version=report.version,
        reasons={"CONS": "記録が遅れている"},
    )
    report.refresh_from_db()
    take(report.version)
    assert (cell().entry.value, cell().reason) == (3, "")


def test_an_old_page_does_not_write_over_what_was_typed_since(term):
    keep_april()
    report = entered(APRIL, CONS="5")
    with pytest.raises(MonthConflict) as conflict:
        take(version=0)
    assert ("CONS", "5", "3（相談記録）") in conflict.value.differences
    assert stored(report)["CONS"] == (5, "declared", None)


def test_the_check_page_draws_what_is_blank_and_leaves_what_was_typed(term):
    keep_april()
    report = entered(APRIL, CONS="5", VISIT="", SOLVE="", NETW="")
    ready = operations.ready_month(actor=SYSTEM, hub=hub("13"), month=APRIL, version=report.version)
    assert stored(ready)["CONS"] == (5, "declared", None)
    assert stored(ready)["VISIT"] == (2, "ledger", None)
    # A month nobody touched and nobody recorded is opened, so that its page says what is missing.
    bare = operations.ready_month(actor=SYSTEM, hub=hub("13"), month=MAY, version=0)
    assert (bare.month, bare.results.count()) == (MAY, 0)
    assert len(missing_for(bare, "hubs.results.submit", SYSTEM)) == 4


def test_records_that_change_between_check_and_sending_stop_it(term, monkeypatch):
    keep_april()
    report = take()
    keep = steps.keep_counts

    def late(sent):
        consultation("13", date(2026, 4, 21))
        keep(sent)

    monkeypatch.setattr(steps, "keep_counts", late)
    with pytest.raises(NotReady, match="提出の直前に相談記録が変わりました"):
        submitted(report)
    report.refresh_from_db()
    assert report.state == "open"


def test_more_issues_than_consultations_are_possible_with_a_reason(term):
    for day in range(1, 4):
        consultation("13", date(2026, 4, day), resolved_on=date(2026, 5, day))
    consultation("13", date(2026, 5, 20))
    report = operations.take_over(actor=SYSTEM, hub=hub("13"), month=MAY, version=0).report
    done = operations.enter_month(
        actor=SYSTEM, hub=hub("13"), month=MAY, values={"NETW": "0"}, version=report.version
    )
    assert said(done.report) == [f"課題解決件数（3）が相談対応件数（1）を超えています。{EXPLAIN}"]
    asked = cell("SOLVE", MAY)
    assert (asked.is_blocked, asked.explanation_asked, asked.asks_reason) == (False, EXPLAIN, True)
    done = operations.enter_month(
        actor=SYSTEM,
        hub=hub("13"),
        month=MAY,
        values={},
        version=done.report.version,
        reasons={"SOLVE": "4月の相談が5月に解決した"},
    )
    assert cell("SOLVE", MAY).explanation_asked == ""
    report = submitted(done.report)
    assert report.state == "submitted"
    # Once accepted, another figure of the month may be corrected; the explained one only to less.
    operations.confirm_month(actor=SYSTEM, report=report)
    operations.accept_month(actor=SYSTEM, report=report)
    operations.request_correction(
        actor=SYSTEM, report=report, wanted=Wanted("NETW", "2", "数え漏れ", "集計表")
    )
    with pytest.raises(InvalidInput, match="超えています"):
        operations.request_correction(
            actor=SYSTEM, report=report, wanted=Wanted("SOLVE", "2", "数え誤り", "集計表")
        )


def test_a_declared_figure_above_the_consultations_is_blocked_whatever_its_reason(term):
    report = entered(APRIL, SOLVE="301")
    assert said(report) == ["課題解決件数（301）が相談対応件数（300）を超えています。"]
    found = cell("SOLVE")
    assert (found.is_blocked, found.explanation_asked) == (True, "")


def accept_april():
    rows = keep_april()
    report = take()
    submitted(report)
    operations.confirm_month(actor=SYSTEM, report=report)
    operations.accept_month(actor=SYSTEM, report=report)
    return report, rows


def test_an_accepted_month_keeps_its_count_whatever_the_ledger_does(term):
    report, rows = accept_april()
    before = stored(report)
    consultation("13", date(2026, 4, 22))
    corrected(rows[0], withdrawn=True)
    corrected(rows[1], held_on=date(2026, 5, 1))
    roll_up()
    assert stored(report) == before
    now = cell()
    assert (now.origin.then, now.origin.now, now.origin.drift) == (3, 2, -1)
    assert (now.standing, now.entry.value) == (Standing.AGREES, 3)
    for change in ({"counted": 9}, {"source": "declared"}, {"value": 9}):
        with pytest.raises(DatabaseError), transaction.atomic():
            MonthlyResult.objects.filter(report=report).update(**change)
    with pytest.raises(Conflict):
        take(report.version)
    assert stored(report) == before


def test_what_the_ledger_became_is_found_for_all_hubs_in_a_set(term, cast):
    report, rows = accept_april()
    assert ledger_drift(term, SYSTEM) == []
    consultation("13", date(2026, 4, 22), channel="2")
    corrected(rows[1], withdrawn=True)
    waiting = ledger_drift(term, SYSTEM)
    roll_up()
    with CaptureQueriesContext(connection) as held:
        found = ledger_drift(term, SYSTEM)
    assert len(held) <= 5
    assert waiting == found
    assert [(row.indicator.code, row.change, row.text) for row in found] == [
        ("VISIT", -1, "確認後に相談記録が変わりました：▲1"),
        ("SOLVE", -1, "確認後に相談記録が変わりました：▲1"),
    ]
    assert {row.report_id for row in found} == {report.pk}
    assert ledger_drift(term, cast.cc_miyagi.scope) == []
    assert len(ledger_drift(term, cast.bureau_kanto.scope)) == 2


def test_the_bureau_lists_and_counts_what_the_ledger_became(term, cast, sign_in):
    _, rows = accept_april()
    corrected(rows[1], withdrawn=True)
    assert changes_since_acceptance(cast.bureau_kanto.scope, term).count == 3
    assert changes_since_acceptance(cast.bureau_kanto.scope, term, with_drift=False).count == 0
    page = sign_in(cast.bureau_kanto).get(reverse("results_changed", args=[term.pk])).text
    assert "3件です" in page
    assert "確認後に相談記録が変わりました：▲1" in page


def test_a_list_of_months_names_what_was_declared_otherwise(term):
    keep_april()
    report = entered(APRIL, CONS="5", VISIT="2", SOLVE="1", NETW="1")
    done = operations.enter_month(
        actor=SYSTEM,
        hub=hub("13"),
        month=APRIL,
        values={},
        version=report.version,
        reasons={"CONS": "記録の遅れ"},
    )
    submitted(done.report)
    assert beside_ledger([report.pk]) == {
        report.pk: ["相談対応件数：申告 5、相談記録 3（理由：記録の遅れ）"]
    }


def test_a_returned_month_answers_to_the_ledger_of_today(term):
    keep_april()
    report = take()
    submitted(report)
    consultation("13", date(2026, 4, 23), channel="2")
    assert cell().standing is Standing.AGREES
    operations.return_month(actor=SYSTEM, report=report, reason="確認してください")
    assert cell().standing is Standing.STALE


def test_only_the_hubs_chief_takes_over(cast, term):
    keep_april()
    for actor in cast.all():
        if actor.key != "cc_tokyo":
            with pytest.raises(Refused):
                operations.take_over(actor=actor.scope, hub=hub("13"), month=APRIL, version=0)
    done = operations.take_over(actor=cast.cc_tokyo.scope, hub=hub("13"), month=APRIL, version=0)
    assert stored(done.report)["CONS"] == (3, "ledger", None)


def test_a_file_declares_and_its_undo_puts_the_source_back(term):
    keep_april()
    report, kind = take(), find("results.monthly")
    file = "拠点コード,拠点名,対象月,相談対応件数,来訪相談者数,課題解決件数,ネットワーク活動件数"
    table = kind.read(f"{file}\r\n13,,2026-04,9,2,1,1".encode(), "a.csv", {})
    comparison = kind.compare(table, {}, SYSTEM)
    assert comparison.problems == []
    undo = kind.write(comparison.changes, {}, SYSTEM, 1)
    assert stored(report)["CONS"] == (9, "declared", None)
    assert stored(report)["VISIT"] == (2, "ledger", None)
    kind.revert(undo, {}, SYSTEM, 1)
    assert stored(report)["CONS"] == (3, "ledger", None)
