"""The scoring page, its autosave and conflict page, the plan of 47 hubs, sheets on paper."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from pypdf import PdfReader

from evaluation.hearings import operations
from evaluation.hearings.models import (
    Hearing,
    HearingState,
    NotApplicableProposal,
    PanelRating,
)
from evaluation.hearings.operations import Appointment, DeclaredInterest
from evaluation.hearings.operations.sheets import start_sheets
from evaluation.hearings.queries.planning import linkage, plan_lines
from tests.evaluation.hearings.panel_ground import (
    AGREED,
    END,
    START,
    compared,
    prepared,
    scoring,
    settled,
)
from yorozu.core.jobs import runner
from yorozu.core.jobs.models import Job, JobState
from yorozu.core.jobs.queries import file_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hearing_day")]


def autosave(client, stand, item, score, version, **more):
    url = reverse("hearing_autosave", args=[stand.hearing.pk])
    data = {f"score-{item}": score, f"version-{item}": version, **more}
    return client.post(url, data, headers={"HX-Trigger-Name": f"score-{item}"})


def test_autosave_saves_tells_faults_and_shows_both_texts(cast, sign_in):
    stand = scoring(cast)
    client = sign_in(cast.board)
    answer = autosave(client, stand, "C1", "3", "0", **{"comment-C1": "よい"})
    assert answer.status_code == 200
    assert 'name="version-C1" id="version-C1" value="1"' in answer.text
    assert "評価済 <b>1</b> / 2項目" in answer.text
    assert "2として数えます" in answer.text
    answer = autosave(client, stand, "C1", "7", "1")
    assert (answer.status_code, "0から4" in answer.text) == (422, True)
    answer = autosave(client, stand, "C1", "1", "0", **{"comment-C1": "別の窓"})
    assert answer.status_code == 409
    assert "よい" in answer.text
    assert "別の窓" in answer.text
    assert PanelRating.objects.get().score == 3


def test_without_script_the_whole_page_is_saved_and_a_conflict_has_its_page(cast, sign_in):
    stand = scoring(cast)
    client = sign_in(cast.board)
    page = reverse("hearing_score", args=[stand.hearing.pk])
    data = {"score-C1": "3", "comment-C1": "a", "version-C1": "0"}
    data |= {"score-U1": "2", "comment-U1": "", "version-U1": "0"}
    assert client.post(page, data).status_code == 302
    assert PanelRating.objects.count() == 2
    answer = client.post(page, {**data, "score-C1": "1", "comment-C1": "b"})
    assert answer.status_code == 409
    assert "いま保存されている内容" in answer.text
    answer = client.post(page, {"score-U1": "9", "version-U1": "1"})
    assert answer.status_code == 422


def test_nobody_reads_a_score_before_all_are_locked(cast, sign_in):
    stand = scoring(cast)
    stand.mark("hq_second", "C1", 4, comment="秘密の所見")
    pages = [
        reverse("hearing_hub", args=[2026, "04"]),
        reverse("hearing_sheet", args=[2026, "04"]),
        reverse("hearing_term", args=[2026]),
        reverse("hearing_export", args=[2026, "csv"]),
        reverse("hearing_schedule", args=[2026]),
    ]
    for key in ("hq", "agency", "bureau_tohoku", "auditor"):
        client = sign_in(cast.actors[key])
        for page in pages:
            answer = client.get(page)
            assert answer.status_code == 200, (key, page)
            assert "秘密の所見" not in answer.content.decode("utf-8-sig"), (key, page)
    for key in ("bureau_tohoku", "board"):
        page = reverse("hearing_score", args=[stand.hearing.pk])
        assert "秘密の所見" not in sign_in(cast.actors[key]).get(page).text
    page = reverse("hearing_score", args=[stand.hearing.pk])
    assert "秘密の所見" in sign_in(cast.hq_second).get(page).text


def test_a_seat_opens_the_page_and_nothing_else_does(cast, sign_in):
    stand = scoring(cast)
    page = reverse("hearing_score", args=[stand.hearing.pk])
    assert sign_in(cast.board).get(page).status_code == 200
    for key, status in (
        ("hq", 404),
        ("bureau_kanto", 404),
        ("pm_kanto", 404),
        ("agency", 403),
        ("cc_miyagi", 403),
        ("auditor", 403),
    ):
        assert sign_in(cast.actors[key]).get(page).status_code == status, key


def test_the_way_through_the_screens_from_lock_to_closing(cast, sign_in):
    stand = scoring(cast)
    for key in ("hq_second", "bureau_tohoku"):
        stand.give(key, AGREED)
    client = sign_in(cast.board)
    page = reverse("hearing_score", args=[stand.hearing.pk])
    lock = reverse("hearing_lock", args=[stand.hearing.pk])
    assert client.post(lock).status_code == 409
    for item, score in (("C1", "1"), ("U1", "2")):
        autosave(client, stand, item, score, "0")
    assert client.post(lock).status_code == 302
    text = client.get(page).text
    assert "再協議が必要な項目" in text
    assert "ヒアリングを確定する" not in text
    chair = sign_in(cast.hq_second)
    assert "C1：再協議後の評点がありません" in chair.get(page).text
    settle = reverse("hearing_settle", args=[stand.hearing.pk])
    assert chair.post(settle).status_code == 409
    for key in ("hq_second", "bureau_tohoku", "board"):
        assert autosave(sign_in(cast.actors[key]), stand, "C1", "2", "0").status_code == 200
    assert chair.post(settle).status_code == 302
    assert stand.fresh().state == HearingState.SETTLED
    assert "このヒアリングは確定しています" in chair.get(page).text
    judge = sign_in(cast.agency).get(reverse("hearing_hub", args=[2026, "04"])).text
    assert "2←1（配役 board）" in judge


def test_the_plan_of_a_hearing_names_what_is_lacking_and_who_is_barred(cast, sign_in):
    stand = prepared(cast, panel=("hq_second", "bureau_tohoku"))
    client = sign_in(cast.hq)
    page = reverse("hearing_plan", args=[2026, "04"])
    assert "評価者が3人以上必要です（現在2人）" in client.get(page).text
    data = {"held_on": "2026-11-20", "starts": "13:00", "ends": "12:00", "place": "仙台"}
    answer = client.post(page, {**data, "version": "0"})
    assert (answer.status_code, "終了時刻は開始時刻より後" in answer.text) == (422, True)
    assert client.post(page, {**data, "ends": "15:00", "version": "0"}).status_code == 302
    step = reverse("hearing_step", args=[2026, "04", "schedule"])
    answer = client.post(step)
    assert (answer.status_code, "3人以上" in answer.text) == (409, True)
    assert stand.fresh().state == HearingState.PREPARING


def test_the_linking_of_hubs_is_said_on_the_plan(cast):
    stand = prepared(cast)
    prepared(cast, "05", term=stand.term, panel=("hq_second", "bureau_tohoku"))
    found = linkage(plan_lines(stand.term, cast.hq.scope))
    assert [len(group) for group in found.groups] == [2]
    assert len(found.without) == 45
    assert not found.is_connected


def test_preparing_is_offered_only_while_a_hub_has_no_hearing_at_all(cast, sign_in):
    stand = prepared(cast)
    address = reverse("hearing_schedule", args=[2026])
    client = sign_in(cast.hq)
    assert "まだヒアリングのない拠点" not in client.get(address).content.decode()
    Hearing.objects.exclude(pk=stand.hearing.pk).update(state=HearingState.FILED)
    assert "まだヒアリングのない拠点" not in client.get(address).content.decode(), "files count too"
    Hearing.objects.filter(hub__code="05").delete()
    assert "まだヒアリングのない拠点が1か所" in client.get(address).content.decode()


def test_the_plan_costs_the_same_for_one_panel_and_for_many(cast, django_assert_max_num_queries):
    stand = prepared(cast)
    for code in ("02", "03", "05", "06"):
        prepared(cast, code, term=stand.term)
    with django_assert_max_num_queries(16):
        assert len(plan_lines(stand.term, cast.hq.scope)) == 47


def test_a_sheet_says_what_counts(cast, sign_in):
    stand = settled(cast)
    url = reverse("hearing_sheet_pdf", args=[2026, "04"])
    answer = sign_in(cast.agency).get(url)
    assert answer["Content-Type"] == "application/pdf"
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    plain = "".join(text.split())
    for word in ("ヒアリング票", "様式第4号", "項目C1", "配役board", "主査"):
        assert word in plain, word
    assert sign_in(cast.bureau_kanto).get(url).status_code == 404
    assert stand.fresh().state == HearingState.SETTLED


def test_all_sheets_are_one_job_and_asked_for_once(cast):
    stand = compared(cast)
    Hearing.objects.filter(term=stand.term).exclude(hub__code__in=["04", "05"]).delete()
    job = start_sheets(cast.hq.scope, term=stand.term)
    assert start_sheets(cast.hq.scope, term=stand.term).pk == job.pk
    assert runner.run(job.pk) == JobState.SUCCEEDED, Job.objects.get(pk=job.pk).error
    with (
        default_storage.open(file_of(Job.objects.get(pk=job.pk))) as file,
        zipfile.ZipFile(file) as packed,
    ):
        names = packed.namelist()
    assert len(names) == 2
    assert names[0].startswith("04_")


def test_the_home_page_leads_to_what_is_one_s_turn(cast, sign_in):
    stand = scoring(cast)
    assert "のヒアリングを採点する" in sign_in(cast.board).get("/").text
    assert "のヒアリングを採点する" in sign_in(cast.bureau_tohoku).get("/").text
    assert "のヒアリングを採点する" not in sign_in(cast.bureau_kanto).get("/").text
    operations.propose_not_applicable(
        cast.board.scope, hearing=stand.fresh(), item="C1", reason="団体がない"
    )
    assert "該当なしの提案を判断する" in sign_in(cast.hq).get("/").text


def test_scores_that_nobody_may_read_yet_are_not_called_missing(cast, sign_in):
    stand = scoring(cast)
    stand.mark("hq_second", "C1", AGREED["C1"])
    judge = sign_in(cast.agency)
    hub, term = reverse("hearing_hub", args=[2026, "04"]), reverse("hearing_term", args=[2026])
    assert "未評価（0点になります）" not in judge.get(hub).text
    text = judge.get(term).text
    assert "採点中" in text
    assert "/ 1</td>" not in text
    stand.give("hq_second", AGREED)
    for key in ("bureau_tohoku", "board"):
        stand.give(key, AGREED)
    assert "1 / 1</td>" in judge.get(term).text


def test_the_button_that_fixes_a_plan_comes_when_nothing_is_lacking(cast, sign_in):
    stand = prepared(cast)
    client = sign_in(cast.hq)
    page = reverse("hearing_plan", args=[2026, "04"])
    button = reverse("hearing_step", args=[2026, "04", "schedule"])
    text = client.get(page).text
    assert "ヒアリングの日時が決まっていません" in text
    assert button not in text
    data = {"held_on": "2026-11-20", "starts": "13:00", "ends": "15:00", "place": "仙台"}
    assert client.post(page, {**data, "version": "0"}).status_code == 302
    text = client.get(page).text
    assert "確定の前に必要なこと" not in text
    assert button in text
    assert client.post(button).status_code == 302
    assert stand.fresh().state == HearingState.SCHEDULED
    field = client.get(page).context["step_form"].fields["reason"]
    assert field.required, "the step is refused without a reason"


def test_before_the_day_the_chair_reads_why_scoring_cannot_begin(cast, sign_in):
    stand = prepared(cast)
    day = timedelta(days=1)
    operations.set_appointment(
        cast.hq.scope,
        hearing=stand.fresh(),
        wanted=Appointment(START + day, END + day, "仙台合同庁舎"),
        version=stand.fresh().version,
    )
    operations.schedule_hearing(cast.hq.scope, hearing=stand.fresh())
    page = reverse("hearing_score", args=[stand.hearing.pk])
    chair = sign_in(cast.hq_second).get(page).text
    assert "ヒアリングの日より前に採点を始めることはできません" in chair
    assert reverse("hearing_open", args=[stand.hearing.pk]) not in chair
    member = sign_in(cast.board).get(page).text
    assert "ヒアリングの日より前に" not in member


def test_the_desk_says_what_comes_next_and_leads_to_no_refusal(cast, sign_in):
    stand = scoring(cast)
    page = reverse("hearing_score", args=[stand.hearing.pk])
    desk = sign_in(cast.board).get(reverse("hearing_desk")).text
    assert page in desk
    assert "採点する" in desk
    said = DeclaredInterest(stand.hearing.hub_id, "relative", "親族が在籍")
    operations.declare_interest(cast.board.scope, term=stand.term, said=[said])
    desk = sign_in(cast.board).get(reverse("hearing_desk")).text
    assert page not in desk
    assert "評価できません（利益相反）" in desk
    assert page in sign_in(cast.bureau_tohoku).get(reverse("hearing_desk")).text


def test_who_proposed_not_applicable_is_not_asked_to_decide(cast, sign_in):
    stand = scoring(cast)
    operations.propose_not_applicable(
        cast.hq_second.scope, hearing=stand.fresh(), item="C1", reason="団体がない"
    )
    page = reverse("hearing_hub", args=[2026, "04"])
    assert "判断を記録する" not in sign_in(cast.hq_second).get(page).text
    assert "判断を記録する" in sign_in(cast.hq).get(page).text
    operations.decide_not_applicable(
        cast.hq.scope, proposal=NotApplicableProposal.objects.get(), approve=True
    )
    score = sign_in(cast.board).get(reverse("hearing_score", args=[stand.hearing.pk])).text
    assert 'id="proof-C1"' not in score, "what does not apply needs no evidence"
    assert 'id="proof-U1"' in score


def test_an_evaluator_who_sits_is_not_offered_to_leave_the_list(cast, sign_in):
    stand = prepared(cast)
    client = sign_in(cast.hq)
    one = stand.evaluators["board"]
    page = reverse("evaluator_detail", args=[2026, one.pk])
    leave = reverse("evaluator_retire", args=[2026, one.pk])
    text = client.get(page).text
    assert leave not in text
    assert "先にそれぞれの計画でパネルから外してください" in text
    operations.unseat_evaluator(cast.hq.scope, member=stand.members["board"])
    assert leave in client.get(page).text
    assert client.post(leave).status_code == 302


def test_only_who_has_scored_nothing_can_be_taken_off_a_panel_at_work(cast, sign_in):
    stand = scoring(cast)
    stand.mark("board", "C1", 3)
    text = sign_in(cast.hq).get(reverse("hearing_plan", args=[2026, "04"])).text
    assert reverse("hearing_unseat", args=[stand.members["board"].pk]) not in text
    assert reverse("hearing_unseat", args=[stand.members["bureau_tohoku"].pk]) in text
