"""A file of network activities: each row one activity, counted once, refused or taken whole."""

from datetime import date, timedelta

import pytest

from hubs.ledger.models import DirtyMonth, LedgerMonth, NetworkActivity
from hubs.ledger.operations import (
    correct_activity,
    enter_activity,
    join_activity,
    withdraw_activity,
)
from hubs.ledger.operations.rollup import compare_months, roll_up
from hubs.ledger.queries import ActivityValues, activity_values
from hubs.partners.operations import register_organization
from hubs.results.models import MonthlyReport, ReportState
from hubs.terms.operations import close_term
from tests.hubs.ledger.bulk import applied, run
from tests.hubs.ledger.bulk import sheet as csv_of
from tests.hubs.year import NOW, SYSTEM, hub, open_year
from yorozu.core import clock
from yorozu.core.errors import Conflict
from yorozu.core.imports import operations
from yorozu.core.imports.models import BatchState, ImportBatch

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]
KIND = "ledger.activities"
DAY = date(2026, 10, 8)
HEADER = ("拠点コード", "拠点名", "受付番号", "実施日", "種類", "件名", "担当", "支援機関")
GOOD = (
    "13",
    "",
    "A-1",
    "2026-10-08",
    "共同相談会",
    "資金繰り相談会",
    "見本 太郎",
    "見本商工会議所",
)


@pytest.fixture
def partners(cast):
    """A chamber of Tokyo and Kanagawa, and a bank of Tokyo alone."""
    chamber, bank = (
        register_organization(actor=cast.cc_tokyo.scope, hub=hub("13"), name=name, kind=kind)
        for name, kind in (
            ("見本商工会議所", "chamber_of_commerce"),
            ("見本信用金庫", "financial_institution"),
        )
    )
    chamber.hubs.add(hub("14"))
    return chamber, bank


def row(number=1, **changes):
    """A good row with its own number, unless changed (by Japanese heading)."""
    return {**dict(zip(HEADER, GOOD, strict=True)), "受付番号": f"A-{number}", **changes}


def checked(actor, *rows, alike="refuse", data=None):
    """Uploaded and checked."""
    batch = operations.upload(
        actor.scope,
        kind=KIND,
        params={"alike": alike},
        filename="活動.csv",
        data=data or csv_of(*rows, header=HEADER),
    )
    run(batch.check_job_id)
    batch.refresh_from_db()
    return batch


def faults(batch):
    """Row, column and words of each problem."""
    assert batch.state == BatchState.REFUSED
    return [tuple(problem) for problem in batch.problems]


def activity(actor, partners, code="13", **changes):
    """The good activity, entered by hand."""
    values = {"kind": "2", "title": "資金繰り相談会", "coordinator_name": "見本 太郎"} | changes
    return enter_activity(
        actor=actor.scope,
        hub=hub(code),
        values=ActivityValues(DAY, organization_ids=(partners[0].pk,), **values),
    )


def rolled_up(monkeypatch, minute):
    """The months as stored after a roll-up: hub, month, activities."""
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: NOW + timedelta(minutes=minute))
        roll_up()
    assert DirtyMonth.objects.count() == 0
    assert compare_months() == []
    rows = LedgerMonth.objects.order_by("hub__code", "month")
    return list(rows.values_list("hub__code", "month__month", "network_activities"))


def test_a_file_is_stored_counted_and_taken_back_as_a_unit(cast, partners, monkeypatch):
    rows = [
        row(1, 拠点名="東京都よろず支援拠点"),
        row(2, 実施日="令和8年11月2日", 種類="3", 支援機関="見本信用金庫、見本商工会議所"),
        row(3, 拠点コード="14", 件名="03-1234-5678へ訪問", 種類="訪問"),
    ]
    batch = checked(cast.hq, *rows)
    assert (batch.state, batch.rows_added, batch.problems) == (BatchState.READY, 3, [])
    notes = [name for change in batch.changes for name, _, _ in change["fields"]]
    assert notes.count("注意") == 1, "personal data is pointed out and hinders nothing"
    assert NetworkActivity.objects.count() == 0
    batch = applied(cast.hq, batch)
    assert batch.state == BatchState.APPLIED
    second = NetworkActivity.objects.get(record_no="A-2")
    assert (second.held_on, second.kind, second.is_current) == (date(2026, 11, 2), "3", True)
    assert set(second.organizations.all()) == set(partners)
    assert (second.import_batch_id, second.import_line) == (batch.pk, 3)
    assert (second.created_by_name, second.created_at) == (cast.hq.user.name, NOW)
    assert rolled_up(monkeypatch, 1) == [("13", 10, 1), ("13", 11, 1), ("14", 10, 1)]
    again = checked(cast.hq, *rows)
    assert (again.state, again.rows_unchanged) == (BatchState.UNCHANGED, 3)
    operations.undo(cast.hq.scope, batch=batch, reason="誤り")
    assert NetworkActivity.objects.count() == 0
    assert NetworkActivity.organizations.through.objects.count() == 0
    assert rolled_up(monkeypatch, 2) == []


@pytest.mark.parametrize(
    ("wrong", "column", "said"),
    [
        ({"拠点コード": "48"}, "拠点コード", "01から47まで"),
        ({"拠点コード": "14"}, "拠点コード", "担当する拠点ではありません"),
        ({"拠点名": "神奈川県よろず支援拠点"}, "拠点名", "「東京都よろず支援拠点」です"),
        ({"受付番号": "番号一"}, "受付番号", "半角の英数字"),
        ({"実施日": "2026-12-01"}, "実施日", "2026-11-22までの日付"),
        ({"種類": "飲み会"}, "種類", "共同相談会"),
        ({"件名": ""}, "件名", "必須です"),
        ({"件名": "あ" * 121}, "件名", "120文字以内"),
        ({"支援機関": "、"}, "支援機関", "1つ以上"),
        ({"支援機関": "見本商工会議所、見本銀行"}, "支援機関", "「見本銀行」は登録されていません"),
    ],
    ids=str,
)
@pytest.mark.once
def test_each_fault_names_row_column_and_what_to_do(cast, partners, wrong, column, said):
    batch = checked(cast.cc_tokyo, row(1, 種類="訪問"), row(2, **wrong))
    (found,) = faults(batch)
    assert found[:2] == (3, column)
    assert said in found[2]


def test_an_organisation_must_be_one_that_the_hub_works_with(cast, partners):
    (found,) = faults(checked(cast.hq, row(1, 拠点コード="14", 支援機関="見本信用金庫")))
    assert found[:2] == (2, "支援機関")
    assert "神奈川県よろず支援拠点と連携する支援機関ではありません" in found[2]


def test_two_organisations_of_one_name_are_told_apart_by_their_prefecture(cast, partners):
    far = register_organization(
        actor=cast.cc_kanagawa.scope,
        hub=hub("14"),
        name="見本商工会議所",
        kind="chamber_of_commerce",
    )
    far.hubs.add(hub("13"))
    (found,) = faults(checked(cast.cc_tokyo, row(1)))
    assert "都道府県名を付けてください" in found[2]
    batch = applied(
        cast.cc_tokyo, checked(cast.cc_tokyo, row(1, 支援機関="神奈川県見本商工会議所"))
    )
    assert batch.state == BatchState.APPLIED
    assert NetworkActivity.objects.get().organizations.get() == far


def test_duplicates_within_the_file_and_against_every_ledger_are_named(cast, partners):
    other = activity(cast.cc_kanagawa, partners, "14")
    rows = [row(1), row(1, 種類="訪問"), row(2, 種類="訪問"), row(3, 種類="訪問")]
    found = faults(checked(cast.cc_tokyo, *rows))
    assert [(number, column) for number, column, _ in found] == [
        (2, "実施日"),
        (3, "拠点コード・受付番号"),
        (5, "実施日"),
    ]
    assert f"神奈川県よろず支援拠点に受付番号{other.record_no}で" in found[0][2]
    assert "参加を記録してください" in found[0][2]
    assert "4行目と、日・種類・支援機関が同じです" in found[2][2]
    taken = checked(cast.cc_tokyo, row(1), row(3), alike="take")
    assert (taken.state, taken.rows_added) == (BatchState.READY, 2)
    join_activity(actor=cast.cc_tokyo.scope, hub=hub("13"), row=other)
    assert checked(cast.cc_tokyo, row(1)).state == BatchState.READY, "the other one is joined"


def test_what_stands_is_unchanged_or_named_with_both_values(cast, partners):
    applied(cast.cc_tokyo, checked(cast.cc_tokyo, row(1)))
    ((number, column, words),) = faults(checked(cast.cc_tokyo, row(1, 件名="別の相談会")))
    assert (number, column) == (2, "件名")
    assert "台帳では「資金繰り相談会」、ファイルでは「別の相談会」" in words
    withdraw_activity(actor=cast.cc_tokyo.scope, row=NetworkActivity.objects.get(), reason="誤り")
    ((_, column, words),) = faults(checked(cast.cc_tokyo, row(1)))
    assert column == "受付番号"
    assert "取り消された活動に使われています" in words


def test_accepted_months_and_closed_years_take_no_rows_and_give_none_back(cast, partners):
    batch = applied(cast.cc_tokyo, checked(cast.cc_tokyo, row(1)))
    MonthlyReport.objects.create(
        hub=hub("13"),
        term=open_year(),
        month=date(2026, 10, 1),
        state=ReportState.ACCEPTED,
        accepted_at=NOW,
    )
    ((_, column, words),) = faults(checked(cast.cc_tokyo, row(2, 種類="訪問")))
    assert (column, "令和8年10月の月次実績は確認済み" in words) == ("実施日", True)
    with pytest.raises(Conflict, match="確認済みのため、この取込は取り消せません"):
        operations.undo(cast.cc_tokyo.scope, batch=batch, reason="誤り")
    close_term(actor=SYSTEM, term=open_year(2025))
    ((_, _, words),) = faults(checked(cast.cc_tokyo, row(2, 実施日="2025-10-05")))
    assert "令和7年度の期は終了している" in words


def test_undo_is_refused_once_an_activity_was_joined_or_corrected(cast, partners):
    batch = applied(cast.cc_tokyo, checked(cast.cc_tokyo, row(1)))
    stored = NetworkActivity.objects.get()
    join_activity(actor=cast.cc_kanagawa.scope, hub=hub("14"), row=stored)
    with pytest.raises(Conflict, match="ほかの拠点が参加を記録している"):
        operations.undo(cast.cc_tokyo.scope, batch=batch, reason="誤り")
    values = activity_values(stored)
    correct_activity(
        actor=cast.cc_tokyo.scope,
        row=stored,
        values=type(values)(**{**vars(values), "title": "別の相談会"}),
        reason="誤り",
    )
    with pytest.raises(Conflict, match="受付番号A-1は、取込のあとに訂正または取消"):
        operations.undo(cast.cc_tokyo.scope, batch=batch, reason="誤り")
    assert NetworkActivity.objects.count() == 2


def test_a_number_given_meanwhile_stops_the_whole_file(cast, partners):
    batch = checked(cast.cc_tokyo, row(1), row(2, 種類="訪問", 受付番号="N2026-00001"))
    activity(cast.cc_tokyo, partners, kind="4")
    batch = applied(cast.cc_tokyo, batch)
    assert batch.state == BatchState.REFUSED
    assert NetworkActivity.objects.count() == 1


def test_a_larger_file_needs_no_more_queries(cast, partners, django_assert_max_num_queries):
    few = [row(n, 実施日=f"2026-10-{n:02d}") for n in range(1, 3)]
    many = [row(n, 実施日=f"2026-{9 - n // 28:02d}-{n % 28 + 1:02d}") for n in range(60)]
    with django_assert_max_num_queries(100) as queries:
        applied(cast.cc_tokyo, checked(cast.cc_tokyo, *few))
    with django_assert_max_num_queries(len(queries)):
        batch = applied(cast.cc_tokyo, checked(cast.cc_tokyo, *many[3:], alike="take"))
    assert batch.rows_added == 57


def test_the_screen_offers_the_kind_its_question_and_its_template(cast, sign_in):
    client = sign_in(cast.cc_tokyo)
    page = client.get(f"/imports/new/{KIND}/").text
    assert "別の活動として取り込む" in page
    assert "支援機関" in page
    template = client.get(f"/imports/new/{KIND}/template.csv").content
    assert {column for _, column, _ in faults(checked(cast.cc_tokyo, data=template))} == {
        "支援機関"
    }, "only the organisations of the example are not registered"
    assert sign_in(cast.co_tokyo).get(f"/imports/new/{KIND}/").status_code == 403
    assert ImportBatch.objects.count() == 1
