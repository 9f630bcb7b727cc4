"""Screens of the waves: the whole way by clicks, each role, and the page behind a link."""

import io
import logging
import re
import zipfile

import pytest
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from evaluation.surveys import files
from evaluation.surveys.forms import STANDARD, QuestionnaireForm
from evaluation.surveys.models import (
    PartnerAssessment,
    Questionnaire,
    SatisfactionSurvey,
    SurveyAnswer,
    SurveyInvitation,
    SurveyWave,
    WaveKind,
    WaveState,
)
from evaluation.surveys.operations import (
    LettersWanted,
    Mode,
    Printed,
    close_wave,
    create_wave,
    draw_wave,
    make_questionnaire,
    start_letters,
)
from evaluation.surveys.queries import LinkState, door_of
from evaluation.surveys.throttle import UNKNOWN_PER_MINUTE
from hubs.network.models import Hub
from tests.evaluation.surveys.ground import (
    AFTER,
    DURING,
    YEAR,
    answer_all,
    clients,
    letters,
    made_wave,
    many,
    opened_wave,
    partner,
    plan,
    print_all,
    running_term,
)
from tests.world import import_file
from yorozu.core.audit.models import AuditEvent
from yorozu.core.jobs import runner
from yorozu.core.jobs.models import Job
from yorozu.core.pdf import render_side_by_side
from yorozu.settings.logs import WithoutKeys

LINK = {"level": "4"}


@pytest.fixture
def hq(cast, at, settings, tmp_path):
    # Jobs of two tests may have the same number: no bundle of one lies there for the next.
    settings.MEDIA_ROOT = tmp_path
    running_term()
    clients("13", many(12))
    clients("04", many(12))
    cache.clear()
    return cast.hq


@pytest.fixture
def opened(hq):
    return opened_wave(hq.scope)


def page(token: str) -> str:
    return reverse("survey_answer", args=[token])


# --- The whole way ----------------------------------------------------------------------------


def test_headquarters_go_the_whole_way_by_screens(hq, at, sign_in):
    client = sign_in(hq)
    words = {name: getattr(STANDARD[WaveKind.SATISFACTION], name) for name in FIELDS}
    response = client.post(reverse("questionnaire_new", args=["satisfaction"]), words)
    asked = Questionnaire.objects.get()
    assert response["Location"] == reverse("questionnaire_detail", args=[asked.pk])
    changed = client.post(
        reverse("questionnaire_edit", args=[asked.pk]), {**words, "title": "わたしたちの調査"}
    )
    assert changed.status_code == 302
    response = client.post(reverse("survey_wave_new"), settings_of(asked))
    wave = SurveyWave.objects.get()
    assert response["Location"] == reverse("survey_wave", args=[wave.pk])
    assert wave.closes_at.isoformat() == "2026-12-20T00:30:00+00:00"
    edited = {**settings_of(asked), "share_percent": "50"}
    assert client.post(reverse("survey_wave_edit", args=[wave.pk]), edited).status_code == 302
    assert client.post(reverse("survey_draw", args=[wave.pk])).status_code == 302
    assert "手紙を作成する（12通）" in client.get(reverse("survey_wave", args=[wave.pk])).text
    token = _letters_by_screens(client, wave)
    assert client.post(reverse("survey_open", args=[wave.pk])).status_code == 302
    at(DURING)
    client = sign_in(hq)
    assert Client().post(page(token), LINK).status_code == 302
    answered = SurveyAnswer.objects.get()
    left = next(row for row in letters(wave) if row.number != answered.number)
    paper = {
        "number": left.number,
        "received_on": "2026-11-22",
        "level": "2",
        "level_again": "2",
    }
    assert client.post(reverse("survey_paper", args=[wave.pk]), paper).status_code == 302
    again = client.post(reverse("survey_paper", args=[wave.pk]), paper)
    assert again.status_code == 422
    assert "受け付け済み" in again.text
    assert client.post(reverse("survey_close", args=[wave.pk])).status_code == 409
    at(AFTER)
    client = sign_in(hq)
    assert client.post(reverse("survey_close", args=[wave.pk])).status_code == 302
    assert sum(row.returned for row in SatisfactionSurvey.objects.all()) == 2


FIELDS = (
    "title",
    "introduction",
    "level_question",
    "reason_question",
    "reasons",
    "outcome_question",
    "text_question",
)


def settings_of(asked: Questionnaire) -> dict[str, str]:
    return {
        "term": str(running_term().pk),
        "kind": asked.kind,
        "questionnaire": str(asked.pk),
        "opens_on": "2026-11-21",
        "opens_time": "09:00",
        "closes_on": "2026-12-20",
        "closes_time": "09:30",
        "frame_from": "2026-04-01",
        "frame_to": "2026-11-20",
        "share_percent": "30",
        "minimum": "5",
        "maximum": "300",
        "people": "1",
    }


def _letters_by_screens(client: Client, wave: SurveyWave) -> str:
    """Ask for the letters, let the job run, fetch the bundle; a token from its paper."""
    response = client.post(reverse("survey_letters", args=[wave.pk, "first"]))
    twice = client.post(reverse("survey_letters", args=[wave.pk, "first"]))
    assert response["Location"] == twice["Location"]
    job = Job.objects.get(kind="surveys.letters")
    assert runner.run(job.pk) == "succeeded", Job.objects.get(pk=job.pk).error
    job.refresh_from_db()
    assert client.get(reverse("job_file", args=[job.pk])).status_code == 404
    place = job.result["letters"]
    bundle = reverse("survey_bundle", args=[wave.pk, job.pk])
    assert bundle in client.get(reverse("survey_wave", args=[wave.pk])).text
    body = b"".join(client.post(bundle).streaming_content)
    assert not default_storage.exists(place)
    assert client.post(bundle).status_code == 409
    assert bundle not in client.get(reverse("survey_wave", args=[wave.pk])).text
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        names = sorted(archive.namelist())
        assert names == ["04_宮城_01.pdf", "13_東京_01.pdf"]
        text = "".join(
            sheet.extract_text() for sheet in PdfReader(io.BytesIO(archive.read(names[1]))).pages
        )
    rows = letters(wave, "13")
    plain = "".join(text.split())
    assert all(f"相談者番号{row.client_key}" in plain and row.number in plain for row in rows)
    tokens = {part[:26] for part in plain.split("/s/")[1:]}
    assert len(tokens) == len(rows)
    assert {door_of(token).letter.hub.code for token in tokens} == {"13"}
    kept = "".join(f"{row.after}{row.before}" for row in AuditEvent.objects.all())
    assert not any(token in kept for token in tokens)
    return min(tokens)


FULLEST = {
    "title": "題" * 80,
    "introduction": "\n".join(["前" * 59] * 10),
    "level_question": "段" * 120,
    "reason_question": "由" * 120,
    "reasons": "\n".join(f"{number}{'選' * 39}" for number in range(8)),
    "outcome_question": "果" * 120,
    "text_question": "",
}


# As much as fits in the usual type: a long introduction, or many reasons.
LONG_WORDS = {
    **FULLEST,
    "introduction": "\n".join(["前" * 50] * 6),
    "level_question": "段" * 50,
    "reason_question": "由" * 50,
    "reasons": "選" * 40,
    "outcome_question": "果" * 50,
}
MANY_REASONS = {
    **LONG_WORDS,
    "title": "題" * 20,
    "introduction": "前" * 50,
    "reasons": FULLEST["reasons"],
}


@pytest.mark.once
@pytest.mark.parametrize(
    ("words", "dense"), [(FULLEST, True), (LONG_WORDS, False), (MANY_REASONS, False)]
)
def test_a_letter_is_one_sheet_however_many_its_words(hq, words, dense):
    form = QuestionnaireForm(words)
    assert form.is_valid(), form.errors
    asked = make_questionnaire(actor=hq.scope, kind=WaveKind.SATISFACTION, words=form.words())
    assert files.is_dense(asked) == dense
    wave = create_wave(
        actor=hq.scope, term=running_term(), kind=WaveKind.SATISFACTION, plan=plan(asked)
    )
    wave = draw_wave(actor=hq.scope, wave=wave)
    both = [files.sheet(Printed(row, "t" * 26)) for row in letters(wave)[:2]]
    [document] = render_side_by_side([files.letters_html(wave, Mode.REMIND, both)])
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(document)).pages]
    assert [sheet.number in text for sheet, text in zip(both, pages, strict=True)] == [True, True]
    assert all("提案は受けていない" in text for text in pages)


def test_an_introduction_leaves_room_for_the_questions():
    form = QuestionnaireForm({**FULLEST, "introduction": "\n".join("前" * 11)})
    assert "前文は10行まで" in str(form.errors["introduction"])


def test_a_new_letter_by_its_number(opened, hq, sign_in):
    wave, tokens = opened
    client = sign_in(hq)
    number, token = next(iter(tokens.items()))
    url = reverse("survey_letters", args=[wave.pk, "again"])
    assert client.post(url, {"number": "00001-0"}).status_code == 422
    assert client.post(url, {"number": number}).status_code == 302
    job = Job.objects.get(kind="surveys.letters")
    assert runner.run(job.pk) == "succeeded"
    assert door_of(token).state == LinkState.VOID
    assert SurveyInvitation.objects.filter(number=number).count() == 2


def test_letters_of_a_lost_race_leave_no_file(hq, sign_in):
    wave, _ = opened_wave(hq.scope)
    SurveyWave.objects.get(pk=wave.pk)
    wanted = LettersWanted(Mode.REMIND)
    job = start_letters(actor=hq.scope, wave=wave, wanted=wanted)
    SurveyWave.objects.filter(pk=wave.pk).update(state=WaveState.CANCELLED)
    assert runner.run(job.pk) == "failed"
    assert not default_storage.exists(f"surveys/letters-{job.pk}.zip")
    assert SurveyInvitation.objects.filter(issue=2).count() == 0


# --- Behind a link ----------------------------------------------------------------------------


def test_the_page_asks_without_cookie_script_or_trace(opened, at):
    _, tokens = opened
    at(DURING)
    token = next(iter(tokens.values()))
    response = Client().get(page(token))
    assert response.status_code == 200
    assert not response.cookies
    assert "<script" not in response.text
    assert "csrf" not in response.text
    assert token not in response.text
    assert response["Cache-Control"] == "no-store, private"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    sent = Client(enforce_csrf_checks=True).post(page(token), LINK)
    assert (sent.status_code, sent["Location"], len(sent.cookies)) == (302, page(token), 0)
    thanks = Client().get(page(token))
    assert "ご回答ありがとうございました" in thanks.text
    assert not thanks.cookies


def test_a_second_answer_sees_the_same_thanks(opened, at):
    _, tokens = opened
    at(DURING)
    token = next(iter(tokens.values()))
    for level in ("5", "1"):
        response = Client().post(page(token), {"level": level}, follow=True)
        assert "ご回答ありがとうございました" in response.text
    assert SurveyAnswer.objects.get().level == 5


def test_upper_case_is_read_like_lower_case(opened, at):
    _, tokens = opened
    at(DURING)
    assert Client().get(page(next(iter(tokens.values())).upper())).status_code == 200


def test_faults_are_said_at_their_field(opened, at):
    _, tokens = opened
    at(DURING)
    url = page(next(iter(tokens.values())))
    empty = Client().post(url, {})
    assert empty.status_code == 422
    assert "5つの中から1つを選んでください" in empty.text
    assert empty.text.count("<title>エラー：") == 1
    # A phone shows the top of the page: what is wrong comes before the title.
    assert empty.text.index("入力内容を確認してください") < empty.text.index("<h1>")
    private = {**LINK, "text": "電話は 090-1234-5678 です"}
    answer = Client().post(url, private)
    assert answer.status_code == 422
    assert "個人情報らしい記載" in answer.text
    assert "この部分を伏せて送る" in answer.text
    assert not SurveyAnswer.objects.exists()
    assert Client().post(url, {**private, "mask": "on"}).status_code == 302
    assert SurveyAnswer.objects.get().text == "電話は ○○○○○○○○○○○○○ です"


def test_links_that_lead_nowhere_say_so_kindly(opened, at):
    wave, tokens = opened
    token = next(iter(tokens.values()))
    early = Client().get(page(token))
    assert (early.status_code, "まだ始まっていません" in early.text) == (200, True)
    at(AFTER)
    over = Client().get(page(token))
    assert (over.status_code, "受付は終了しました" in over.text) == (410, True)
    assert Client().post(page(token), LINK).status_code == 410
    unknown = Client().get(page("a" * 26))
    assert (unknown.status_code, "このリンクは使えません" in unknown.text) == (404, True)
    assert not SurveyAnswer.objects.filter(wave=wave).exists()


def test_an_end_of_waiting_is_promised_only_when_it_is_known(hq, at):
    wave = made_wave(hq.scope)
    wave = draw_wave(actor=hq.scope, wave=wave)
    url = page(next(iter(print_all(hq.scope, wave).values())))
    assert "受付が始まってから" in Client().get(url).text
    at(DURING)
    late = Client().get(url).text
    assert "まだ始まっていません" in late
    assert "準備をしています" in late


def test_who_rates_a_hub_is_not_promised_what_headquarters_can_read(hq, at):
    partner("サンプル商工会", "13")
    _, tokens = opened_wave(hq.scope, WaveKind.PARTNER)
    at(DURING)
    text = Client().post(page(next(iter(tokens.values()))), LINK, follow=True).text
    assert "ご回答ありがとうございました" in text
    assert "拠点には伝えません" in text
    assert "全国本部にも分かりません" not in text


def test_guessing_is_slowed_down_for_guessers_only(opened, at):
    _, tokens = opened
    at(DURING)
    for _ in range(UNKNOWN_PER_MINUTE):
        assert Client().get(page("a" * 26)).status_code == 404
    assert Client().get(page("a" * 26)).status_code == 429
    assert Client().get(page(next(iter(tokens.values())))).status_code == 200


def test_a_signed_in_person_leaves_no_name_either(opened, hq, at, sign_in):
    _, tokens = opened
    at(DURING)
    assert sign_in(hq).post(page(next(iter(tokens.values()))), LINK).status_code == 302
    event = AuditEvent.objects.filter(action="evaluation.surveys.answer").get()
    assert (event.actor_id, event.actor_label) == (None, "調査の回答者")


def test_no_log_line_holds_a_key(opened, caplog):
    with caplog.at_level(logging.DEBUG):
        Client().get(page("b" * 26))
    assert "b" * 26 not in caplog.text
    record = logging.LogRecord(
        "django.server", logging.INFO, "", 0, '"%s" %s', ("GET /s/secret/ HTTP/1.1", "200"), None
    )
    assert WithoutKeys().filter(record)
    assert record.getMessage() == '"GET /s/***/ HTTP/1.1" 200'


# --- Who sees what ----------------------------------------------------------------------------


@pytest.mark.once
@pytest.mark.parametrize(
    ("key", "sees"),
    [
        ("hq", {"13", "04"}),
        ("agency", {"13", "04"}),
        ("auditor", {"13", "04"}),
        ("bureau_kanto", {"13"}),
        ("bureau_tohoku", {"04"}),
    ],
)
def test_a_wave_shows_the_hubs_of_the_reader(cast, opened, at, sign_in, key, sees):
    wave, _ = opened
    at(DURING)
    answer_all(wave, "13", [5, 5, 1])
    client = sign_in(cast.actors[key])
    text = client.get(reverse("survey_wave", args=[wave.pk])).text
    for code in ("13", "04"):
        assert (Hub.objects.get(code=code).name in text) == (code in sees)
    assert "縮小推定値" not in text
    at(AFTER)
    close_wave(actor=cast.hq.scope, wave=wave)
    client = sign_in(cast.actors[key])
    assert "縮小推定値" in client.get(reverse("survey_wave", args=[wave.pk])).text
    rows = client.get(reverse("survey_wave_export", args=[wave.pk, "csv"])).content.decode()
    assert ("東京都よろず支援拠点" in rows) == ("13" in sees)


@pytest.mark.once
@pytest.mark.parametrize("key", ["cc_tokyo", "co_tokyo", "body_tokyo"])
def test_the_hub_reads_its_own_counts_after_the_end_only(cast, opened, at, sign_in, key):
    wave, _ = opened
    mine = reverse("survey_hub", args=[YEAR, "13"])
    assert "から受け付けます" in sign_in(cast.actors[key]).get(mine).text
    at(DURING)
    answer_all(wave, "13", [5, 4, 3])
    client = sign_in(cast.actors[key])
    before = client.get(mine).text
    assert "満足度調査の集計はまだありません" in before
    assert "回答を受け付けています" in before
    at(AFTER)
    late = sign_in(cast.actors[key]).get(mine).text
    assert "回答を締め切りました" in late
    assert "回答を受け付けています" not in late
    close_wave(actor=cast.hq.scope, wave=wave)
    client = sign_in(cast.actors[key])
    after = client.get(mine).text
    assert "4.0000" in after
    assert "集計を確定しました" in after
    assert client.get(reverse("survey_hub", args=[YEAR, "04"])).status_code == 404
    assert client.get(reverse("survey_wave", args=[wave.pk])).status_code == 403
    assert not any(row.number in after for row in letters(wave))
    # Who was not asked does not wait for a count that has been made.
    unasked = sign_in(cast.hq).get(reverse("survey_hub", args=[YEAR, "27"])).text
    assert "この拠点に聞く相手がいませんでした" in unasked
    assert "まだありません" in unasked  # the partners, who have no wave
    listed = sign_in(cast.hq).get(reverse("survey_term", args=[YEAR])).text
    assert "調査回の集計は確定しました" in listed
    assert "（集計元：調査回）" in listed
    head = "拠点コード,送付数,回収数,1 不満,2 やや不満,3 どちらともいえない,4 満足,5 大変満足"
    import_file(
        cast.hq.scope,
        "surveys.satisfaction",
        {"fiscal_year": YEAR},
        f"{head}\n27,9,3,0,0,1,1,1\n".encode(),
    )
    mixed = sign_in(cast.hq).get(reverse("survey_term", args=[YEAR])).text
    assert "（集計元" not in mixed
    assert "ファイル" in mixed


def test_the_hub_side_reads_partners_in_sums(cast, opened, sign_in):
    PartnerAssessment.objects.create(
        hub=Hub.objects.get(code="13"),
        term=running_term(),
        organization_name="名を出さない銀行",
        organization_key="名を出さない銀行",
        organization_type="financial_institution",
        value="4.00",
    )
    url = reverse("survey_hub", args=[YEAR, "13"])
    assert "名を出さない銀行" not in sign_in(cast.cc_tokyo).get(url).text
    assert "名を出さない銀行" in sign_in(cast.bureau_kanto).get(url).text


def test_free_words_are_for_headquarters_after_the_count(cast, opened, at, sign_in):
    wave, tokens = opened
    at(DURING)
    token = next(iter(tokens.values()))
    Client().post(page(token), {**LINK, "text": "親身に聞いてくださいました。"})
    url = reverse("survey_texts", args=[wave.pk])
    assert sign_in(cast.hq).get(url).status_code == 409
    at(AFTER)
    close_wave(actor=cast.hq.scope, wave=wave)
    assert "親身に聞いてくださいました。" in sign_in(cast.hq).get(url).text
    assert sign_in(cast.bureau_kanto).get(url).status_code == 403


def test_a_drawing_can_be_checked_on_its_page(cast, opened, sign_in):
    wave, _ = opened
    url = reverse("survey_redraw", args=[wave.pk])
    text = sign_in(cast.auditor).get(url).text
    assert wave.seed in text
    hubs = Hub.objects.count()
    assert f"{hubs}拠点のうち{hubs}拠点で、抽出の結果が一致しました。" in text
    assert "比べられ" not in text
    clients("27", {"C-99999": 1})
    text = sign_in(cast.auditor).get(url).text
    assert f"{hubs}拠点のうち{hubs - 1}拠点で、抽出の結果が一致しました。" in text
    assert "1拠点は、抽出元が変わったため比べられません。" in text
    assert "変更なし" not in text


def test_settings_are_not_offered_once_the_sample_is_drawn(opened, hq, sign_in):
    wave, _ = opened
    client = sign_in(hq)
    response = client.get(reverse("survey_wave_edit", args=[wave.pk]))
    assert response.status_code == 409
    assert "条件を変更できません" in response.text
    asked = client.get(reverse("questionnaire_edit", args=[wave.questionnaire_id])).text
    assert "この版は変更できません" in asked
    assert 'name="title"' not in asked


def test_a_wave_asks_for_the_settings_of_its_kind_only(hq, sign_in):
    wave = made_wave(hq.scope, WaveKind.PARTNER, people=2)
    client, url = sign_in(hq), reverse("survey_wave_edit", args=[wave.pk])
    form = client.get(url).context["form"]
    assert "people" in form.fields
    assert "share_percent" not in form.fields
    given = {
        "questionnaire": str(wave.questionnaire_id),
        "opens_on": "2026-11-22",
        "opens_time": "09:00",
        "closes_on": "2026-12-20",
        "closes_time": "09:30",
        "people": "3",
    }
    assert client.post(url, given).status_code == 302
    before = wave.share_percent, wave.frame_from
    wave.refresh_from_db()
    assert wave.people == 3
    assert (wave.share_percent, wave.frame_from) == before
    customers = made_wave(hq.scope)
    fields = client.get(reverse("survey_wave_edit", args=[customers.pk])).context["form"].fields
    assert "people" not in fields
    assert "share_percent" in fields


def test_a_wave_in_preparation_shows_no_noughts(hq, sign_in):
    wave = made_wave(hq.scope, WaveKind.PARTNER)
    client, url = sign_in(hq), reverse("survey_wave", args=[wave.pk])
    text = client.get(url).text
    assert "標本を抽出すると表示されます" in text
    assert "除いた支援機関はありません" not in text
    assert "東京都よろず支援拠点" not in text
    partner("サンプル商工会", "13")
    draw_wave(actor=hq.scope, wave=wave)
    assert "東京都よろず支援拠点" in client.get(url).text


def test_after_the_end_the_count_comes_next(hq, opened, at, sign_in):
    wave, _ = opened
    url = reverse("survey_wave", args=[wave.pk])
    at(DURING)
    text = sign_in(hq).get(url).text
    assert "手紙（QRコード）" in text
    assert not _is_open(text, "集計を確定する")
    at(AFTER)
    response = sign_in(hq).get(url)
    assert "手紙（QRコード）" not in response.text
    assert "次にすること：用紙の回答と集計" in response.text
    assert _is_open(response.text, "集計を確定する")
    assert [step["current"] for step in response.context["steps"]] == [False, False, False, True]


def test_no_button_of_a_wave_leads_to_a_refusal(hq, at, sign_in):
    wave = made_wave(hq.scope)
    client, url = sign_in(hq), reverse("survey_wave", args=[wave.pk])
    assert _is_open(client.get(url).text, "標本を抽出する")
    wave = draw_wave(actor=hq.scope, wave=wave)
    text = client.get(url).text
    assert not _is_open(text, "受付を始める")
    assert "まだ作成していない手紙が" in text
    job = start_letters(actor=hq.scope, wave=wave, wanted=LettersWanted(Mode.FIRST))
    text = client.get(url).text
    assert "手紙を作成しています" in text
    assert reverse("job_detail", args=[job.pk]) in text
    assert "手紙を作成する（" not in text
    print_all(hq.scope, wave)
    assert _is_open(client.get(url).text, "受付を始める")
    at(AFTER)
    text = sign_in(hq).get(url).text
    assert not _is_open(text, "受付を始める")
    assert "調査を中止して、新しく作成してください" in text


def _is_open(text: str, label: str) -> bool:
    """Whether the page has the button and lets it be pressed."""
    found = re.search(f"<button[^>]*>{label}</button>", text)
    return found is not None and "disabled" not in found.group()


def test_the_form_of_a_wave_says_what_is_wrong(hq, sign_in):
    wave = made_wave(hq.scope)
    client = sign_in(hq)
    faults = {
        "closes_on": "2026-11-21",
        "closes_time": "08:00",
        "frame_to": "2026-03-01",
        "share_percent": "0",
        "maximum": "1",
    }
    given = {**settings_of(wave.questionnaire), **faults}
    response = client.post(reverse("survey_wave_edit", args=[wave.pk]), given)
    assert response.status_code == 422
    for text in ("開始より後", "始まりより後", "1％から100％", "最少数以上"):
        assert text in response.text
