"""Files of counts and partner values: refused as a whole by row and column, undone as a unit."""

from datetime import date
from decimal import Decimal

import pytest

from evaluation.surveys.models import PartnerAssessment, SatisfactionSurvey
from hubs.network.models import CommissionContract, Hub, ImplementingBody
from hubs.terms.models import Term, TermState
from tests.evaluation.evidence_ground import YEAR, apply_file, import_file, problems_of
from yorozu.core.access import system_scope
from yorozu.core.errors import Conflict, Refused
from yorozu.core.imports.kinds import find
from yorozu.core.imports.operations import undo
from yorozu.core.sheets import to_csv

HEAD = (
    "拠点コード,拠点名,送付数,回収数,"
    "1 不満,2 やや不満,3 どちらともいえない,4 満足,5 大変満足,対象外の承認\n"
)
TOKYO = "13,東京都よろず支援拠点,300,120,0,2,10,60,48,\n"
PARTNERS = "拠点コード,拠点名,支援機関,種別,評価値,回答者数\n"


@pytest.fixture
def run(django_capture_on_commit_callbacks):
    return django_capture_on_commit_callbacks


@pytest.fixture
def term(facts):
    return Term.objects.create(fiscal_year=YEAR, state=TermState.OPEN)


@pytest.fixture
def hq(cast):
    return cast.hq.scope


def satisfaction(run, hq, text):
    return import_file(run, hq, "surveys.satisfaction", HEAD + text)


def test_counts_are_written_with_their_line_of_the_file(run, hq, term):
    batch = apply_file(run, hq, "surveys.satisfaction", HEAD + TOKYO)
    row = SatisfactionSurvey.objects.get(term=term, hub__code="13")
    assert row.histogram == [0, 2, 10, 60, 48]
    assert (row.sent, row.returned, row.is_excused) == (300, 120, False)
    assert (row.import_batch_id, row.import_row) == (batch.pk, 2)


@pytest.mark.once
@pytest.mark.parametrize(
    ("line", "column", "text"),
    [
        ("13,,300,301,0,2,10,60,48,", "回収数", "送付数（300）を超えています"),
        ("13,,300,119,0,2,10,60,48,", "回収数", "段階別の合計（120）が回収数（119）"),
        ("48,,300,120,0,2,10,60,48,", "拠点コード", "拠点コード「48」の拠点はありません"),
        ("13,大阪府よろず支援拠点,300,120,0,2,10,60,48,", "拠点名", "東京都よろず支援拠点"),
        ("13,,300,120,-1,2,10,60,48,", "1 不満", "負の数"),
        ("13,,300,120,▲1,2,10,60,48,", "1 不満", "負の数"),
        ("13,,300,12.9,0,2,1,6,3,", "回収数", "小数"),
        ("13,,1e3,120,0,2,10,60,48,", "送付数", "指数表記"),
        ("13,,300,120,0,2,10,60,,", "5 大変満足", "0件のときは0"),
        ("13,,300,120,0,2,10,60,－,", "5 大変満足", "0件のときは0"),
        ("13,,300,120,0,2,10,60,48,○", "対象外の承認", "対象外にできません"),
        ("合計,,300,120,0,2,10,60,48,", "拠点コード", "合計"),
    ],
)
def test_a_faulty_row_refuses_the_whole_file_by_row_and_column(run, hq, term, line, column, text):
    batch = satisfaction(run, hq, f"14,,300,120,0,2,10,60,48,\n{line}\n")
    assert batch.state == "refused"
    found = [(row, col) for row, col, message in problems_of(batch) if text in message]
    assert found == [(3, column)]
    assert not SatisfactionSurvey.objects.exists()


def test_a_hub_twice_is_refused_with_the_first_row_named(run, hq, term):
    batch = satisfaction(run, hq, TOKYO + TOKYO)
    [(row, column, message)] = problems_of(batch)
    assert (row, column) == (3, "拠点コード")
    assert "2行目にもあります" in message


def test_headings_without_digits_are_understood(run, hq, term):
    head = "拠点コード,送付数,回収数,不満,やや不満,どちらともいえない,満足,大変満足\n"
    apply_file(run, hq, "surveys.satisfaction", head + "1,300,120,0,2,10,60,48\n")
    assert SatisfactionSurvey.objects.get().hub.code == "01"


def test_a_missing_heading_refuses_the_file(run, hq, term):
    batch = import_file(run, hq, "surveys.satisfaction", "拠点コード,送付数\n13,300\n")
    assert batch.state == "refused"
    assert (1, "回収数", "この見出しの列がありません。") in problems_of(batch)


def test_zero_returned_is_taken_as_such(run, hq, term):
    apply_file(run, hq, "surveys.satisfaction", HEAD + "13,,300,0,0,0,0,0,0,\n")
    assert SatisfactionSurvey.objects.get().histogram == [0, 0, 0, 0, 0]


def test_the_same_file_twice_changes_nothing(run, hq, term):
    first = apply_file(run, hq, "surveys.satisfaction", HEAD + TOKYO)
    again = satisfaction(run, hq, TOKYO)
    assert (again.state, again.rows_unchanged) == ("unchanged", 1)
    assert SatisfactionSurvey.objects.get().import_batch_id == first.pk


def test_a_correction_shows_before_and_after_and_undo_restores_it(run, hq, term):
    first = apply_file(run, hq, "surveys.satisfaction", HEAD + TOKYO)
    changed = TOKYO.replace("300,120", "310,121")
    second = apply_file(run, hq, "surveys.satisfaction", HEAD + changed)
    assert second.changes[0]["fields"] == [["送付数", "300", "310"], ["回収数", "120", "121"]]
    with pytest.raises(Conflict):
        undo(hq, batch=first, reason="誤り")
    undo(hq, batch=second, reason="誤り")
    row = SatisfactionSurvey.objects.get()
    assert (row.sent, row.returned, row.import_batch_id) == (300, 120, first.pk)
    undo(hq, batch=first, reason="誤り")
    assert not SatisfactionSurvey.objects.exists()


def test_a_closed_term_takes_no_file(run, hq, term):
    Term.objects.filter(pk=term.pk).update(state=TermState.CLOSED)
    batch = satisfaction(run, hq, TOKYO)
    assert "終了しているため" in problems_of(batch)[0][2]


def test_an_unknown_term_is_refused(run, hq, term):
    batch = import_file(run, hq, "surveys.satisfaction", HEAD + TOKYO, year=2031)
    assert "選んだ期がありません" in problems_of(batch)[0][2]


@pytest.mark.once
@pytest.mark.parametrize("key", ["bureau_kanto", "cc_tokyo", "agency", "auditor", "nobody"])
@pytest.mark.parametrize("kind", ["surveys.satisfaction", "surveys.partners"])
def test_only_headquarters_imports_answers(run, cast, term, key, kind):
    with pytest.raises(Refused):
        import_file(run, cast.actors[key].scope, kind, HEAD + TOKYO)


def partners(run, hq, text):
    return apply_file(run, hq, "surveys.partners", PARTNERS + text)


def test_several_respondents_of_one_organisation_become_one_exact_value(run, hq, term):
    lines = "13,,サンプル商工会議所,商工会議所,4.00,1\n13,,サンプル 商工会議所,商工会議所,3.01,1\n"
    batch = partners(run, hq, lines)
    row = PartnerAssessment.objects.get()
    # (4.00 + 3.01) / 2 = 3.505, half up.
    assert (row.value, row.respondents) == (Decimal("3.51"), 2)
    assert (row.import_batch_id, row.import_row) == (batch.pk, 2)


def test_a_row_for_several_people_counts_for_each_of_them(run, hq, term):
    partners(run, hq, "13,,銀行X,金融機関,5.00,1\n13,,銀行X,金融機関,3.00,3\n")
    row = PartnerAssessment.objects.get()
    assert (row.value, row.respondents) == (Decimal("3.50"), 4)


def test_the_hubs_own_implementing_body_is_left_out_by_itself(run, hq, term):
    body = ImplementingBody.objects.create(name="公益財団法人サンプル振興機構")
    hub = Hub.objects.get(code="01")
    CommissionContract.objects.create(
        hub=hub,
        implementing_body=body,
        fiscal_year=YEAR,
        amount_yen=1,
        starts_on=date(YEAR, 4, 1),
        ends_on=date(YEAR + 1, 3, 31),
    )
    line = "{},,（公財）サンプル振興機構,その他,5.00,1\n"
    partners(run, hq, line.format("01") + line.format("02"))
    own, other = PartnerAssessment.objects.order_by("hub__code")
    assert own.is_excluded
    assert "実施機関" in own.excluded_reason
    assert not other.is_excluded


@pytest.mark.once
@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("13,,銀行X,金融機関,0.99,1", "評価値"),
        ("13,,銀行X,金融機関,5.01,1", "評価値"),
        ("13,,銀行X,金融機関,3.555,1", "評価値"),
        ("13,,銀行X,金融機関,,1", "評価値"),
        ("13,,銀行X,信託,3.50,1", "種別"),
        ("13,,銀行X,金融機関,3.50,0", "回答者数"),
        ("99,,銀行X,金融機関,3.50,1", "拠点コード"),
        ("13,,,金融機関,3.50,1", "支援機関"),
    ],
)
def test_a_faulty_partner_row_is_named(run, hq, term, line, column):
    batch = import_file(run, hq, "surveys.partners", PARTNERS + line + "\n")
    assert batch.state == "refused"
    assert [(row, col) for row, col, _ in problems_of(batch)] == [(2, column)]
    assert not PartnerAssessment.objects.exists()


def test_one_organisation_has_one_kind(run, hq, term):
    lines = "13,,銀行X,金融機関,4.00,1\n13,,銀行X,商工会,4.00,1\n"
    batch = import_file(run, hq, "surveys.partners", PARTNERS + lines)
    assert [(row, col) for row, col, _ in problems_of(batch)] == [(3, "種別")]


def test_partner_file_twice_is_unchanged_and_undo_takes_it_back(run, hq, term):
    line = "13,,銀行X,金融機関,4.00,2\n"
    batch = partners(run, hq, line)
    again = import_file(run, hq, "surveys.partners", PARTNERS + line)
    assert again.state == "unchanged"
    undo(hq, batch=batch, reason="誤り")
    assert not PartnerAssessment.objects.exists()


def test_a_changed_partner_value_is_restored_by_undo(run, hq, term):
    partners(run, hq, "13,,銀行X,金融機関,4.00,2\n")
    second = partners(run, hq, "13,,銀行X,金融機関,4.25,2\n")
    undo(hq, batch=second, reason="誤り")
    assert PartnerAssessment.objects.get().value == Decimal("4.00")


def test_the_shipped_example_rows_pass_every_check(run, term):
    actor = system_scope("試験")
    for code in ("surveys.satisfaction", "surveys.partners"):
        kind = find(code)
        header = [column.heading for column in kind.columns({})]
        data = to_csv(header, kind.example_rows({"fiscal_year": YEAR}))
        table = kind.read(data, "example.csv", {"fiscal_year": YEAR})
        comparison = kind.compare(table, {"fiscal_year": YEAR}, actor)
        assert list(comparison.problems) == []
        assert comparison.changes
