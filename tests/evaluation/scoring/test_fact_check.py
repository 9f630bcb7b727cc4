"""The fact check: asked, answered, objected to, answered again, carried over to a correction."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction

from evaluation.scoring import operations
from evaluation.scoring.models import (
    EvaluationRun,
    FactCheck,
    FactCheckState,
    FactRemark,
    RemarkKind,
    RemarkState,
    RunKind,
    RunState,
)
from evaluation.scoring.queries import facts_of_part, part_lines, visible_parts
from tests.cast import Cast
from tests.evaluation.run_ground import CODES, Year, judged_year
from yorozu.core.access import system_scope
from yorozu.core.audit.models import AuditEvent
from yorozu.core.audit.operations import verify_chain
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Refused
from yorozu.core.notices.models import Notice

pytestmark = pytest.mark.django_db
# A Friday before the holidays of May 2026.
START = "2026-04-24T15:30:00+09:00"


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(datetime.fromisoformat(START), tick=False) as moment:
        yield moment


@pytest.fixture
def year(cast: Cast) -> Year:
    return judged_year(cast)


@pytest.fixture
def run(year: Year) -> EvaluationRun:
    return operations.ask_facts(year.cast.hq.scope, run=year.run())


def confirm(year: Year, run: EvaluationRun, *codes: str) -> None:
    for code in codes or CODES:
        operations.confirm_facts(year.chief(code), part=year.part(run, code))


def test_the_deadline_is_ten_working_days_to_the_minute(run: EvaluationRun) -> None:
    """29 April, 3 to 6 May are holidays (6 May in lieu): the tenth working day is 14 May."""
    assert run.state == RunState.FACT_CHECK
    dues = set(run.fact_checks.values_list("due_at", flat=True))
    assert dues == {datetime.fromisoformat("2026-05-14T17:00:00+09:00")}


def test_every_hub_is_told_with_its_own_page(year: Year, run: EvaluationRun) -> None:
    for code in CODES:
        part = year.part(run, code)
        told = Notice.objects.get(
            key=f"facts-asked-{run.pk}-{part.hub_id}", user__name__contains="cc"
        )
        assert told.url == f"/evaluation/runs/facts/{part.pk}/"
        assert part.hub.name in told.text


def test_the_hub_sees_its_facts_and_its_score(year: Year, run: EvaluationRun, sign_in: Any) -> None:
    part = year.part(run, "13")
    page = sign_in(year.cast.cc_tokyo).get(f"/evaluation/runs/facts/{part.pk}/").content.decode()
    for fact in facts_of_part(part):
        assert fact.shown in page
    result = run.hub_results.get(hub__code="13")
    assert f"{result.final}" in page
    assert "総合点（公表前）" in page
    assert f"{result.rank}位" not in page
    assert sign_in(year.cast.cc_tokyo).get(f"/evaluation/runs/{run.pk}/").status_code == 404
    assert "評価者A" not in page
    for code in ("04", "14"):
        strange = year.part(run, code)
        answer = sign_in(year.cast.cc_tokyo).get(f"/evaluation/runs/facts/{strange.pk}/")
        assert answer.status_code == 404
    assert list(visible_parts(year.chief("13")).values_list("hub__code", flat=True)) == ["13"]


def test_every_fact_has_an_address_of_its_own(year: Year, run: EvaluationRun) -> None:
    facts = facts_of_part(year.part(run, "13"))
    assert len({fact.path for fact in facts}) == len(facts) > 40
    groups = list(dict.fromkeys(fact.group for fact in facts))
    assert groups == ["hub", "plan", "results", "survey", "partners", "hearing", "money"]


def test_it_is_closed_when_all_have_confirmed(year: Year, run: EvaluationRun) -> None:
    confirm(year, run, "04", "13")
    with pytest.raises(NotReady) as refusal:
        operations.close_facts(year.cast.hq.scope, run=run)
    assert [one.text for one in refusal.value.missing] == [
        "神奈川県よろず支援拠点が確認中です（期限前）。"
    ]
    confirm(year, run, "14")
    assert operations.close_facts(year.cast.hq.scope, run=run).state == RunState.PANEL


def test_silence_until_the_last_minute_is_written_down_as_silence(
    year: Year, run: EvaluationRun, clock: Any
) -> None:
    confirm(year, run, "04")
    clock.move_to(datetime.fromisoformat("2026-05-14T17:00:00+09:00"))
    with pytest.raises(NotReady):
        operations.close_facts(year.cast.hq.scope, run=run)
    year.object(run, "13", kind=RemarkKind.COMMENT)
    clock.move_to(datetime.fromisoformat("2026-05-14T17:00:01+09:00"))
    with pytest.raises(Conflict, match="期限"):
        year.object(run, "13")
    with pytest.raises(NotReady, match="まだ"):
        operations.confirm_facts(year.chief("14"), part=year.part(run, "14"))
    remark = FactRemark.objects.get()
    operations.note_remark(year.cast.hq.scope, remark=remark, answer="承知しました。")
    operations.close_facts(year.cast.hq.scope, run=run)
    states = dict(run.fact_checks.values_list("hub__code", "state"))
    assert states == {"04": "confirmed", "13": "silent", "14": "silent"}


def test_an_open_remark_holds_the_run(year: Year, run: EvaluationRun) -> None:
    remark = year.object(run)
    confirm(year, run)
    with pytest.raises(NotReady) as refusal:
        operations.close_facts(year.cast.hq.scope, run=run)
    assert "「「5 大変満足」の件数」への異議に回答していません" in refusal.value.missing[0].text
    operations.reject_remark(year.cast.hq.scope, remark=remark, answer="回収票のとおりです。")
    assert operations.close_facts(year.cast.hq.scope, run=run).state == RunState.PANEL
    told = Notice.objects.get(key=f"fact-answer-{remark.pk}", user=year.cast.cc_tokyo.user)
    assert told.url == f"/evaluation/runs/remarks/{remark.pk}/"


def test_an_accepted_objection_needs_a_corrected_book(year: Year, run: EvaluationRun) -> None:
    hq = year.cast.hq.scope
    remark = year.object(run, proposed="40件")
    operations.accept_remark(hq, remark=remark, answer="回収票を数え直し、訂正します。")
    confirm(year, run)
    with pytest.raises(NotReady, match="まだ"):
        operations.close_facts(hq, run=run)
    with pytest.raises(NotReady) as refusal:
        operations.ask_facts(hq, run=year.run())
    assert "証拠台帳に反映されていません" in refusal.value.missing[0].text
    operations.discard_run(hq, run=EvaluationRun.objects.latest("pk"), reason="台帳が未訂正")
    year.correct("13")
    year.freeze("13")
    second = operations.ask_facts(hq, run=year.run())
    run.refresh_from_db()
    remark.refresh_from_db()
    assert run.state == RunState.SUPERSEDED
    assert second.supersedes == run
    assert remark.effect_run == second
    states = dict(second.fact_checks.values_list("hub__code", "state"))
    assert states == {"04": "confirmed", "13": "waiting", "14": "confirmed"}
    assert year.part(second, "14").carried_from == year.part(run, "14")
    asked = set(
        Notice.objects.filter(key__startswith=f"facts-asked-{second.pk}-").values_list(
            "user__email", flat=True
        )
    )
    assert asked == {"cc-tokyo@example.jp", "body-tokyo@example.jp"}
    confirm(year, second, "13")
    assert operations.close_facts(hq, run=second).state == RunState.PANEL
    assert verify_chain() == []


def test_the_effect_is_told_at_the_cell_of_the_objection(
    year: Year, run: EvaluationRun, sign_in: Any
) -> None:
    """The hub's book was frozen anew; two of the three cells it objected to are as they were."""
    cells = ("survey/level/5", "survey/level/3", "results/CONS/2025-04")
    remarks = [year.object(run, cell=cell) for cell in cells]
    for remark in remarks:
        operations.accept_remark(year.cast.hq.scope, remark=remark, answer="数え直します。")
    year.correct("13", level_5=40)
    year.freeze("13")
    second = operations.ask_facts(year.cast.hq.scope, run=year.run())
    chief = sign_in(year.cast.cc_tokyo)
    moved, same, month = (
        chief.get(f"/evaluation/runs/remarks/{remark.pk}/").content.decode() for remark in remarks
    )
    assert f"第{second.number}回の評価に反映しました。この項目の値は、43件から40件に" in moved
    assert "この項目の値は15件のままです" in same
    assert "この項目の値は100件のままです" in month
    assert "に反映しました" not in same + month


def test_an_unanswered_remark_is_not_passed_over_by_a_new_run(
    year: Year, run: EvaluationRun
) -> None:
    year.object(run)
    year.correct("13")
    year.freeze("13")
    with pytest.raises(NotReady, match="引き継げません"):
        operations.ask_facts(year.cast.hq.scope, run=year.run())


def test_a_waiting_hub_keeps_its_deadline_in_the_run_that_follows(
    year: Year, run: EvaluationRun, clock: Any
) -> None:
    clock.move_to(datetime.fromisoformat("2026-04-28T09:00:00+09:00"))
    year.correct("13")
    year.freeze("13")
    second = operations.ask_facts(year.cast.hq.scope, run=year.run())
    assert year.part(second, "14").due_at == year.part(run, "14").due_at
    assert year.part(second, "13").due_at > year.part(run, "13").due_at
    confirm(year, second)


def test_only_the_hubs_asked_anew_are_said_to_be_asked(
    year: Year, run: EvaluationRun, sign_in: Any
) -> None:
    hq = sign_in(year.cast.hq)

    def told(made: EvaluationRun) -> str:
        return hq.post(f"/evaluation/runs/{made.pk}/ask/", follow=True).content.decode()

    assert "全拠点の回答を前の評価から引き継ぎました" in told(year.run())
    year.correct("13")
    year.freeze("13")
    assert "1拠点に事実確認を依頼し、通知を送りました" in told(year.run())


def test_one_judgement_of_a_year_is_under_way_at_a_time(year: Year, run: EvaluationRun) -> None:
    rival = year.run()
    year.correct("13")
    year.freeze("13")
    second = operations.ask_facts(year.cast.hq.scope, run=year.run())
    rival.refresh_from_db()
    assert rival.state == RunState.SUPERSEDED
    assert second.state == RunState.FACT_CHECK
    with pytest.raises(Conflict):
        operations.ask_facts(year.cast.hq.scope, run=rival)


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no text": ({"text": " "}, "内容"),
    "too long": ({"text": "あ" * 2001}, "内容"),
    "unknown fact": ({"cell": "results/CONS/1999-04"}, "項目"),
    "long value": ({"proposed": "1" * 121}, "正しいと考える値"),
    "program": ({"evidence": operations.Evidence("a.exe", b"MZ")}, "根拠資料"),
    "empty file": ({"evidence": operations.Evidence("a.pdf", b"")}, "根拠資料"),
    "page": ({"evidence": operations.Evidence("a.html", b"<script>")}, "根拠資料"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_taken_is_named(name: str, year: Year, run: EvaluationRun) -> None:
    changes, column = BAD[name]
    before = AuditEvent.objects.count()
    with pytest.raises(InvalidInput) as refusal:
        year.object(run, **changes)
    assert [problem.column for problem in refusal.value.problems] == [column]
    assert not FactRemark.objects.exists()
    assert AuditEvent.objects.count() == before


def test_the_file_is_kept_under_a_name_of_our_own(
    year: Year, run: EvaluationRun, sign_in: Any
) -> None:
    evidence = operations.Evidence("../../回収票 3月.PDF", b"%PDF-1.7 survey")
    remark = year.object(run, evidence=evidence)
    assert ".." not in remark.evidence_path
    assert remark.evidence_name == "回収票 3月.PDF"
    with default_storage.open(remark.evidence_path) as file:
        assert file.read() == evidence.data
    url = f"/evaluation/runs/remarks/{remark.pk}/evidence/"
    answer = sign_in(year.cast.hq).get(url)
    assert answer.content == evidence.data
    assert answer["Content-Disposition"].startswith("attachment")
    assert sign_in(year.cast.cc_miyagi).get(url).status_code == 404


def test_comments_are_noted_and_objections_decided(year: Year, run: EvaluationRun) -> None:
    hq = year.cast.hq.scope
    comment = year.object(run, kind=RemarkKind.COMMENT)
    objection = year.object(run)
    with pytest.raises(NotReady):
        operations.accept_remark(hq, remark=comment, answer="認めます。")
    with pytest.raises(NotReady):
        operations.note_remark(hq, remark=objection, answer="承知しました。")
    with pytest.raises(NotReady):
        operations.reject_remark(hq, remark=objection, answer=" ")
    assert operations.note_remark(hq, remark=comment, answer="承知。").state == RemarkState.NOTED
    with pytest.raises(Conflict):
        operations.note_remark(hq, remark=comment, answer="もう一度。")
    withdrawn = operations.withdraw_remark(year.chief("13"), remark=objection)
    assert withdrawn.state == RemarkState.WITHDRAWN
    with pytest.raises(Conflict):
        operations.accept_remark(hq, remark=objection, answer="認めます。")


def test_a_hub_that_has_confirmed_says_no_more(year: Year, run: EvaluationRun) -> None:
    confirm(year, run, "13")
    with pytest.raises(Conflict, match="確認済"):
        year.object(run)
    with pytest.raises(Conflict):
        confirm(year, run, "13")


ACTS: dict[str, tuple[set[str], Any]] = {
    "confirm": (
        {"cc_tokyo"},
        lambda actor, year, run: operations.confirm_facts(actor, part=year.part(run, "13")),
    ),
    "remark": (
        {"cc_tokyo", "body_tokyo"},
        lambda actor, year, run: operations.remark_on_fact(
            actor,
            part=year.part(run, "13"),
            said=operations.Said(RemarkKind.COMMENT, "survey/sent", "意見"),
        ),
    ),
    "answer": (
        {"hq", "hq_second"},
        lambda actor, year, run: operations.reject_remark(
            actor, remark=FactRemark.objects.get(), answer="回答"
        ),
    ),
    "withdraw": (
        {"cc_tokyo", "body_tokyo"},
        lambda actor, year, run: operations.withdraw_remark(actor, remark=FactRemark.objects.get()),
    ),
    "ask": ({"hq", "hq_second"}, lambda actor, year, run: operations.ask_facts(actor, run=run)),
    "close": ({"hq", "hq_second"}, lambda actor, year, run: operations.close_facts(actor, run=run)),
}


@pytest.mark.parametrize("name", ACTS)
def test_every_act_is_refused_to_everybody_else(name: str, year: Year, run: EvaluationRun) -> None:
    allowed, act = ACTS[name]
    if name in {"answer", "withdraw"}:
        year.object(run)
    for actor in year.cast.all():
        if actor.key not in allowed:
            with pytest.raises(Refused):
                act(actor.scope, year, run)


def test_reminders_go_out_once_on_their_days(year: Year, run: EvaluationRun, clock: Any) -> None:
    confirm(year, run, "04")
    morning = system_scope("朝の期限の連絡")
    days = {
        "2026-05-08T08:00:00+09:00": 0,
        "2026-05-11T08:00:00+09:00": 3,
        "2026-05-12T08:00:00+09:00": 0,
        "2026-05-13T08:00:00+09:00": 3,
        "2026-05-14T08:00:00+09:00": 3,
        "2026-05-15T08:00:00+09:00": 0,
    }
    for moment, notices in days.items():
        clock.move_to(datetime.fromisoformat(moment))
        before = Notice.objects.filter(key__startswith="facts-due-").count()
        operations.remind_hubs(morning)
        operations.remind_hubs(morning)
        sent = Notice.objects.filter(key__startswith="facts-due-").count() - before
        # Tokyo's chief and body, Kanagawa's chief; Miyagi has answered.
        assert sent == notices, moment
    assert Notice.objects.filter(key=f"facts-over-{run.pk}", user=year.cast.hq.user).count() == 1


def test_the_matrix_counts_what_stands(year: Year, run: EvaluationRun, sign_in: Any) -> None:
    year.object(run)
    year.object(run, "14", kind=RemarkKind.COMMENT)
    confirm(year, run, "04")
    lines = {line.part.hub.code: line for line in part_lines(run, year.cast.hq.scope)}
    assert (lines["13"].open, lines["14"].comments, lines["04"].open) == (1, 1, 0)
    url = f"/evaluation/runs/{run.pk}/facts/"
    page = sign_in(year.cast.hq).get(url).content.decode()
    assert "東京都よろず支援拠点が確認中です" in page
    area = sign_in(year.cast.bureau_kanto).get(url).content.decode()
    assert "宮城県" not in area
    assert sign_in(year.cast.cc_tokyo).get(url).status_code == 403


def test_screens_lead_from_the_figure_to_the_answer(
    year: Year, run: EvaluationRun, sign_in: Any
) -> None:
    part = year.part(run, "13")
    chief, hq = sign_in(year.cast.cc_tokyo), sign_in(year.cast.hq)
    new = f"/evaluation/runs/facts/{part.pk}/remark/?cell=results%2FCONS%2F2025-04"
    assert (
        "remark/?cell=results%2FCONS%2F2025-04"
        in chief.get(f"/evaluation/runs/facts/{part.pk}/").content.decode()
    )
    assert chief.post(new, {}).status_code == 422
    sent = {"kind": "objection", "text": "4月分が違います。", "proposed": "101件"}
    assert chief.post(new, sent).status_code == 302
    remark = FactRemark.objects.get()
    assert (remark.label, remark.shown) == ("相談対応件数（令和7年4月）", "100件")
    url = f"/evaluation/runs/remarks/{remark.pk}/"
    assert hq.post(f"{url}answer/", {"decision": "accepted"}).status_code == 422
    answer = {"decision": "accepted", "answer": "月次実績を訂正します。"}
    assert hq.post(f"{url}answer/", answer).status_code == 302
    page = hq.get(url).content.decode()
    assert "もとの記録を訂正する" in page
    own = chief.get(url).content.decode()
    assert "月次実績を訂正します。" in own
    assert "もとの記録を訂正する" not in own


SQL = {
    "deadline": lambda: FactCheck.objects.update(due_at=datetime.fromisoformat(START)),
    "book": lambda: FactCheck.objects.update(evidence_book=None),
    "answer": lambda: FactCheck.objects.filter(state="confirmed").update(answered_by_name="別人"),
    "state": lambda: FactCheck.objects.filter(state="confirmed").update(
        state=FactCheckState.WAITING, answered_at=None
    ),
    "part gone": lambda: FactCheck.objects.all().delete(),
    "text": lambda: FactRemark.objects.update(text="別の内容"),
    "cell": lambda: FactRemark.objects.update(cell="survey/sent"),
    "decision": lambda: FactRemark.objects.update(state="accepted"),
    "reply": lambda: FactRemark.objects.update(answer="別の回答"),
    "remark gone": lambda: FactRemark.objects.all().delete(),
    "run back": lambda: EvaluationRun.objects.update(state="computed"),
    "run ahead": lambda: EvaluationRun.objects.update(state="published"),
    "run skips": lambda: EvaluationRun.objects.update(state="fixed"),
}


@pytest.mark.parametrize("way", SQL)
def test_the_database_holds_what_was_asked_and_said(
    way: str, year: Year, run: EvaluationRun
) -> None:
    remark = year.object(run)
    operations.reject_remark(year.cast.hq.scope, remark=remark, answer="記録のとおりです。")
    confirm(year, run, "13")
    with pytest.raises(DatabaseError), transaction.atomic():
        SQL[way]()


def test_a_provisional_cut_reads_one_day(year: Year) -> None:
    """Books of two days give no provisional run; a final one needs whole years."""
    hq = year.cast.hq.scope
    operations.adopt_scheme(hq, term=year.term)
    year.freeze("13", as_of=datetime.fromisoformat("2026-04-20T00:00+09:00").date())
    with pytest.raises(NotReady) as refusal:
        operations.start_run(hq, term=year.term, kind=RunKind.PROVISIONAL)
    assert "同じ基準日" in refusal.value.missing[0].text
    assert operations.start_run(hq, term=year.term, kind=RunKind.FINAL)
    with pytest.raises(NotReady) as refusal:
        operations.start_run(hq, term=year.term, kind=RunKind.APPEAL)
    assert "再審査はできません" in refusal.value.missing[0].text
    year.freeze("14", as_of=datetime.fromisoformat("2026-01-31T00:00+09:00").date())
    with pytest.raises(NotReady) as refusal:
        operations.start_run(hq, term=year.term, kind=RunKind.FINAL)
    assert "年度末より前" in refusal.value.missing[0].text


def test_a_remark_after_the_answer_is_refused_in_words(
    year: Year, run: EvaluationRun, sign_in: Any
) -> None:
    part, chief = year.part(run, "13"), sign_in(year.cast.cc_tokyo)
    operations.confirm_facts(year.chief("13"), part=part)
    new = f"/evaluation/runs/facts/{part.pk}/remark/?cell=results%2FCONS%2F2025-04"
    assert chief.get(new).status_code == 302
    answer = chief.post(new, {"kind": "objection", "text": "4月分が違います。"})
    assert answer.status_code == 409
    assert "台帳の内容を確認済のため" in answer.content.decode()
    assert not FactRemark.objects.exists()


def test_hq_reads_what_the_hubs_will_see(year: Year, sign_in: Any) -> None:
    page = sign_in(year.cast.hq).get(f"/evaluation/runs/{year.run().pk}/ask/").content.decode()
    assert "自拠点の総合点を示し、順位と他の拠点の結果は示しません" in page
