"""Files of monthly results: what is refused and where, twice the same, undo, queries."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hubs.results import operations as results
from hubs.results.models import MonthlyReport, MonthlyResult
from hubs.results.queries import export_rows, results_grid
from hubs.terms.operations import close_term
from tests.hubs.year import SYSTEM, accepted, entered, fixed_plan, hub, open_year
from yorozu.core.audit.models import AuditEvent
from yorozu.core.errors import Conflict, Refused
from yorozu.core.imports import operations
from yorozu.core.imports.kinds import find
from yorozu.core.imports.models import BatchState
from yorozu.core.sheets import Sheet, to_csv, to_xlsx

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]
HEADER = (
    "拠点コード,拠点名,対象月,相談対応件数,来訪相談者数,課題解決件数,ネットワーク活動件数,"
    "重点分野1,重点分野2"
)
TOKYO = "13,東京都よろず支援拠点,2026-04,320,210,85,40,,"
NEXT = "13,東京都よろず支援拠点,2026-05,0,－,,38,,"


def bring(cast, capture, *lines, key="hq", data=None, filename="a.csv"):
    """Upload a file and let the check run."""
    content = data or "\r\n".join((HEADER, *lines)).encode("utf-8")
    with capture(execute=True):
        batch = operations.upload(
            cast.actors[key].scope,
            kind="results.monthly",
            params={},
            filename=filename,
            data=content,
        )
    batch.refresh_from_db()
    return batch


def take(cast, capture, *lines, key="hq", **more):
    """Upload, check and apply."""
    batch = bring(cast, capture, *lines, key=key, **more)
    with capture(execute=True):
        operations.start_apply(cast.actors[key].scope, batch=batch)
    batch.refresh_from_db()
    assert batch.state == BatchState.APPLIED, batch.problems
    return batch


@pytest.fixture
def capture(django_capture_on_commit_callbacks):
    return django_capture_on_commit_callbacks


REFUSED = {
    "unknown hub": ("99,,2026-04,1,1,1,1,,", 2, "拠点コード", "拠点はありません"),
    "wrong name": (
        "13,大阪府よろず支援拠点,2026-04,1,1,1,1,,",
        2,
        "拠点名",
        "東京都よろず支援拠点",
    ),
    "negative": ("13,,2026-04,-5,1,1,1,,", 2, "相談対応件数", "負の数"),
    "triangle": ("13,,2026-04,1,▲5,1,1,,", 2, "来訪相談者数", "負の数"),
    "decimal": ("13,,2026-04,1,1,12.9,1,,", 2, "課題解決件数", "小数"),
    "exponent": ("13,,2026-04,1,1,1,1e3,,", 2, "ネットワーク活動件数", "指数"),
    "words": ("13,,2026-04,多数,1,1,1,,", 2, "相談対応件数", "数として"),
    "formula": ("13,,2026-04,=1+1,1,1,1,,", 2, "相談対応件数", "数式"),
    "future": ("13,,2026-12,1,1,1,1,,", 2, "対象月", "まだ始まっていない"),
    "no term": ("13,,2024-04,1,1,1,1,,", 2, "対象月", "期が開始されていません"),
    "closed term": ("13,,2025-04,1,1,1,1,,", 2, "対象月", "期は終了しているため"),
    "no month": ("13,,,1,1,1,1,,", 2, "対象月", "必須"),
    "day": ("13,,2026-04-15,1,1,1,1,,", 2, "対象月", "月だけ"),
    "total": ("合計,,2026-04,1,1,1,1,,", 2, "拠点コード", "合計の行"),
    "not a focus area": ("13,,2026-04,1,1,1,1,3,", 2, "重点分野1", "ありません"),
    "duplicate": (f"{TOKYO}\r\n{TOKYO}", 3, "拠点コード・対象月", "2行目と重複"),
}


@pytest.mark.once
@pytest.mark.parametrize("case", sorted(REFUSED))
def test_a_bad_file_is_refused_by_row_and_column(cast, capture, case):
    lines, row, column, said = REFUSED[case]
    open_year()
    close_term(actor=SYSTEM, term=open_year(2025))
    batch = bring(cast, capture, lines)
    assert batch.state == BatchState.REFUSED
    assert [problem[:2] for problem in batch.problems] == [[row, column]]
    assert said in batch.problems[0][2]
    with pytest.raises(Conflict):
        operations.start_apply(cast.hq.scope, batch=batch)
    assert not MonthlyReport.objects.exists()


def test_every_fault_of_the_file_is_listed(cast, capture):
    open_year()
    batch = bring(cast, capture, "99,,2026-04,1,1,1,1,,", TOKYO, "14,,2026-12,1,x,1,1,,")
    assert [problem[:2] for problem in batch.problems] == [
        [2, "拠点コード"],
        [4, "来訪相談者数"],
    ]


@pytest.mark.once
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x81", "文字コード"),
        (b"a,b\r\n1,2", "見出し"),
        (HEADER.encode(), "データの行がありません"),
        (HEADER.replace("来訪相談者数,", "").encode() + b"\r\n13,,2026-04,1,1,1", "列がありません"),
        (b"PK\x03\x04broken", "Excel"),
    ],
)
def test_a_file_that_is_no_table_is_refused(cast, capture, data, said):
    open_year()
    batch = bring(cast, capture, data=data)
    assert batch.state == BatchState.REFUSED
    assert any(said in problem[2] for problem in batch.problems), batch.problems


def test_a_month_already_accepted_is_refused_unless_nothing_changes(cast, capture):
    open_year()
    accepted(date(2026, 4, 1), CONS="320", VISIT="210", SOLVE="85")
    batch = bring(cast, capture, TOKYO.replace("320", "321"))
    assert [problem[:2] for problem in batch.problems] == [[2, "対象月"]]
    assert "確認済" in batch.problems[0][2]
    assert bring(cast, capture, TOKYO).state == BatchState.UNCHANGED


def test_the_three_states_arrive_and_the_second_time_nothing_happens(cast, capture):
    open_year()
    batch = take(cast, capture, TOKYO, NEXT)
    assert (batch.rows_added, batch.rows_changed) == (2, 0)
    may = MonthlyReport.objects.get(month=date(2026, 5, 1))
    stored = {row.indicator.code: (row.value_state, row.value) for row in may.results.all()}
    assert stored == {
        "CONS": ("reported", 0),
        "VISIT": ("not_applicable", None),
        "NETW": ("reported", 38),
    }
    assert {row.import_batch_id for row in may.results.all()} == {batch.pk}
    assert {row.import_row for row in may.results.all()} == {3}
    events, rows = AuditEvent.objects.count(), list(MonthlyResult.objects.values_list())
    again = bring(cast, capture, TOKYO, NEXT)
    assert (again.state, again.rows_unchanged) == (BatchState.UNCHANGED, 2)
    assert AuditEvent.objects.count() == events
    assert list(MonthlyResult.objects.values_list()) == rows


def test_focus_areas_of_the_fixed_plan_are_taken(cast, capture):
    fixed_plan(open_year())
    take(cast, capture, TOKYO[:-1] + "5,6")
    found = MonthlyResult.objects.filter(focus_area__isnull=False).order_by("focus_area__code")
    assert [(row.focus_area.code, row.value) for row in found] == [("F1", 5), ("F2", 6)]


def test_an_undo_puts_everything_back(cast, capture):
    open_year()
    entered(date(2026, 4, 1))
    before = list(MonthlyResult.objects.order_by("pk").values_list("pk", "value", "value_state"))
    batch = take(cast, capture, TOKYO, NEXT)
    operations.undo(cast.hq.scope, batch=batch, reason="誤り")
    assert (
        list(MonthlyResult.objects.order_by("pk").values_list("pk", "value", "value_state"))
        == before
    )
    assert MonthlyReport.objects.count() == 1


def test_an_undo_is_refused_once_somebody_has_worked_on(cast, capture):
    open_year()
    batch = take(cast, capture, TOKYO)
    report = MonthlyReport.objects.get()
    results.submit_month(actor=SYSTEM, report=report)
    with pytest.raises(Conflict):
        operations.undo(cast.hq.scope, batch=batch, reason="誤り")
    assert MonthlyResult.objects.count() == 4


def test_a_hub_brings_its_own_months_only(cast, capture):
    open_year()
    batch = bring(cast, capture, TOKYO, "14,,2026-04,1,1,1,1,,", key="cc_tokyo")
    assert [problem[:2] for problem in batch.problems] == [[3, "拠点コード"]]
    assert take(cast, capture, TOKYO, key="cc_tokyo").rows_added == 1
    for key in ("co_tokyo", "bureau_kanto", "agency", "body_tokyo", "nobody"):
        with pytest.raises(Refused):
            operations.upload(
                cast.actors[key].scope,
                kind="results.monthly",
                params={},
                filename="a.csv",
                data=HEADER.encode(),
            )


def test_what_is_exported_comes_back_unchanged(cast, capture):
    term = open_year()
    fixed_plan(term)
    entered(date(2026, 4, 1), VISIT="－", F1="0", F2="3")
    header, rows = export_rows(results_grid(hub("13"), term))
    for data, name in (
        (to_csv(header, rows[:1]), "a.csv"),
        (to_csv(header, rows[:1], "cp932"), "a.csv"),
        (to_xlsx([Sheet("実績", header, rows[:1])]), "a.xlsx"),
    ):
        batch = bring(cast, capture, data=data, filename=name)
        assert (batch.state, batch.rows_unchanged) == (BatchState.UNCHANGED, 1), batch.problems


def test_the_number_of_queries_does_not_grow_with_the_file(cast):
    open_year()
    kind = find("results.monthly")
    codes = [f"{number:02d}" for number in range(1, 48)]
    counts = []
    for months in (1, 7):
        lines = [f"{code},,2026-{4 + n:02d},9,8,7,6,," for code in codes for n in range(months)]
        table = kind.read("\r\n".join((HEADER, *lines)).encode(), "a.csv", {})
        with CaptureQueriesContext(connection) as queries:
            comparison = kind.compare(table, {}, cast.hq.scope)
        assert len(comparison.changes) == 47 * months
        assert not comparison.problems
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8
    with CaptureQueriesContext(connection) as queries:
        kind.write(comparison.changes, {}, cast.hq.scope, 1)
    assert MonthlyResult.objects.count() == 47 * 7 * 4
    # 1,316 figures in as many statements as SQLite's limit of parameters asks for.
    assert len(queries) < 25
