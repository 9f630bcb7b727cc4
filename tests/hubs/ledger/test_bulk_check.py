"""The check of a file of consultations: what is good, what is not, by row and column."""

import csv
import io
import re
from datetime import date

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from benchmarks import workbook
from benchmarks.generate import HEADER, Shape, write
from hubs.ledger.models import CodeItem, CodeList, IndividualConsultation
from hubs.ledger.operations import withdraw_consultation
from hubs.terms.operations import close_term
from tests.hubs.ledger.bulk import GOOD, applied, brought, counts, row, run, sheet, uploaded
from tests.hubs.ledger_ground import entered
from tests.hubs.year import SYSTEM, accepted, open_year
from yorozu.core.errors import InvalidInput, Refused
from yorozu.core.imports import operations
from yorozu.core.imports.bulk import checking
from yorozu.core.imports.models import BatchState, ImportBatch
from yorozu.core.imports.queries import stored_problems
from yorozu.core.sheets import streaming

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]


def test_a_good_file_waits_to_be_applied_and_nothing_is_stored_yet(cast):
    batch = brought(cast.cc_tokyo, row(1), row(2, 課題解決日="2026-11-01"))
    assert (batch.state, batch.rows_total, batch.rows_added) == (BatchState.READY, 2, 2)
    assert batch.problems == []
    assert batch.encoding == "utf-8-sig"
    assert batch.content == b""
    assert batch.changes[0]["label"] == "東京都よろず支援拠点 R-1"
    shown = {name: after for name, _, after in batch.changes[0]["fields"]}
    assert shown["相談方法"] == "来訪"
    assert shown["従業員規模"] == "6～20人"
    assert "課題解決日" not in shown
    assert not IndividualConsultation.objects.exists()


FAULTS = [
    ({"拠点コード": "99"}, "拠点コード", "「99」", "01から47まで"),
    ({"拠点コード": ""}, "拠点コード", "必須", "入力"),
    (
        {"拠点コード": "14"},
        "拠点コード",
        "神奈川県よろず支援拠点は担当する拠点ではありません",
        "行だけ",
    ),
    ({"受付番号": "番号 1"}, "受付番号", "「番号 1」", "半角の英数字"),
    ({"受付番号": "R" * 21}, "受付番号", "RRR", "20文字まで"),
    ({"相談日": "2026-13-45"}, "相談日", "「2026-13-45」", "暦にない"),
    ({"相談日": "2031-05-01"}, "相談日", "「2031-05-01」", "2026-11-22までの"),
    ({"相談日": "10月5日"}, "相談日", "「10月5日」", "年から入力"),
    ({"相談日": "2014-05-31"}, "相談日", "「2014-05-31」", "以後の日付"),
    ({"相談方法": "伝書鳩"}, "相談方法", "「伝書鳩」", "来訪、電話"),
    ({"相談内容": ""}, "相談テーマ", "必須", "入力"),
    ({"業種": "忍者"}, "業種", "「忍者」", "一覧にある名称"),
    ({"相談時間（分）": "-30"}, "相談時間（分）", "「-30」", "1以上"),
    ({"相談時間（分）": "30.5"}, "相談時間（分）", "「30.5」", "整数で"),
    ({"相談時間（分）": "－"}, "相談時間（分）", "「－」", "整数で"),
    ({"相談時間（分）": ""}, "相談時間（分）", "必須", "入力"),
    ({"相談時間（分）": "601"}, "相談時間（分）", "「601」", "600以下"),
    ({"担当": ""}, "担当", "必須", "入力"),
    ({"担当": "=A1"}, "担当", "「=A1」", "値を入力"),
    ({"相談者番号": "山田商店"}, "相談者番号", "「山田商店」", "氏名や企業名は入力できません"),
    ({"課題解決日": "2026-10-04"}, "課題解決日", "相談日より前", "相談日"),
    ({"課題解決日": "2026-11-23"}, "課題解決日", "「2026-11-23」", "まで"),
    ({"相談者確認日": "2026-11-01"}, "相談者確認日", "課題解決日も", "入力"),
    ({"課題解決日": "2026-11-02", "相談者確認日": "2026-11-01"}, "相談者確認日", "より前", ""),
    ({"概要": "あ" * 2001}, "概要", "「あああ", "2,000文字以内"),
    ({"概要": "零\u200b幅"}, "概要", "U+200B", "含まれて"),
]


@pytest.mark.once
@pytest.mark.parametrize(("wrong", "column", "said", "hint"), FAULTS, ids=lambda one: str(one)[:40])
def test_each_fault_names_row_column_value_and_what_to_do(cast, wrong, column, said, hint):
    batch = brought(cast.cc_tokyo, row(1), row(2) | wrong, row(3))
    assert batch.state == BatchState.REFUSED
    assert [(number, place) for number, place, _ in batch.problems] == [(3, column)]
    message = batch.problems[0][2]
    assert said in message
    assert hint in message
    assert counts(batch)["誤りのある行"] == 1


def test_every_fault_of_a_row_is_named_and_the_row_counts_once(cast):
    batch = brought(cast.cc_tokyo, row(1, 相談日="x", 相談方法="x", 課題解決日="x"))
    assert [place for _, place, _ in batch.problems] == ["相談日", "相談方法", "課題解決日"]
    assert batch.problems_total == 3
    assert counts(batch)["誤りのある行"] == 1


def test_totals_blank_rows_and_cells_beyond_the_heading(cast):
    lines = [*sheet(row(1)).decode().splitlines(), "合計,,,,,,,,,60,,,"]
    lines += ["", ",,,,", f"{','.join(row(2).values())},はみ出し"]
    batch = uploaded(cast.cc_tokyo, ("\r\n".join(lines) + "\r\n").encode())
    assert [(number, place) for number, place, _ in batch.problems] == [
        (3, "拠点コード"),
        (6, "N列"),
    ]
    assert "合計の行（合計）です" in batch.problems[0][2]
    assert batch.rows_total == 3


@pytest.mark.once
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\r\n", "ファイルが空です"),
        (sheet(header=HEADER), "データの行がありません"),
        (sheet(row(1), header=HEADER[:9]), "この見出しの列がありません"),
        (sheet(row(1), header=(*HEADER, "電話番号")), "使わない見出しの列です"),
        (b"%PDF-1.4 ...", "PDFファイルです"),
        (sheet(row(1)).replace("来訪".encode(), b"\xff\xfe"), "UTF-8でもShift_JIS"),
        ("相談\0".encode("utf-16"), "UTF-16"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(cast, data, said):
    batch = uploaded(cast.cc_tokyo, data, leave_out=True)
    assert batch.state == BatchState.REFUSED
    assert any(said in message for _, _, message in batch.problems)
    assert batch.rows_added == 0


def test_a_file_over_the_limit_of_rows_is_refused(cast, monkeypatch):
    small = streaming.Limits(max_rows=3)
    monkeypatch.setattr(checking, "BULK_LIMITS", small)
    batch = brought(cast.cc_tokyo, *map(row, range(300)))
    assert batch.state == BatchState.REFUSED
    assert "3行を超えています" in batch.problems[-1][2]


def test_a_hopeless_file_is_not_read_to_its_end_unless_rows_may_be_left_out(cast, monkeypatch):
    monkeypatch.setattr(checking, "ENOUGH_PROBLEMS", 5)
    rows = [row(number, 相談日="x") for number in range(600)]
    stopped = brought(cast.cc_tokyo, *rows)
    assert stopped.problems_total < 600
    assert any("ここで確認を止めました" in message for _, _, message in stopped.problems)
    assert brought(cast.cc_tokyo, *rows, leave_out=True).problems_total == 600


def test_an_upload_without_content_or_too_large_keeps_nothing(cast, monkeypatch):
    for size, said in ((0, "空です"), (11, "400MBを超えて")):
        monkeypatch.setattr(operations, "MAX_BULK_BYTES", 10)
        with pytest.raises(InvalidInput, match=said):
            uploaded(cast.cc_tokyo, b"x" * size)
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_other_spellings_come_to_the_same_record(cast, encoding):
    spelled = {
        "拠点コード": "１３",
        "受付番号": "Ｒ－７",
        "相談日": "令和8年10月5日",
        "相談方法": "来所",
        "相談内容": "01",
        "業種": "E",
        "従業員規模": "６～２０人",
        "担当": " 見本　太郎 ",
        "相談者番号": "Ｃ－１",
        "相談時間（分）": "６０",
        "概要": "㈱髙﨑の①",
    }
    wanted = row("R-7", 担当="見本　太郎", 概要="㈱髙﨑の①")
    applied(cast.cc_tokyo, uploaded(cast.cc_tokyo, sheet(GOOD | spelled, encoding=encoding)))
    same = uploaded(cast.cc_tokyo, sheet(wanted, encoding=encoding))
    assert (same.state, same.rows_unchanged) == (BatchState.UNCHANGED, 1)
    stored = IndividualConsultation.objects.get()
    assert (stored.record_no, stored.channel, stored.theme) == ("R-7", "1", "01")
    assert (stored.industry, stored.employees_band, stored.minutes) == ("E", "3", 60)


def test_headings_of_other_systems_are_understood(cast):
    other = {
        "相談日": "相談年月日",
        "相談方法": "相談形態",
        "担当": "担当者名",
        "相談者番号": "顧客番号",
        "概要": "相談概要",
    }
    header = ["拠点名", *(other.get(name, name) for name in HEADER)]
    values = {other.get(name, name): text for name, text in row(1).items()}
    good = uploaded(
        cast.cc_tokyo, sheet(values | {"拠点名": "東京都よろず支援拠点"}, header=header)
    )
    assert good.state == BatchState.READY
    wrong = uploaded(
        cast.cc_tokyo, sheet(values | {"拠点名": "大阪府よろず支援拠点"}, header=header)
    )
    assert [(number, place) for number, place, _ in wrong.problems] == [(2, "拠点名")]
    assert "東京都よろず支援拠点" in wrong.problems[0][2]


def test_duplicates_within_the_file_name_the_first_row(cast):
    rows = [row(1), row(2), row(1, 概要="二つ目"), row(2), row(1)]
    batch = brought(cast.cc_tokyo, *rows)
    assert batch.state == BatchState.REFUSED
    assert [(number, message[:18]) for number, _, message in batch.problems] == [
        (4, "「R-1」は2行目と重複しています。"[:18]),
        (5, "「R-2」は3行目と重複しています。"[:18]),
        (6, "「R-1」は2行目と重複しています。"[:18]),
    ]
    kept = brought(cast.cc_tokyo, *rows, leave_out=True)
    assert (kept.state, kept.rows_added, kept.rows_left_out) == (BatchState.READY, 2, 3)


def test_the_same_number_at_another_hub_is_no_duplicate(cast):
    batch = brought(cast.hq, row(1), row(1, 拠点コード="14"))
    assert (batch.state, batch.rows_added) == (BatchState.READY, 2)


def test_a_faulty_row_does_not_make_the_good_one_after_it_a_duplicate(cast):
    batch = brought(cast.cc_tokyo, row(1, 相談日="x"), row(1), leave_out=True)
    assert (batch.rows_added, batch.problems_total) == (1, 1)


def test_what_stands_in_the_ledger_is_unchanged_or_named_with_both_values(cast):
    applied(cast.cc_tokyo, brought(cast.cc_tokyo, row(1), row(2), row(3)))
    again = brought(cast.cc_tokyo, row(1), row(2), row(3))
    assert (again.state, again.rows_unchanged) == (BatchState.UNCHANGED, 3)
    more = brought(cast.cc_tokyo, row(1), row(2, 概要="別の概要"), row(3), row(4))
    assert (more.state, more.rows_added) == (BatchState.REFUSED, 1)
    assert [(number, place) for number, place, _ in more.problems] == [(3, "概要")]
    assert "台帳では「販路の相談」、ファイルでは「別の概要」" in more.problems[0][2]
    assert "相談記録の画面" in more.problems[0][2]
    rest = brought(cast.cc_tokyo, row(2, 相談方法="電話"), row(4), leave_out=True)
    assert counts(rest)["登録済みと内容が違う行"] == 1
    assert "台帳では「来訪」、ファイルでは「電話」" in rest.problems[0][2]
    assert rest.rows_added == 1


def test_the_number_of_a_withdrawn_record_is_not_given_again(cast):
    stored = entered(cast.cc_tokyo.scope, record_no="R-1")
    withdraw_consultation(actor=cast.cc_tokyo.scope, row=stored, reason="誤り")
    batch = brought(cast.cc_tokyo, row(1), row(2))
    assert [(number, place) for number, place, _ in batch.problems] == [(2, "受付番号")]
    assert "取り消された記録に使われています" in batch.problems[0][2]


def test_a_month_that_is_accepted_takes_no_rows(cast):
    open_year()
    accepted(date(2026, 10, 1))
    rows = [
        row(1),
        row(2, 相談日="2026-11-02"),
        row(3, 相談日="2026-09-30", 課題解決日="2026-10-02"),
    ]
    batch = brought(cast.cc_tokyo, *rows)
    assert [(number, place) for number, place, _ in batch.problems] == [
        (2, "相談日"),
        (4, "課題解決日"),
    ]
    assert "令和8年10月の月次実績は確認済み" in batch.problems[0][2]
    assert "月次実績の訂正" in batch.problems[0][2]
    assert brought(cast.hq, row(1, 拠点コード="14")).state == BatchState.READY


def test_a_closed_year_takes_no_rows(cast):
    close_term(actor=SYSTEM, term=open_year(2025))
    batch = brought(cast.cc_tokyo, row(1, 相談日="2025-10-05"), row(2))
    assert [(number, place) for number, place, _ in batch.problems] == [(2, "相談日")]
    assert "令和7年度の期は終了しているため" in batch.problems[0][2]


def test_a_day_before_the_hub_was_opened_is_refused(cast):
    hub = cast.cc_tokyo.membership.hub
    hub.opened_on = date(2026, 10, 6)
    hub.save()
    batch = brought(cast.hq, row(1), row(2, 相談日="2026-10-06"), row(3, 拠点コード="14"))
    assert [(number, place) for number, place, _ in batch.problems] == [(2, "相談日")]
    assert "開設日より前" in batch.problems[0][2]


def test_personal_data_is_pointed_out_and_hinders_nothing(cast):
    notes = ["電話は03-1234-5678です", "売上が3割減った", "a@example.jp に返信"]
    batch = brought(cast.cc_tokyo, *(row(n, 概要=note) for n, note in enumerate(notes, start=1)))
    assert (batch.state, batch.problems_total) == (BatchState.READY, 0)
    assert counts(batch)["注意が必要な行"] == 2
    with default_storage.open(stored_problems(batch)) as stream:
        lines = list(csv.reader(io.StringIO(stream.read().decode("utf-8-sig"))))
    assert [(line[0], line[1], line[2]) for line in lines[1:]] == [
        ("2", "注意", "概要"),
        ("4", "注意", "概要"),
    ]
    assert "電話番号" in lines[1][3]
    assert "03-1234" not in lines[1][3], "the words themselves are not repeated"


def test_all_problems_come_as_a_file_and_the_first_ones_on_the_screen(cast, monkeypatch):
    monkeypatch.setattr(checking, "SHOWN_PROBLEMS", 4)
    rows = [row(n, **({"相談方法": "=x"} if n % 2 else {})) for n in range(1, 21)]
    batch = brought(cast.cc_tokyo, *rows, row(2), leave_out=True)
    assert batch.problems_total == 11
    assert [number for number, _, _ in batch.problems] == [2, 4, 6, 8]
    with default_storage.open(stored_problems(batch)) as stream:
        lines = list(csv.reader(io.StringIO(stream.read().decode("utf-8-sig"))))
    assert [int(line[0]) for line in lines[1:]] == [*range(2, 21, 2), 22]
    assert lines[0] == ["行", "区分", "列", "内容"]


def test_staff_are_spelled_as_registered_at_their_hub(cast, monkeypatch):
    monkeypatch.setattr(
        "hubs.ledger.resources.consultations.registered_names",
        lambda hub_ids: {cast.cc_tokyo.membership.hub_id: {"髙橋花子": "髙橋　花子"}},
    )
    applied(
        cast.hq,
        brought(cast.hq, row(1, 担当="髙橋 花子"), row(1, 拠点コード="14", 担当="髙橋 花子")),
    )
    names = dict(IndividualConsultation.objects.values_list("hub__code", "coordinator_name"))
    assert names == {"13": "髙橋　花子", "14": "髙橋 花子"}


def test_a_code_is_read_by_the_list_of_its_year(cast):
    newer = CodeList.objects.create(kind="channel", version=2, valid_from_fiscal_year=2026)
    CodeItem.objects.create(code_list=newer, code="1", label="来訪", order=1)
    CodeItem.objects.create(code_list=newer, code="5", label="仮想空間", order=2)
    batch = brought(
        cast.cc_tokyo,
        row(1, 相談方法="仮想空間"),
        row(2, 相談方法="電話"),
        row(3, 相談方法="電話", 相談日="2026-03-31"),
        row(4, 相談方法="仮想空間", 相談日="2026-03-31"),
        leave_out=True,
    )
    assert [(number, place) for number, place, _ in batch.problems] == [
        (3, "相談方法"),
        (5, "相談方法"),
    ]
    applied(cast.cc_tokyo, batch)
    assert set(IndividualConsultation.objects.values_list("record_no", "channel")) == {
        ("R-1", "5"),
        ("R-3", "2"),
    }


def test_a_workbook_goes_the_same_way(cast, tmp_path):
    source = tmp_path / "rows.csv"
    source.write_bytes(sheet(row(1), row(2, 相談方法="伝書鳩"), row(3, 概要="a&b")))
    data = workbook.write(source, tmp_path / "rows.xlsx").read_bytes()
    batch = uploaded(cast.cc_tokyo, data, leave_out=True)
    assert [(number, place) for number, place, _ in batch.problems] == [(3, "相談方法")]
    applied(cast.cc_tokyo, batch)
    assert set(IndividualConsultation.objects.values_list("record_no", "note")) == {
        ("R-1", "販路の相談"),
        ("R-3", "a&b"),
    }


def test_the_number_of_queries_does_not_grow_with_the_rows(cast):
    def queries(rows: int) -> int:
        data = sheet(*(row(number, 相談者番号=f"C-{number}") for number in range(rows)))
        with CaptureQueriesContext(
            connection,
        ) as captured:
            uploaded(cast.cc_tokyo, data)
        return len(captured)

    assert queries(900) <= queries(30) + 4


def test_the_generated_file_comes_to_what_its_manifest_says(cast, tmp_path):
    path, manifest = write(Shape(rows=3_000), tmp_path)
    batch = uploaded(cast.hq, path.read_bytes(), leave_out=True)
    assert counts(batch)["誤りのある行"] == sum(manifest.invalid.values())
    assert counts(batch)["ファイルの中で重複する行"] == manifest.duplicates
    assert batch.rows_added == manifest.stored
    assert batch.sha256 == manifest.sha256


@pytest.mark.once
@pytest.mark.parametrize("who", ["co_tokyo", "body_tokyo", "bureau_kanto", "agency", "auditor"])
def test_others_may_not_bring_a_file(cast, who):
    with pytest.raises(Refused):
        brought(cast.actors[who], row(1))
    assert not ImportBatch.objects.exists()


def test_who_lost_the_right_before_the_check_gets_a_refusal(cast):
    batch = operations.upload_stream(
        cast.cc_tokyo.scope,
        kind="ledger.consultations",
        params={},
        filename="x.csv",
        file=ContentFile(sheet(row(1)), name="x.csv"),
    )
    cast.cc_tokyo.membership.valid_to = date(2026, 11, 1)
    cast.cc_tokyo.membership.save()
    assert run(batch.check_job_id).state == "failed"
    batch.refresh_from_db()
    assert batch.state == BatchState.CHECKING


def test_the_preview_shows_rows_in_the_columns_of_the_file(cast, sign_in):
    """One line a record, in the order of the file, also when the first row fills less."""
    done = {"課題解決日": "2026-11-01", "相談者確認日": "2026-11-02"}
    batch = brought(cast.cc_tokyo, row(1, 概要=""), row(2, **done))
    page = sign_in(cast.cc_tokyo).get(reverse("import_detail", args=[batch.pk])).text
    table = page[page.index("<caption>追加する行</caption>") :].partition("</table>")[0]
    heads = re.findall(r'<th scope="col"[^>]*>([^<]+)</th>', table)
    assert heads[:4] == ["行", "対象", "相談日", "相談方法"]
    assert heads[-4:] == ["相談時間（分）", "課題解決日", "相談者確認日", "概要"]
    lines = [re.findall(r"<td[^>]*>([^<]*)</td>", line) for line in table.split("<tr>")[2:]]
    assert len(lines) == 2
    assert lines[0][-3:] == ["—", "—", "—"]
    assert lines[1][-3:] == ["2026-11-01", "2026-11-02", "販路の相談"]
