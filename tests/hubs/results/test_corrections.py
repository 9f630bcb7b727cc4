"""Corrections beside accepted figures: steps by role and state, totals, triggers, closed terms."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from hubs.plans.history import accepted_year
from hubs.results import operations
from hubs.results.flow import CORRECTION_FLOW
from hubs.results.models import CorrectionState, MonthlyReport, MonthlyResult, ResultCorrection
from hubs.results.operations import Wanted
from hubs.results.queries import export_rows, results_grid, year_totals
from hubs.results.queries.changes import changes_since_acceptance
from hubs.results.queries.trace import month_trace
from hubs.results.resources import MonthlyImport
from hubs.terms.operations import close_term
from tests.hubs.year import SYSTEM, accepted, entered, fixed_plan, hub, open_year
from yorozu.core.audit.models import AuditEvent
from yorozu.core.audit.operations import verify_chain
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Refused
from yorozu.core.notices.models import Notice, NoticeMail
from yorozu.core.sheets import to_csv

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]
APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)


def wanted(key="CONS", text="310", reason="数え漏れ", evidence="集計表"):
    return Wanted(key, text, reason, evidence)


def asked(report, key="CONS", text="310", actor=SYSTEM):
    return operations.request_correction(actor=actor, report=report, wanted=wanted(key, text))


def counted(report, key="CONS", text="310"):
    row = asked(report, key, text)
    operations.confirm_correction(actor=SYSTEM, correction=row)
    return operations.accept_correction(actor=SYSTEM, correction=row)


ACTS = {
    "hubs.results.correction_confirm": operations.confirm_correction,
    "hubs.results.correction_accept": operations.accept_correction,
    "hubs.results.correction_withdraw": operations.withdraw_correction,
    "hubs.results.correction_decline": lambda **kw: operations.decline_correction(
        reason="根拠がありません", **kw
    ),
    "hubs.results.correction_refuse": lambda **kw: operations.refuse_correction(
        reason="根拠がありません", **kw
    ),
}


def put(state):
    """A correction in a state."""
    report = accepted(APRIL)
    row = asked(report)
    if state in {"confirmed", "accepted", "refused"}:
        row = operations.confirm_correction(actor=SYSTEM, correction=row)
    if state == "accepted":
        row = operations.accept_correction(actor=SYSTEM, correction=row)
    if state == "refused":
        row = operations.refuse_correction(actor=SYSTEM, correction=row, reason="根拠なし")
    if state == "withdrawn":
        row = operations.withdraw_correction(actor=SYSTEM, correction=row)
    assert row.state == state
    return row


def test_the_accepted_month_stays_and_the_total_shows_both():
    open_year()
    report, other = accepted(APRIL), accepted(MAY)
    done = counted(report)
    counted(other, "NETW", "－")
    stored = MonthlyResult.objects.get(report=report, indicator__code="CONS")
    assert (stored.value, done.old_value, done.new_value) == (300, 300, 310)
    totals = year_totals(hub("13"), report.term)
    cons, netw = totals["CONS"], totals["NETW"]
    assert (cons.value, cons.effect, cons.corrected, cons.corrections) == (600, 10, 610, 1)
    assert (netw.value, netw.effect_text, netw.corrected) == (80, "▲40", 40)
    cell = results_grid(hub("13"), report.term).row(APRIL).cells[0]
    assert (cell.shown, cell.effective_shown) == ("300", "310")
    assert verify_chain() == []


def test_a_second_correction_stands_on_the_first():
    open_year()
    report = accepted(APRIL)
    counted(report)
    second = counted(report, text="305")
    assert (second.old_value, second.new_value) == (310, 305)
    total = year_totals(hub("13"), report.term)["CONS"]
    assert (total.value, total.corrected, total.corrections) == (300, 305, 2)


def test_planning_reads_last_year_as_it_counts_with_corrections():
    term = open_year()
    fixed_plan(term)
    report = accepted(APRIL, F1="5", F2="2")
    accepted(MAY, F1="6", F2="1")
    for key, text in (("CONS", "310"), ("CONS", "305"), ("NETW", "－"), ("F1", "8")):
        counted(report, key, text)
    asked(report, "VISIT", "190")
    read = accepted_year(2026, hub("13").pk)[hub("13").pk]
    assert read.indicators["CONS"][:3] == [305, 300, None]
    assert read.indicators["NETW"][:2] == [None, 40]
    assert read.indicators["VISIT"][:2] == [200, 200]
    assert read.areas["事業承継"][:2] == [8, 6]
    assert accepted_year(2026) == {hub("13").pk: read}
    assert accepted_year(2026, hub("14").pk) == {}


def test_every_arrow_is_refused_in_every_wrong_state(cast):
    open_year()
    for state in CorrectionState.values:
        with transaction.atomic():
            row = put(state)
            for action, act in ACTS.items():
                if state in CORRECTION_FLOW.by_action[action].sources:
                    continue
                with pytest.raises(Conflict, match="できません"):
                    act(actor=SYSTEM, correction=row)
            transaction.set_rollback(True)


@pytest.mark.once
@pytest.mark.parametrize("action", sorted(ACTS))
def test_every_arrow_is_refused_to_every_wrong_role(cast, action):
    open_year()
    row = put(min(CORRECTION_FLOW.by_action[action].sources))
    allowed = {
        "hubs.results.correction_confirm": {"body_tokyo"},
        "hubs.results.correction_decline": {"body_tokyo"},
        "hubs.results.correction_accept": {"bureau_kanto"},
        "hubs.results.correction_refuse": {"bureau_kanto"},
        "hubs.results.correction_withdraw": {"cc_tokyo", "body_tokyo"},
    }[action]
    for actor in cast.all():
        if actor.key in allowed:
            assert CORRECTION_FLOW.decision(row, action, actor.scope).allowed, actor.key
            continue
        with pytest.raises(Refused):
            ACTS[action](actor=actor.scope, correction=row)
    row.refresh_from_db()
    ACTS[action](actor=cast.actors[min(allowed)].scope, correction=row)
    assert AuditEvent.objects.filter(action=action).count() == 1


def test_only_the_hub_side_asks_and_only_for_its_own(cast):
    open_year()
    report = accepted(APRIL)
    for actor in cast.all():
        if actor.key in {"cc_tokyo", "body_tokyo"}:
            continue
        with pytest.raises(Refused):
            asked(report, actor=actor.scope)
    assert asked(report, actor=cast.cc_tokyo.scope).state == "requested"


def test_what_the_body_asks_it_has_confirmed(cast):
    open_year()
    row = asked(accepted(APRIL), actor=cast.body_tokyo.scope)
    assert (row.state, row.confirmed_by_name) == ("confirmed", cast.body_tokyo.scope.label)
    told = Notice.objects.filter(key__startswith=f"correction:{row.pk}")
    assert [notice.user_id for notice in told] == [cast.bureau_kanto.user.pk]
    assert NoticeMail.objects.filter(notice__in=told).count() == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("300", "いまの値と同じです"),
        ("", "入力してください"),
        ("12.9", "整数で入力"),
        ("-1", "負の数"),
        ("199", "を超えています"),  # below the visitors
    ],
)
def test_a_value_that_cannot_be_is_refused(text, said):
    open_year()
    with pytest.raises(InvalidInput) as refusal:
        asked(accepted(APRIL), text=text)
    assert said in refusal.value.problems[0].message
    assert not ResultCorrection.objects.exists()


@pytest.mark.parametrize("empty", ["reason", "evidence", "key"])
def test_reason_evidence_and_column_are_asked_for(empty):
    open_year()
    report = accepted(APRIL)
    given = {"key": "CONS", "text": "310", "reason": "理由", "evidence": "根拠"}
    with pytest.raises(InvalidInput):
        operations.request_correction(
            actor=SYSTEM, report=report, wanted=Wanted(**{**given, empty: " "})
        )


def test_one_open_correction_per_figure_others_are_held_against_it():
    open_year()
    report = accepted(APRIL)
    asked(report, "CONS", "400")
    with pytest.raises(Conflict, match="まだ決定していない"):
        asked(report, "CONS", "401")
    # 350 visitors are more than the 300 accepted consultations, not more than the 400 asked for.
    visitors = asked(report, "VISIT", "350")
    operations.confirm_correction(actor=SYSTEM, correction=visitors)
    with pytest.raises(NotReady) as refusal:
        operations.accept_correction(actor=SYSTEM, correction=visitors)
    assert "超えています" in refusal.value.missing[0].text
    first = ResultCorrection.objects.get(indicator__code="CONS")
    operations.confirm_correction(actor=SYSTEM, correction=first)
    operations.accept_correction(actor=SYSTEM, correction=first)
    assert operations.accept_correction(actor=SYSTEM, correction=visitors).state == "accepted"


def test_a_month_not_yet_accepted_is_changed_not_corrected():
    open_year()
    with pytest.raises(Conflict, match="月次実績の表で直して"):
        asked(entered(APRIL))


def test_a_closed_term_says_what_to_do_instead():
    term = open_year()
    report = accepted(APRIL)
    waiting, confirmed = asked(report), asked(report, "NETW", "41")
    operations.confirm_correction(actor=SYSTEM, correction=confirmed)
    close_term(actor=SYSTEM, term=term)
    report = MonthlyReport.objects.get(pk=report.pk)
    with pytest.raises(NotReady, match="全国本部に文書で"):
        asked(report, "SOLVE", "91")
    for act, row in ((operations.confirm_correction, waiting),):
        with pytest.raises(NotReady):
            act(actor=SYSTEM, correction=ResultCorrection.objects.get(pk=row.pk))
    with pytest.raises(NotReady):
        operations.accept_correction(
            actor=SYSTEM, correction=ResultCorrection.objects.get(pk=confirmed.pk)
        )
    # What moves no figure may still be tidied up.
    assert operations.withdraw_correction(actor=SYSTEM, correction=waiting).state == "withdrawn"


@pytest.mark.parametrize(
    "change",
    [
        {"new_value": 1},
        {"old_value": 1},
        {"reason": "別"},
        {"requested_by_name": "別人"},
        {"indicator_id": None},
    ],
)
def test_triggers_hold_what_was_asked(change):
    open_year()
    row = asked(accepted(APRIL))
    with pytest.raises(DatabaseError), transaction.atomic():
        ResultCorrection.objects.filter(pk=row.pk).update(**change)


def test_triggers_hold_what_was_decided_and_every_row():
    open_year()
    report = accepted(APRIL)
    row = counted(report)
    for act in (
        lambda: ResultCorrection.objects.filter(pk=row.pk).update(state="requested"),
        lambda: ResultCorrection.objects.filter(pk=row.pk).update(refusal_reason="後から"),
        lambda: ResultCorrection.objects.filter(pk=row.pk).delete(),
        lambda: MonthlyResult.objects.filter(report=report).update(value=1),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_triggers_take_corrections_of_accepted_months_only():
    open_year()
    report = entered(APRIL)
    row = ResultCorrection(
        report=report,
        indicator=report.term.indicators.first(),
        old_state="reported",
        old_value=1,
        new_state="reported",
        new_value=2,
        reason="理由",
        evidence="根拠",
        requested_by_name="誰か",
    )
    with pytest.raises(DatabaseError), transaction.atomic():
        row.save()
    done = accepted(MAY)
    row.report, row.pk, row.state = done, None, "accepted"
    with pytest.raises(DatabaseError), transaction.atomic():
        row.save()


def test_a_focus_area_is_corrected_too():
    term = open_year()
    fixed_plan(term)
    report = accepted(APRIL, F1="5", F2="6")
    done = counted(report, "F1", "7")
    assert done.focus_area.code == "F1"
    assert year_totals(hub("13"), term)["F1"].corrected == 7


def test_a_file_carries_what_counts_and_comes_back_unharmed():
    open_year()
    report = accepted(APRIL)
    counted(report)
    header, rows = export_rows(results_grid(hub("13"), report.term))
    at = header.index("相談対応件数（修正後）")
    assert (rows[0][header.index("相談対応件数")], rows[0][at]) == (300, 310)
    assert "来訪相談者数（修正後）" not in header
    kind = MonthlyImport()
    data = to_csv(header, rows[:1])
    comparison = kind.compare(kind.read(data, "実績.csv", {}), {}, SYSTEM)
    assert [change.kind for change in comparison.changes] == ["unchanged"]
    assert not comparison.problems


def test_changes_are_counted_by_cell(cast):
    term = open_year()
    report, other = accepted(APRIL), accepted(MAY, "14")
    counted(report)
    counted(report, text="320")
    asked(report, "NETW", "41")
    asked(other, "NETW", "41")
    found = changes_since_acceptance(cast.bureau_kanto.scope, term)
    assert (len(found.accepted), len(found.body_turn), found.count) == (2, 2, 3)
    assert changes_since_acceptance(cast.bureau_tohoku.scope, term).count == 0
    assert changes_since_acceptance(cast.cc_tokyo.scope, term).count == 2


def test_the_history_names_everybody(cast):
    open_year()
    report = entered(APRIL)
    report = operations.enter_month(
        actor=cast.cc_tokyo.scope,
        hub=hub("13"),
        month=APRIL,
        values={"CONS": "310"},
        version=report.version,
    ).report
    operations.submit_month(actor=cast.cc_tokyo.scope, report=report)
    operations.return_month(
        actor=cast.body_tokyo.scope, report=report, reason="確認", remarks={"CONS": "本当ですか"}
    )
    operations.answer_remarks(
        actor=cast.cc_tokyo.scope, report=report, answers={"CONS": "出張相談会を含みます"}
    )
    operations.submit_month(actor=cast.cc_tokyo.scope, report=report)
    operations.confirm_month(actor=cast.body_tokyo.scope, report=report)
    operations.accept_month(actor=cast.bureau_kanto.scope, report=report)
    report.refresh_from_db()
    counted(report, text="311")
    lines = month_trace(report).of("CONS")
    whats = [line.what for line in lines]
    assert "相談対応件数：300 → 310" in whats
    assert "相談対応件数への指摘（1回目）" in whats
    assert "相談対応件数の指摘への回答：空欄 → 出張相談会を含みます" in whats
    assert whats[-1] == "相談対応件数の修正 310 → 311：反映済"
    assert {cast.cc_tokyo.scope.label, cast.body_tokyo.scope.label} <= {one.who for one in lines}
    assert not any("相談対応件数" in line.what for line in month_trace(report).of("NETW"))


def test_the_way_through_the_screens(cast, sign_in):
    term = open_year()
    report = accepted(APRIL)
    chief, body = sign_in(cast.cc_tokyo), sign_in(cast.body_tokyo)
    new = reverse("correction_new", args=[report.pk])
    bad = chief.post(new, {"key": "CONS", "value": "１２．９", "reason": "", "evidence": "表"})
    assert bad.status_code == 422
    sent = {"key": "CONS", "value": "３１０", "reason": "数え漏れ", "evidence": "集計表"}
    assert chief.post(new, sent | {"value": "12.9"}).status_code == 422
    assert chief.post(new, sent).status_code == 302
    again = chief.post(new, sent)
    assert again.status_code == 409
    assert "まだ決定していない" in again.text
    row = ResultCorrection.objects.get()
    page = reverse("correction_detail", args=[row.pk])
    assert "実施機関として確認する" in body.get(page).text
    assert "修正を反映する" not in body.get(page).text
    assert body.post(reverse("correction_confirm", args=[row.pk])).status_code == 302
    bureau = sign_in(cast.bureau_kanto)
    shown = bureau.get(page).text
    assert "+10" in shown
    assert bureau.post(reverse("correction_refuse", args=[row.pk]), {}).status_code == 422
    assert bureau.post(reverse("correction_accept", args=[row.pk])).status_code == 302
    assert bureau.post(reverse("correction_accept", args=[row.pk])).status_code == 409
    grid = chief.get(reverse("results_grid", args=[term.pk, hub("13").pk])).text
    assert "修正後の計" in grid
    assert "確認時 300" in grid
    changed = bureau.get(reverse("results_changed", args=[term.pk])).text
    assert "1件です" in changed
    csv = bureau.get(reverse("results_changed_csv", args=[term.pk])).content.decode("utf-8-sig")
    assert "数え漏れ" in csv
