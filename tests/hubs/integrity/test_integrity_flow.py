"""The life of a flag: the hub first, then the bureau; kept, closed when its cause is gone."""

from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from hubs.integrity.models import FlagDecision, FlagNote, FlagState, IntegrityFlag, Outcome
from hubs.integrity.operations import (
    add_note,
    close_flag,
    close_national,
    find_flag,
    raise_flags,
    settle_flag,
)
from hubs.integrity.queries import findings_in_force
from hubs.integrity.rules import CURRENT
from hubs.integrity.tasks import raise_flags_nightly
from hubs.ledger.models import DirtyMonth, LedgerMonth
from hubs.network.models import CommissionContract, Hub, ImplementingBody
from hubs.plans.models import Plan, Target
from hubs.results.models import CorrectionState, MonthlyResult, ReportState, ResultCorrection
from tests.cast import Cast
from tests.hubs.integrity.ground import SYSTEM, TODAY, change, flags, sent, term_of
from yorozu.core import clock
from yorozu.core.audit.models import AuditEvent
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Refused
from yorozu.core.jobs.models import Job, JobState
from yorozu.core.notices.models import Notice

JUMP = {"CONS": (301, 312, 293, 304, 306, 297, 900)}


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: TODAY)


def days_later(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    moment = TODAY + timedelta(days=days)
    monkeypatch.setattr(clock, "now", lambda: moment)


def counts(**changed: int) -> dict[str, int]:
    return {"raised": 0, "updated": 0, "waiting": 0, "resolved": 0} | changed


@pytest.fixture
def flag(cast: Cast) -> IntegrityFlag:
    """One flag of Tokyo, just raised: a jump in October."""
    sent(figures=JUMP)
    assert raise_flags(SYSTEM).counts == counts(raised=1)
    return flags()[0]


# --- Raising --------------------------------------------------------------------------------------


def test_a_calm_year_raises_nothing_and_without_a_term_nothing_happens(cast: Cast) -> None:
    assert raise_flags(SYSTEM).counts == counts()
    sent()
    assert raise_flags(SYSTEM).counts == counts()
    assert AuditEvent.objects.filter(action="hubs.integrity.raise").count() == 0


def test_a_flag_carries_its_figures_version_and_ten_business_days(flag: IntegrityFlag) -> None:
    assert (flag.check_code, flag.subject, flag.round) == ("jump", "2026-10/CONS", 1)
    assert (flag.state, flag.outcome, flag.rule_version) == ("raised", "", CURRENT.version)
    assert flag.month == date(2026, 10, 1)
    assert flag.answer_due == date(2026, 12, 7)
    assert flag.opened["rows"][-1] == ["令和8年10月", 900, 1]


def test_a_second_run_changes_nothing(flag: IntegrityFlag, monkeypatch: pytest.MonkeyPatch) -> None:
    before = list(IntegrityFlag.objects.values())
    assert raise_flags(SYSTEM).counts == counts()
    assert list(IntegrityFlag.objects.values()) == before
    days_later(monkeypatch, 1)
    raise_flags(SYSTEM)
    flag.refresh_from_db()
    assert (flag.first_seen, flag.last_seen) == (TODAY.date(), TODAY.date() + timedelta(days=1))


def test_only_months_that_were_sent_are_looked_at(cast: Cast) -> None:
    reports = sent(figures=JUMP)
    for state in (ReportState.OPEN, ReportState.RETURNED):
        reports[-1].state = state
        reports[-1].save()
        assert raise_flags(SYSTEM).counts == counts()
    reports[-1].state = ReportState.CONFIRMED
    reports[-1].save()
    assert raise_flags(SYSTEM).counts == counts(raised=1)


def test_the_number_of_statements_does_not_depend_on_the_number_of_hubs(cast: Cast) -> None:
    sent("13", JUMP)
    with CaptureQueriesContext(connection) as one:
        assert len(raise_flags(SYSTEM).raised) == 1
    for code in ("04", "14", "27", "28", "40"):
        sent(code, JUMP)
    with CaptureQueriesContext(connection) as many:
        assert len(raise_flags(SYSTEM).raised) == 5
    # The mail job of this very moment is there already: three statements fewer.
    assert len(many) == len(one) - 3


def test_a_reason_typed_with_the_figure_is_the_first_note(cast: Cast) -> None:
    reports = sent(figures=JUMP)
    change(reports[-1], "CONS", 900, "補助金の公募開始に伴う増加")
    assert raise_flags(SYSTEM).counts == counts(raised=1, waiting=1)
    flag = flags()[0]
    assert flag.state == FlagState.WAITING
    note = flag.notes.get()
    assert note.text == "月次実績の入力時の理由：補助金の公募開始に伴う増加"
    assert Notice.objects.filter(user=cast.cc_tokyo.user).count() == 0
    assert Notice.objects.filter(user=cast.bureau_kanto.user).count() == 1


def test_a_corrected_figure_counts_and_corrections_that_only_help_are_asked_about(
    cast: Cast,
) -> None:
    reports = sent(state=ReportState.ACCEPTED)
    indicator = reports[0].results.get(indicator__code="CONS").indicator
    for report, old in zip(reports[:3], (301, 312, 293), strict=True):
        correction = ResultCorrection.objects.create(
            report=report,
            indicator=indicator,
            old_state="reported",
            old_value=old,
            new_state="reported",
            new_value=old + 1,
            reason="記録漏れ",
            evidence="記録簿",
            requested_by_name="配役",
        )
        for state in (CorrectionState.CONFIRMED, CorrectionState.ACCEPTED):
            ResultCorrection.objects.filter(pk=correction.pk).update(
                state=state, confirmed_at=TODAY, decided_at=TODAY
            )
    raise_flags(SYSTEM)
    assert [(one.check_code, one.subject) for one in flags()] == [("late", "2026")]
    assert [row[1] for row in flags()[0].opened["rows"]] == [1, 1, 1]


def test_a_drawn_figure_is_held_against_the_records_once_they_are_summed(cast: Cast) -> None:
    reports = sent()
    hub = Hub.objects.get(code="13")
    MonthlyResult.objects.filter(report=reports[0], indicator__code="CONS").update(source="ledger")
    ledger = LedgerMonth.objects.create(
        hub=hub,
        month=reports[0].month,
        consultations=299,
        visiting_clients=0,
        clients=0,
        minutes=0,
        issues_resolved=0,
        issues_client_confirmed=0,
        issues_checked=0,
        issues_check_confirmed=0,
        network_activities=0,
        network_joined=0,
        computed_at=TODAY,
    )
    behind = DirtyMonth.objects.create(hub=hub, month=reports[0].month)
    assert raise_flags(SYSTEM).counts == counts()
    behind.delete()
    raise_flags(SYSTEM)
    assert [(one.check_code, one.subject) for one in flags()] == [("ledger", "2026-04/CONS")]
    ledger.consultations = 301
    ledger.save()
    assert raise_flags(SYSTEM).counts == counts(resolved=1)


def test_a_sinking_target_is_asked_about_when_the_plan_is_sent(cast: Cast) -> None:
    hub = Hub.objects.get(code="13")
    for year, total in ((2024, 82), (2025, 83)):
        sent("13", {"CONS": [total + n % 3 for n in range(12)]}, fiscal_year=year)
    for year, value in ((2025, 1000), (2026, 800)):
        term = term_of(year)
        plan = Plan.objects.create(hub=hub, term=term, state="submitted")
        indicator = term.indicators.get(code="CONS")
        Target.objects.create(plan=plan, indicator=indicator, value=value)
    Plan.objects.filter(term__fiscal_year=2026).update(state="draft")
    raise_flags(SYSTEM)
    ratchets = IntegrityFlag.objects.filter(check_code="ratchet", term__fiscal_year=2026)
    assert not ratchets
    Plan.objects.filter(term__fiscal_year=2026).update(state="submitted")
    raise_flags(SYSTEM)
    assert [one.subject for one in ratchets.all()] == ["2026/CONS"]


def test_the_network_is_looked_at_when_the_year_is_over(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = [f"{number:02d}" for number in range(1, 8)]
    year = [85, 83, 84, 82, 86, 84, 83, 85, 84, 81, 87, 86]
    for code in codes:
        sent(code, {"CONS": year})
        plan = Plan.objects.create(
            hub=Hub.objects.get(code=code), term=term_of(), state="submitted"
        )
        indicator = term_of().indicators.get(code="CONS")
        Target.objects.create(plan=plan, indicator=indicator, value=sum(year) - 5)
    raise_flags(SYSTEM)
    national = IntegrityFlag.objects.filter(hub=None)
    assert not national
    days_later(monkeypatch, 150)
    assert raise_flags(SYSTEM).waiting != []
    flag = national.get()
    assert (flag.state, flag.check_code) == (FlagState.WAITING, "just_over")
    assert Notice.objects.filter(user=cast.agency.user).count() == 1
    with pytest.raises(NotReady) as refusal:
        find_flag(actor=SYSTEM, flag=flag, reason="理由")
    assert "中小企業庁が判断します" in refusal.value.missing[0].text
    close_national(actor=cast.agency.scope, flag=flag, reason="全国会議で数え方を確かめた。")
    flag.refresh_from_db()
    assert (flag.state, flag.outcome) == (FlagState.CLOSED, Outcome.EXPLAINED)


# --- Hub first, then the bureau ------------------------------------------------------------------


def test_only_the_hub_is_told_and_sees_the_flag_at_first(cast: Cast, flag: IntegrityFlag) -> None:
    told = set(Notice.objects.values_list("user__email", flat=True))
    assert told == {cast.cc_tokyo.user.email, cast.body_tokyo.user.email}
    seeing = [
        actor.key
        for actor in cast.all()
        if actor.membership and IntegrityFlag.objects.visible_to(actor.scope).exists()
    ]
    assert sorted(seeing) == ["body_tokyo", "cc_tokyo", "co_tokyo"]
    # The trail, which bureaus read, holds no word of the hub yet.
    assert {event.hub_id for event in AuditEvent.objects.filter(action__contains="integrity")} == {
        None
    }


def test_the_hub_hears_by_one_mail_without_a_figure(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    sent(figures={**JUMP, "SOLVE": (91, 102, 83, 94, 96, 87, 400)})
    with django_capture_on_commit_callbacks(execute=True):
        assert len(raise_flags(SYSTEM).raised) >= 2
    to_chief = [letter for letter in mail.outbox if cast.cc_tokyo.user.email in letter.to]
    assert len(to_chief) == 1
    assert "確認をお願いしたい点が" in to_chief[0].body
    assert "900" not in to_chief[0].body


def test_the_first_note_passes_the_flag_on(cast: Cast, flag: IntegrityFlag) -> None:
    note = add_note(actor=cast.cc_tokyo.scope, flag=flag, text=" 展示会での相談が集中した。 ")
    flag.refresh_from_db()
    assert flag.state == FlagState.WAITING
    assert (note.text, note.by) == ("展示会での相談が集中した。", cast.cc_tokyo.user)
    assert Notice.objects.filter(user=cast.bureau_kanto.user).count() == 1
    assert Notice.objects.filter(user=cast.bureau_tohoku.user).count() == 0
    add_note(actor=cast.body_tokyo.scope, flag=flag, text="実施機関でも記録を確かめた。")
    assert flag.notes.count() == 2
    readers = [cast.bureau_kanto, cast.hq, cast.agency, cast.auditor]
    for actor in readers:
        assert IntegrityFlag.objects.visible_to(actor.scope).count() == 1
    assert not IntegrityFlag.objects.visible_to(cast.bureau_tohoku.scope).exists()


def test_without_a_note_the_bureau_decides_after_the_days_have_passed(
    cast: Cast, flag: IntegrityFlag, monkeypatch: pytest.MonkeyPatch
) -> None:
    days_later(monkeypatch, 17)
    assert clock.today() == flag.answer_due
    assert raise_flags(SYSTEM).counts == counts()
    days_later(monkeypatch, 18)
    assert raise_flags(SYSTEM).counts == counts(waiting=1)
    flag.refresh_from_db()
    assert flag.state == FlagState.WAITING
    assert Notice.objects.filter(user=cast.bureau_kanto.user).count() == 1
    close_flag(
        actor=cast.bureau_kanto.scope, flag=flag, outcome=Outcome.EXPLAINED, reason="電話で確認"
    )


@pytest.mark.parametrize("outcome", [Outcome.EXPLAINED, Outcome.CORRECTED])
def test_a_decision_closes_the_flag_and_it_is_not_asked_again(
    cast: Cast, flag: IntegrityFlag, outcome: Outcome
) -> None:
    add_note(actor=cast.cc_tokyo.scope, flag=flag, text="展示会")
    before = Notice.objects.filter(user=cast.cc_tokyo.user).count()
    close_flag(actor=cast.bureau_kanto.scope, flag=flag, outcome=outcome, reason="資料で確認")
    flag.refresh_from_db()
    assert (flag.state, flag.outcome) == (FlagState.CLOSED, outcome)
    assert Notice.objects.filter(user=cast.cc_tokyo.user).count() == before + 1
    assert raise_flags(SYSTEM).counts == counts()
    assert findings_in_force(term_of()) == {}


def test_changed_figures_are_asked_about_anew(cast: Cast) -> None:
    reports = sent(figures=JUMP)
    raise_flags(SYSTEM)
    flag = flags()[0]
    add_note(actor=cast.cc_tokyo.scope, flag=flag, text="展示会")
    close_flag(actor=cast.bureau_kanto.scope, flag=flag, outcome=Outcome.EXPLAINED, reason="確認")
    change(reports[-1], "CONS", 950)
    assert raise_flags(SYSTEM).counts == counts(raised=1)
    assert [(one.round, one.state) for one in flags()] == [(1, "closed"), (2, "raised")]


def test_before_the_hub_answers_the_figures_follow_and_afterwards_they_stay(cast: Cast) -> None:
    reports = sent(figures=JUMP)
    raise_flags(SYSTEM)
    change(reports[-1], "CONS", 950)
    assert raise_flags(SYSTEM).counts == counts(updated=1)
    assert flags()[0].opened["rows"][-1][1] == 950
    add_note(actor=cast.cc_tokyo.scope, flag=flags()[0], text="展示会")
    change(reports[-1], "CONS", 970)
    assert raise_flags(SYSTEM).counts == counts()
    assert flags()[0].opened["rows"][-1][1] == 950


@pytest.mark.parametrize("stage", ["raised", "waiting", "finding"])
def test_a_flag_whose_cause_has_vanished_is_closed_by_the_system(cast: Cast, stage: str) -> None:
    reports = sent(figures=JUMP)
    raise_flags(SYSTEM)
    flag = flags()[0]
    if stage != "raised":
        add_note(actor=cast.cc_tokyo.scope, flag=flag, text="入力の誤り")
    if stage == "finding":
        find_flag(actor=cast.bureau_kanto.scope, flag=flag, reason="記録がない")
        assert list(findings_in_force(term_of())) == [flag.hub_id]
    change(reports[-1], "CONS", 308)
    assert raise_flags(SYSTEM).counts == counts(resolved=1)
    flag.refresh_from_db()
    assert (flag.state, flag.outcome) == (FlagState.CLOSED, Outcome.RESOLVED)
    last = FlagDecision.objects.filter(flag=flag).latest("pk")
    assert (last.outcome, last.by, last.by_name) == (Outcome.RESOLVED, None, "自動処理")
    assert findings_in_force(term_of()) == {}
    assert raise_flags(SYSTEM).counts == counts()


def test_a_finding_lasts_until_the_bureau_sees_it_settled(cast: Cast, flag: IntegrityFlag) -> None:
    add_note(actor=cast.cc_tokyo.scope, flag=flag, text="記録を探している")
    find_flag(actor=cast.bureau_kanto.scope, flag=flag, reason="記録がない")
    assert raise_flags(SYSTEM).counts == counts()
    [[standing]] = findings_in_force(term_of()).values()
    assert (standing.pk, standing.state) == (flag.pk, FlagState.FINDING)
    add_note(actor=cast.cc_tokyo.scope, flag=flag, text="記録簿が見つかった")
    settle_flag(actor=cast.bureau_kanto.scope, flag=flag, reason="記録簿を確認した")
    flag.refresh_from_db()
    assert (flag.state, flag.outcome) == (FlagState.CLOSED, Outcome.RESOLVED)
    assert [row.outcome for row in flag.decisions.all()] == ["finding", "resolved"]


# --- Refusals ------------------------------------------------------------------------------------

DECIDERS = {"bureau_kanto"}
NOTERS = {"cc_tokyo", "body_tokyo"}


def test_notes_and_decisions_by_the_whole_cast(cast: Cast, flag: IntegrityFlag) -> None:
    people = [actor for actor in cast.all() if actor.membership]
    for actor in people:
        if actor.key in NOTERS:
            continue
        with pytest.raises(Refused):
            add_note(actor=actor.scope, flag=flag, text="説明")
    add_note(actor=cast.cc_tokyo.scope, flag=flag, text="説明")
    for actor in people:
        if actor.key in DECIDERS:
            continue
        with pytest.raises(Refused):
            close_flag(actor=actor.scope, flag=flag, outcome=Outcome.EXPLAINED, reason="理由")
        with pytest.raises(Refused):
            find_flag(actor=actor.scope, flag=flag, reason="理由")
        with pytest.raises(Refused):
            settle_flag(actor=actor.scope, flag=flag, reason="理由")
    with pytest.raises(NotReady) as refusal:
        close_national(actor=cast.agency.scope, flag=flag, reason="理由")
    assert "経済産業局が判断します" in refusal.value.missing[0].text
    assert FlagDecision.objects.count() == 0


def test_every_step_is_refused_in_every_wrong_state(cast: Cast, flag: IntegrityFlag) -> None:
    bureau, chief = cast.bureau_kanto.scope, cast.cc_tokyo.scope

    def close() -> Any:
        return close_flag(actor=bureau, flag=flag, outcome=Outcome.EXPLAINED, reason="理由")

    def find() -> Any:
        return find_flag(actor=bureau, flag=flag, reason="理由")

    def settle() -> Any:
        return settle_flag(actor=bureau, flag=flag, reason="理由")

    def refused(*acts: Any) -> None:
        for act in acts:
            with pytest.raises(Conflict):
                act()

    refused(close, find, settle)
    add_note(actor=chief, flag=flag, text="説明")
    refused(settle)
    find()
    refused(find, close)
    settle()
    refused(close, find, settle, lambda: add_note(actor=chief, flag=flag, text="説明"))


def test_empty_and_endless_texts_are_refused(cast: Cast, flag: IntegrityFlag) -> None:
    for text in ("", " \n ", "あ" * 2001):
        with pytest.raises(InvalidInput):
            add_note(actor=cast.cc_tokyo.scope, flag=flag, text=text)
    add_note(actor=cast.cc_tokyo.scope, flag=flag, text="説明")
    with pytest.raises(NotReady):
        find_flag(actor=cast.bureau_kanto.scope, flag=flag, reason=" ")
    with pytest.raises(InvalidInput):
        find_flag(actor=cast.bureau_kanto.scope, flag=flag, reason="あ" * 2001)
    with pytest.raises(InvalidInput):
        close_flag(
            actor=cast.bureau_kanto.scope, flag=flag, outcome=Outcome.RESOLVED, reason="理由"
        )


def test_only_the_system_raises(cast: Cast) -> None:
    for actor in cast.all():
        with pytest.raises(Refused):
            raise_flags(actor.scope)


# --- What does not move --------------------------------------------------------------------------


def test_triggers_hold_flags_notes_and_decisions(cast: Cast, flag: IntegrityFlag) -> None:
    add_note(actor=cast.cc_tokyo.scope, flag=flag, text="説明")
    find_flag(actor=cast.bureau_kanto.scope, flag=flag, reason="理由")
    attempts = [
        lambda: IntegrityFlag.objects.filter(pk=flag.pk).update(subject="2026-09/CONS"),
        lambda: IntegrityFlag.objects.filter(pk=flag.pk).update(sentence="別の文"),
        lambda: IntegrityFlag.objects.filter(pk=flag.pk).update(figures="{}"),
        lambda: IntegrityFlag.objects.filter(pk=flag.pk).update(hub_id=None),
        lambda: IntegrityFlag.objects.filter(pk=flag.pk).delete(),
        lambda: FlagNote.objects.filter(flag=flag).update(text="別の説明"),
        lambda: FlagNote.objects.filter(flag=flag).delete(),
        lambda: FlagDecision.objects.filter(flag=flag).update(outcome="explained"),
        lambda: FlagDecision.objects.filter(flag=flag)._raw_delete("default"),
        flag.delete,
    ]
    for attempt in attempts:
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()
    settle_flag(actor=cast.bureau_kanto.scope, flag=flag, reason="解消")
    for changed in ({"state": "waiting", "outcome": ""}, {"outcome": "explained"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            IntegrityFlag.objects.filter(pk=flag.pk).update(**changed)


def test_the_night_runs_as_one_job_and_by_command(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    sent(figures=JUMP)
    with django_capture_on_commit_callbacks(execute=True):
        first = raise_flags_nightly()
        assert raise_flags_nightly() == first
    job = Job.objects.get(pk=first)
    assert (job.state, job.result) == (JobState.SUCCEEDED, counts(raised=1))
    out = StringIO()
    call_command("raise_integrity_flags", stdout=out)
    assert "新しい確認事項 0件" in out.getvalue()


def test_a_hub_opened_in_the_year_owes_only_its_months(cast: Cast) -> None:
    hub = Hub.objects.get(code="27")
    body = ImplementingBody.objects.create(name="途中開設の実施機関")
    CommissionContract.objects.create(
        hub=hub,
        implementing_body=body,
        fiscal_year=2026,
        amount_yen=1,
        starts_on=date(2026, 10, 1),
        ends_on=date(2027, 3, 31),
    )
    sent("27", {"CONS": (301, 312)})
    assert raise_flags(SYSTEM).counts == counts()
