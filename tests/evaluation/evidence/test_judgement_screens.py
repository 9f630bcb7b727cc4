"""Every screen of surveys, hearings and evidence, tried by the whole cast."""

import hashlib
from datetime import datetime
from urllib.parse import unquote

import pytest
import time_machine
from django.urls import reverse

from evaluation.evidence.models import EvidenceBook
from evaluation.evidence.operations import freeze_book
from evaluation.hearings.models import Checklist, Rating
from evaluation.surveys.models import SatisfactionSurvey
from hubs.network.models import Hub
from hubs.terms.models import Term
from tests.cast import KEYS
from tests.evaluation.evidence_ground import AS_OF, YEAR, make_year
from yorozu.core.access import system_scope
from yorozu.core.jobs.models import Job

JUDGES = {"agency", "bureau_kanto", "bureau_tohoku", "hq", "hq_second", "auditor"}
HQ = {"hq", "hq_second"}
SYSTEM = system_scope("試験")


@pytest.fixture(autouse=True)
def _after_the_term():
    with time_machine.travel(datetime.fromisoformat("2026-05-01T10:00:00+09:00"), tick=True):
        yield


@pytest.fixture
def term(facts):
    return make_year(("13",))


@pytest.fixture
def book(term):
    """The second book of Tokyo, so that there is a difference to show."""
    tokyo = Hub.objects.get(code="13")
    freeze_book(SYSTEM, hub=tokyo, term=term, as_of=AS_OF)
    SatisfactionSurvey.objects.update(sent=301)
    return freeze_book(SYSTEM, hub=tokyo, term=term, as_of=AS_OF)


NATIONAL = {
    "survey_term": [YEAR],
    "survey_export": [YEAR, "csv"],
    "partner_term": [YEAR],
    "partner_export": [YEAR, "xlsx"],
    "hearing_term": [YEAR],
    "hearing_export": [YEAR, "csv"],
    "checklist_detail": [YEAR],
    "evidence_term": [YEAR],
}
OF_TOKYO = {"survey_hub": [YEAR, "13"], "hearing_hub": [YEAR, "13"]}
# The hub side reads the counts of its own hub; another hub does not exist for it.
OWN_COUNTS = {
    **dict.fromkeys(("cc_tokyo", "co_tokyo", "body_tokyo"), 200),
    **dict.fromkeys(("cc_kanagawa", "cc_miyagi", "body_miyagi"), 404),
}
OF_BOOK = ("evidence_book", "evidence_difference", "evidence_json")


@pytest.mark.once
@pytest.mark.parametrize("key", KEYS)
def test_pages_open_for_those_who_judge_and_refuse_the_others(cast, sign_in, book, key):
    client = sign_in(cast.actors[key])
    expected = 200 if key in JUDGES else 403
    for name, args in NATIONAL.items():
        assert client.get(reverse(name, args=args)).status_code == expected, name
    # Another bureau's hub does not exist for a bureau.
    if key == "bureau_tohoku":
        expected = 404
    for name, args in OF_TOKYO.items():
        wanted = OWN_COUNTS.get(key, expected) if name == "survey_hub" else expected
        assert client.get(reverse(name, args=args)).status_code == wanted, name
    for name in OF_BOOK:
        assert client.get(reverse(name, args=[book.pk])).status_code == expected, name


@pytest.mark.once
@pytest.mark.parametrize("key", KEYS)
def test_the_freeze_is_headquarters_own(cast, sign_in, book, key):
    client = sign_in(cast.actors[key])
    expected = 200 if key in HQ else 403
    assert client.get(reverse("evidence_check", args=[YEAR])).status_code == expected
    expected = 302 if key in HQ else 403
    data = {"as_of": "2026-03-31"}
    for name, args in {
        "evidence_freeze": [YEAR],
        "evidence_freeze_hub": [YEAR, "13"],
    }.items():
        assert client.post(reverse(name, args=args), data).status_code == expected, name
    assert EvidenceBook.objects.count() == 2


@pytest.mark.once
@pytest.mark.parametrize("key", KEYS)
def test_the_checklist_is_adopted_by_headquarters_only(cast, sign_in, key):
    term = Term.objects.create(fiscal_year=YEAR)
    response = sign_in(cast.actors[key]).post(reverse("checklist_adopt", args=[term.fiscal_year]))
    assert response.status_code == (302 if key in HQ else 403)
    assert Checklist.objects.exists() == (key in HQ)


@pytest.mark.parametrize("name", ["survey_list", "hearing_list", "evidence_list"])
def test_the_entrance_leads_to_the_latest_year_with_data(cast, sign_in, term, name):
    client = sign_in(cast.hq)
    Term.objects.create(fiscal_year=YEAR + 1)
    if name == "evidence_list":
        freeze_book(SYSTEM, hub=Hub.objects.get(code="13"), term=term, as_of=AS_OF)
    response = client.get(reverse(name))
    assert response.status_code == 302
    assert f"/{YEAR}/" in response["Location"]


@pytest.mark.parametrize("name", ["survey_list", "hearing_list", "evidence_list"])
def test_without_any_term_the_entrance_says_what_will_be_there(cast, sign_in, name):
    response = sign_in(cast.hq).get(reverse(name))
    assert "まだ期がありません" in response.content.decode()


@pytest.mark.once
@pytest.mark.parametrize(
    "name", ["survey_term", "partner_term", "hearing_term", "checklist_detail", "evidence_term"]
)
def test_an_empty_term_has_a_page(cast, sign_in, name):
    Term.objects.create(fiscal_year=2031)
    assert sign_in(cast.hq).get(reverse(name, args=[2031])).status_code == 200


def text_of(client, name, *args):
    return client.get(reverse(name, args=args)).content.decode()


def test_the_survey_table_shows_count_rate_mean_share_and_interval(cast, sign_in, term):
    text = text_of(sign_in(cast.hq), "survey_term", YEAR)
    # 108 of 120 answers are 4 or 5; Wilson 90 %: 84.6 to 93.7.
    assert "4.2833" in text
    assert "90.0" in text
    assert "84.6–93.7" in text
    assert "40.0" in text
    assert "46拠点の集計がありません" in text


def test_few_answers_and_few_returns_are_flagged(cast, sign_in, term):
    SatisfactionSurvey.objects.update(
        sent=300, returned=6, level_1=0, level_2=0, level_3=0, level_4=2, level_5=4
    )
    text = text_of(sign_in(cast.hq), "survey_hub", YEAR, "13")
    assert "少数（10件未満）" in text
    assert "低回収率（20%未満）" in text


def test_a_bureau_sees_its_own_hubs_and_the_national_mean(cast, sign_in, term):
    text = text_of(sign_in(cast.bureau_tohoku), "survey_term", YEAR)
    assert "宮城県よろず支援拠点" in text
    assert "東京都よろず支援拠点" not in text
    assert "4.2833" in text


def test_exports_carry_the_rows_of_the_screen(cast, sign_in, term):
    client = sign_in(cast.hq)
    response = client.get(reverse("survey_export", args=[YEAR, "csv"]))
    lines = response.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 48
    tokyo = "13,東京都よろず支援拠点,300,120,40.0,0,2,10,60,48,120,4.2833,90.0,"
    assert lines[13].startswith(tokyo)
    assert "顧客満足度調査_2025年度.csv" in unquote(response["Content-Disposition"])
    sjis = client.get(reverse("survey_export", args=[YEAR, "csv"]) + "?encoding=cp932")
    assert sjis.content.decode("cp932").splitlines()[13].startswith("13,東京都")
    assert client.get(reverse("survey_export", args=[YEAR, "pdf"])).status_code == 404


def test_hearing_scores_come_out_in_the_columns_of_the_import(cast, sign_in, term):
    response = sign_in(cast.hq).get(reverse("hearing_export", args=[YEAR, "csv"]))
    lines = response.content.decode("utf-8-sig").splitlines()
    assert lines[1] == "13,東京都よろず支援拠点,C1,評価者A,全国本部,3,○,,,,,"
    assert len(lines) == 5


def test_the_hearing_page_shows_anchors_scores_and_open_points(cast, sign_in, term):
    Rating.objects.filter(evaluator_name="評価者A").update(score=1)
    text = text_of(sign_in(cast.hq), "hearing_hub", YEAR, "13")
    assert "C1の目安4" in text
    assert "1（評価者A）、3（評価者B）" in text
    assert "評点の差が2以上（再協議）" in text


def test_the_check_page_names_what_is_missing_and_offers_no_button(cast, sign_in, term):
    text = text_of(sign_in(cast.hq), "evidence_check", YEAR)
    assert "まだ凍結できません" in text
    assert "大阪府よろず支援拠点" in text
    assert reverse("evidence_freeze", args=[YEAR]) not in text


def test_the_check_page_offers_the_freeze_when_nothing_is_missing(cast, sign_in, term):
    Hub.objects.exclude(code="13").update(opened_on="2027-04-01")
    client = sign_in(cast.hq)
    text = text_of(client, "evidence_check", YEAR)
    assert "1拠点の証拠台帳を凍結" in text
    response = client.post(reverse("evidence_freeze", args=[YEAR]), {"as_of": "2026-03-31"})
    job = Job.objects.get(kind="evidence.freeze")
    assert response["Location"] == reverse("job_detail", args=[job.pk])


def test_a_cut_in_the_future_is_refused_on_the_check_page(cast, sign_in, term):
    page = reverse("evidence_check", args=[YEAR]) + "?as_of=2027-01-01"
    text = sign_in(cast.hq).get(page).content.decode()
    assert "今日までの日付を入力してください。" in text


def test_the_book_page_names_the_line_of_the_file_and_the_proof(cast, sign_in, book):
    text = text_of(sign_in(cast.hq), "evidence_book", book.pk)
    assert "取込7 4行目" in text
    assert book.content_hash in text
    assert "凍結後に変わっていません" in text


def test_the_difference_shows_path_before_and_after(cast, sign_in, book):
    text = text_of(sign_in(cast.hq), "evidence_difference", book.pk)
    assert "顧客満足度調査 › 送付数" in text
    assert "300" in text
    assert "301" in text


def test_the_first_book_has_no_earlier_one_and_foreign_books_are_not_compared(cast, sign_in, book):
    client = sign_in(cast.hq)
    first = EvidenceBook.objects.get(number=1)
    assert client.get(reverse("evidence_difference", args=[first.pk])).status_code == 404
    page = reverse("evidence_difference", args=[first.pk])
    assert client.get(f"{page}?with={book.pk}").status_code == 200
    assert client.get(f"{page}?with=999999").status_code == 404


def test_the_json_is_the_hashed_text_itself(cast, sign_in, book):
    data = sign_in(cast.hq).get(reverse("evidence_json", args=[book.pk])).content
    assert hashlib.sha256(data).hexdigest() == book.content_hash


def test_freezing_again_without_a_change_says_so(cast, sign_in, book):
    page = reverse("evidence_freeze_hub", args=[YEAR, "13"])
    response = sign_in(cast.hq).post(page, {"as_of": "2026-03-31"}, follow=True)
    assert "新しい号は作りませんでした" in response.content.decode()
    assert EvidenceBook.objects.count() == 2


def test_pages_only_read(cast, sign_in, book):
    client = sign_in(cast.hq)
    for name in ("evidence_freeze", "checklist_adopt"):
        assert client.get(reverse(name, args=[YEAR])).status_code == 405
    assert client.post(reverse("survey_term", args=[YEAR])).status_code == 405
