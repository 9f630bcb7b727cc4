"""A case from its opening to its end: every step, every refusal, four eyes, the reserve."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from evaluation.guidance import operations
from evaluation.guidance.models import (
    ActionState,
    CaseState,
    CheckpointKind,
    GuidanceCase,
    Origin,
)
from evaluation.guidance.operations import Wanted
from evaluation.guidance.operations.acting import Attached
from evaluation.guidance.queries import measure, preview, proposal_of
from evaluation.guidance.rules import Outcome
from evaluation.scoring.models import EvaluationRun, RunKind
from tests.cast import Cast
from tests.evaluation.guidance.ground import (
    NOW,
    PDF,
    action_of,
    action_values,
    agreed,
    at,
    checkpoint_values,
    done,
    opened,
    plan_values,
    planned,
    published,
    reviewed,
    running,
)
from tests.hubs.year import accepted, fixed_plan, open_year
from yorozu.core import clock
from yorozu.core.access import decide
from yorozu.core.audit.models import AuditEvent
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Refused
from yorozu.core.notices.models import Notice

pytestmark = pytest.mark.django_db
KINDS = {"13": "low", "14": "good", "04": "gap"}


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, NOW)


def told(cast: Cast, key: str, words: str) -> bool:
    return Notice.objects.filter(user=cast.actors[key].user, text__contains=words).exists()


# --- Preview and opening --------------------------------------------------------------------------


def test_the_preview_lists_every_hub_with_triggers_and_level(cast: Cast) -> None:
    lines = {line.hub.code: line for line in preview(published(cast, KINDS))}
    assert [lines[code].level for code in ("04", "13", "14")] == [1, 2, 0]
    assert [row.kind.code for row in lines["04"].triggers] == ["component"]
    assert "「独自の取組」が26.67点" in lines["04"].triggers[0].sentence
    low = lines["13"].triggers
    assert low[0].kind.code == "lowest"
    assert "評語Cの下限は50点" in low[0].sentence
    assert [code for code, _ in lines["13"].watched] == ["CONS", "VISIT", "SOLVE", "NETW", "FOC"]
    assert all(line.is_free for line in lines.values())


def test_two_terms_give_a_fall_a_second_low_grade_and_level_three(cast: Cast) -> None:
    first = published(cast, {"13": "low", "14": "good", "04": "middle"}, 2024)
    wanted = {"13": Wanted(2), "04": Wanted(1, "早めに支援するため")}
    operations.open_cases(actor=cast.hq.scope, run=first, wanted=wanted)
    second = published(cast, {"13": "low", "14": "middle", "04": "middle"}, 2025)
    lines = {line.hub.code: line for line in preview(second)}
    assert lines["13"].level == 3
    assert [row.kind.code for row in lines["14"].triggers] == ["fall"]
    assert lines["14"].level == 1
    assert [row.kind.code for row in lines["04"].triggers] == ["low_twice"]
    # Last year's case was advice only, so this is the first term of level 2.
    assert lines["04"].level == 2
    assert not lines["13"].is_free
    assert "続いています" in lines["13"].blocked


def test_a_finding_that_lasts_is_a_trigger(cast: Cast) -> None:
    extra = {"h14": {"integrity_findings": ["急な変化（10月）"]}}
    line = {row.hub.code: row for row in preview(published(cast, KINDS, **extra))}["14"]
    assert [row.kind.code for row in line.triggers] == ["finding"]
    assert "急な変化（10月）" in line.triggers[0].sentence


def test_one_act_opens_waives_and_tells(cast: Cast) -> None:
    run = published(cast, KINDS)
    wanted = {
        "13": Wanted(2),
        "04": Wanted(0, "取組の時期が年度末に偏ったためで、体制に問題はない。"),
        "14": Wanted(1, "拠点が助言を希望したため。"),
    }
    made = {
        c.hub.code: c for c in operations.open_cases(actor=cast.hq.scope, run=run, wanted=wanted)
    }
    assert {code: case.state for code, case in made.items()} == {
        "04": "waived",
        "13": "opened",
        "14": "opened",
    }
    tokyo, miyagi, kanagawa = made["13"], made["04"], made["14"]
    assert (tokyo.origin, tokyo.level, tokyo.proposed_level) == (Origin.RULE, 2, 2)
    assert (kanagawa.origin, kanagawa.level, kanagawa.proposed_level) == (Origin.MANUAL, 1, 0)
    assert (miyagi.level, miyagi.proposed_level, miyagi.closed_at) == (0, 1, NOW)
    assert tokyo.plan_due == date(2026, 7, 1)
    assert tokyo.fiscal_year == 2026
    assert tokyo.read["triggers"][0]["numbers"]["grade"] == "D"
    assert told(cast, "cc_tokyo", "始まりました")
    assert told(cast, "bureau_kanto", "始まりました")
    assert not told(cast, "cc_miyagi", "重点指導")
    events = AuditEvent.objects.filter(action="evaluation.guidance.open")
    assert events.count() == 3


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({}, {"東京都よろず支援拠点", "宮城県よろず支援拠点"}),
        ({"13": Wanted(2)}, {"宮城県よろず支援拠点"}),
        ({"13": Wanted(2), "04": Wanted(0)}, {"宮城県よろず支援拠点"}),
        ({"13": Wanted(1, " "), "04": Wanted(1)}, {"東京都よろず支援拠点"}),
        ({"13": Wanted(2), "04": Wanted(1), "14": Wanted(1)}, {"神奈川県よろず支援拠点"}),
        ({"13": Wanted(4, "理由"), "04": Wanted(1)}, {"東京都よろず支援拠点"}),
        ({"13": Wanted(2, "長" * 2001), "04": Wanted(1)}, {"東京都よろず支援拠点"}),
    ],
)
def test_nothing_silent_nothing_half(cast: Cast, wanted: Any, names: set[str]) -> None:
    run = published(cast, KINDS)
    with pytest.raises(InvalidInput) as refusal:
        operations.open_cases(actor=cast.hq.scope, run=run, wanted=wanted)
    assert {problem.column for problem in refusal.value.problems} == names
    assert not GuidanceCase.objects.exists()


def test_only_published_final_runs_open_guidance(cast: Cast) -> None:
    run = published(cast, KINDS, publish=False)
    with pytest.raises(NotReady):
        operations.open_cases(actor=cast.hq.scope, run=run, wanted={})
    EvaluationRun.objects.filter(pk=run.pk).update(state="published", published_at=NOW)
    run.refresh_from_db()
    assert run.kind == RunKind.FINAL
    with pytest.raises(InvalidInput, match="この評価にない拠点"):
        operations.open_cases(actor=cast.hq.scope, run=run, wanted={"47": Wanted(1, "理由")})


def test_a_hub_is_decided_once(cast: Cast) -> None:
    case = opened(cast)
    with pytest.raises(Conflict, match="すでに決められた拠点"):
        operations.open_cases(actor=cast.hq.scope, run=case.run, wanted={"13": Wanted(2)})
    assert operations.open_cases(actor=cast.hq.scope, run=case.run, wanted={}) == []
    case = operations.cancel_case(actor=cast.hq.scope, case=case, reason="誤って発動した。")
    assert case.state == CaseState.CANCELLED
    again = operations.open_cases(actor=cast.hq.scope, run=case.run, wanted={"13": Wanted(2)})
    assert [row.hub.code for row in again] == ["13"]


def test_every_role_but_hq_is_refused_to_open(cast: Cast) -> None:
    run = published(cast, KINDS)
    for actor in cast.all():
        if actor.key not in {"hq", "hq_second"}:
            with pytest.raises(Refused):
                operations.open_cases(actor=actor.scope, run=run, wanted={})


# --- The plan -------------------------------------------------------------------------------------


def test_writing_the_plan_begins_it_and_another_text_is_a_conflict(cast: Cast) -> None:
    case = opened(cast)
    saved = operations.save_plan(
        actor=cast.bureau_kanto.scope, case=case, values=plan_values(), version=0
    )
    assert (saved.state, saved.version, saved.causes) == ("planning", 1, plan_values().causes)
    with pytest.raises(Conflict, match="先に計画を保存"):
        operations.save_plan(
            actor=cast.hq.scope, case=case, values=plan_values(causes="別"), version=0
        )
    same = operations.save_plan(actor=cast.hq.scope, case=case, values=plan_values(), version=1)
    assert same.version == 1


@pytest.mark.parametrize(
    "changes", [{"causes": "長" * 4001}, {"training_seats": -1}, {"support_yen": 1}]
)
def test_a_plan_that_cannot_be_is_refused_whole(cast: Cast, changes: dict[str, Any]) -> None:
    """Without an adopted proposal there is no reserve to give from."""
    case = opened(cast)
    with pytest.raises(InvalidInput):
        operations.save_plan(
            actor=cast.hq.scope, case=case, values=plan_values(**changes), version=0
        )
    case.refresh_from_db()
    assert (case.state, case.causes) == ("opened", "")


@pytest.mark.parametrize(
    "changes",
    [
        {"text": " "},
        {"evidence_rule": ""},
        {"due": date(2026, 5, 31)},
        {"owner": ""},
        {"owner": "auditor"},
        {"owner": "chief_coordinator:999999"},
        {"link": "IND.NONE"},
        {"text": "長" * 4001},
    ],
)
def test_an_action_that_cannot_be_is_refused(cast: Cast, changes: dict[str, Any]) -> None:
    case = opened(cast)
    with pytest.raises(InvalidInput):
        operations.add_action(actor=cast.hq.scope, case=case, values=action_values(**changes))
    assert not case.actions.exists()


def test_an_owner_is_a_role_or_a_person_of_this_hub(cast: Cast) -> None:
    case = opened(cast)
    own, foreign = cast.co_tokyo.user.pk, cast.cc_kanagawa.user.pk
    action = operations.add_action(
        actor=cast.hq.scope, case=case, values=action_values(owner=f"coordinator:{own}")
    )
    assert (action.owner_id, action.owner_name) == (own, cast.co_tokyo.user.name)
    with pytest.raises(InvalidInput):
        operations.add_action(
            actor=cast.hq.scope,
            case=case,
            values=action_values(owner=f"chief_coordinator:{foreign}"),
        )


def test_both_sides_agree_and_a_change_needs_agreement_again(cast: Cast) -> None:
    case = planned(cast)
    first = operations.agree(actor=cast.cc_tokyo.scope, case=case)
    assert (first.state, bool(first.hub_agreed_at)) == ("planning", True)
    with pytest.raises(Conflict, match="すでに合意"):
        operations.agree(actor=cast.body_tokyo.scope, case=case)
    operations.change_action(
        actor=cast.hq.scope, action=action_of(case), values=action_values(target="月40件")
    )
    case.refresh_from_db()
    assert case.hub_agreed_at is None
    operations.agree(actor=cast.bureau_kanto.scope, case=case)
    both = operations.agree(actor=cast.body_tokyo.scope, case=case)
    assert (both.state, bool(both.bureau_agreed_at)) == ("agreed", True)
    assert told(cast, "hq", "双方が合意")


def test_an_incomplete_plan_is_not_agreed(cast: Cast) -> None:
    case = opened(cast)
    operations.save_plan(actor=cast.hq.scope, case=case, values=plan_values(goal=" "), version=0)
    with pytest.raises(NotReady) as refusal:
        operations.agree(actor=cast.cc_tokyo.scope, case=case)
    said = " ".join(item.text for item in refusal.value.missing)
    assert "目標とする状態" in said
    assert "取組が1件もありません" in said


def test_the_plan_is_closed_after_the_agreement_until_it_is_opened_again(cast: Cast) -> None:
    case = agreed(cast)
    hq = cast.hq.scope
    for act in (
        lambda: operations.save_plan(
            actor=hq, case=case, values=plan_values(causes="別"), version=case.version
        ),
        lambda: operations.add_action(actor=hq, case=case, values=action_values()),
        lambda: operations.change_action(
            actor=hq, action=action_of(case), values=action_values(target="別")
        ),
    ):
        with pytest.raises(Conflict):
            act()
    with pytest.raises(NotReady, match="理由"):
        operations.replan(actor=hq, case=case, reason=" ")
    back = operations.replan(actor=hq, case=case, reason="取組を足すため。")
    assert (back.state, back.hub_agreed_at, back.bureau_agreed_at) == ("planning", None, None)
    operations.add_action(actor=hq, case=case, values=action_values())


# --- Actions --------------------------------------------------------------------------------------


def test_an_action_is_done_with_evidence_by_its_side(cast: Cast) -> None:
    case = running(cast)
    action = action_of(case)
    with pytest.raises(NotReady) as refusal:
        operations.finish_action(actor=cast.cc_tokyo.scope, action=action)
    assert "資料" in refusal.value.missing[0].text
    evidence = operations.add_evidence(
        actor=cast.co_tokyo.scope, action=action, text="手順書を作りました。", file=PDF
    )
    assert (evidence.filename, evidence.size) == ("議事録.pdf", len(PDF.data))
    assert len(evidence.file_hash) == 64
    with pytest.raises(NotReady) as wrong:
        operations.finish_action(actor=cast.hq.scope, action=action)
    assert "担当は" in wrong.value.missing[0].text
    finished = operations.finish_action(actor=cast.co_tokyo.scope, action=action)
    assert (finished.state, finished.done_on) == ("done", clock.today())
    with pytest.raises(Conflict):
        operations.add_evidence(actor=cast.cc_tokyo.scope, action=action, text="追加")


def test_nothing_is_done_before_the_plan_runs(cast: Cast) -> None:
    case = agreed(cast)
    operations.add_evidence(actor=cast.cc_tokyo.scope, action=action_of(case), text="資料")
    with pytest.raises(NotReady) as refusal:
        operations.finish_action(actor=cast.cc_tokyo.scope, action=action_of(case))
    assert "始まっていません" in refusal.value.missing[0].text


def test_a_serious_action_needs_a_file_and_a_second_person(cast: Cast) -> None:
    serious = action_values(is_serious=True, owner="bureau")
    case = running(cast, serious)
    action, bureau = action_of(case), cast.bureau_kanto.scope
    operations.add_evidence(actor=bureau, action=action, text="口頭で確かめました。")
    with pytest.raises(NotReady) as refusal:
        operations.finish_action(actor=bureau, action=action)
    assert "ファイル" in refusal.value.missing[0].text
    action = done(cast, action, bureau)
    assert (action.state, action.done_on) == ("reported", None)
    for step in (operations.confirm_action, _returned):
        with pytest.raises(NotReady) as own:
            step(actor=bureau, action=action)
        assert "本人" in own.value.missing[0].text
    back = _returned(actor=cast.hq.scope, action=action)
    assert (back.state, back.return_reason) == ("open", "日付がない。")
    action = operations.finish_action(actor=bureau, action=back)
    confirmed = operations.confirm_action(actor=cast.hq.scope, action=action)
    assert confirmed.state == ActionState.DONE
    assert "配役 hq" in confirmed.confirmed_by_name


def _returned(*, actor: Any, action: Any) -> Any:
    return operations.return_action(actor=actor, action=action, reason="日付がない。")


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (Attached("a.exe", b"MZ"), "この種類"),
        (Attached("a.pdf", b"<html>"), ".pdfの形式"),
        (Attached("a.pdf", b""), "空"),
        (Attached("a.txt", b"a\x00b"), "文字のファイル"),
        (Attached("a.png", b"\x89PNG\r\n\x1a\n" + b"0" * 5 * 1024 * 1024), "5MB"),
        (Attached("pdf", b"%PDF-"), "この種類"),
    ],
)
def test_files_that_are_not_taken(cast: Cast, file: Attached, words: str) -> None:
    action = action_of(running(cast))
    with pytest.raises(InvalidInput, match=words):
        operations.add_evidence(actor=cast.cc_tokyo.scope, action=action, text="資料", file=file)
    assert not action.evidence.exists()


def test_a_file_keeps_no_path_in_its_name(cast: Cast) -> None:
    action = action_of(running(cast))
    file = Attached("../../etc/手順.txt", "手順".encode())
    row = operations.add_evidence(actor=cast.cc_tokyo.scope, action=action, text="資料", file=file)
    assert row.filename == "手順.txt"


def test_dropping_and_moving_need_a_reason(cast: Cast) -> None:
    case = running(cast, action_values(), action_values())
    hq, first, second = cast.hq.scope, action_of(case), action_of(case, 2)
    with pytest.raises(NotReady):
        operations.drop_action(actor=hq, action=first, reason="")
    assert operations.drop_action(actor=hq, action=first, reason="統合").state == "dropped"
    with pytest.raises(Conflict):
        operations.move_due(actor=hq, action=first, due=date(2026, 12, 1), reason="理由")
    with pytest.raises(NotReady):
        operations.move_due(actor=hq, action=second, due=date(2026, 12, 1), reason=" ")
    with pytest.raises(InvalidInput):
        operations.move_due(actor=hq, action=second, due=date(2026, 5, 1), reason="理由")
    moved = operations.move_due(actor=hq, action=second, due=date(2026, 12, 1), reason="研修の後")
    assert moved.due == date(2026, 12, 1)


def test_dropping_an_action_of_a_plan_being_written_asks_for_agreement_anew(cast: Cast) -> None:
    case = planned(cast, action_values(), action_values())
    operations.agree(actor=cast.cc_tokyo.scope, case=case)
    operations.drop_action(actor=cast.hq.scope, action=action_of(case, 2), reason="統合")
    case.refresh_from_db()
    assert case.hub_agreed_at is None
    half = operations.agree(actor=cast.bureau_kanto.scope, case=case)
    assert half.state == CaseState.PLANNING


def test_a_due_date_of_a_plan_being_written_is_not_moved_beside_it(cast: Cast) -> None:
    action = action_of(planned(cast))
    with pytest.raises(Conflict, match="取組を変更する"):
        operations.move_due(
            actor=cast.hq.scope, action=action, due=date(2026, 12, 1), reason="研修の後"
        )
    assert action_of(action.case).due == action.due


def test_an_action_of_a_case_that_is_over_is_not_dropped(cast: Cast) -> None:
    case = planned(cast)
    operations.cancel_case(actor=cast.hq.scope, case=case, reason="誤って発動")
    with pytest.raises(NotReady) as refusal:
        operations.drop_action(actor=cast.hq.scope, action=action_of(case), reason="統合")
    assert "終了しています" in refusal.value.missing[0].text
    assert action_of(case).state == ActionState.OPEN


# --- Checkpoints and the end ----------------------------------------------------------------------


def test_a_monthly_visit_leaves_the_case_running_a_quarterly_check_brings_it_to_review(
    cast: Cast,
) -> None:
    case = running(cast)
    bureau = cast.bureau_kanto.scope
    visit = checkpoint_values(kind=CheckpointKind.MONTHLY)
    point = operations.record_checkpoint(actor=bureau, case=case, values=visit)
    case.refresh_from_db()
    assert (case.state, point.number, point.share, point.rate) == ("running", 1, None, None)
    operations.record_checkpoint(actor=bureau, case=case, values=checkpoint_values())
    case.refresh_from_db()
    assert case.state == CaseState.REVIEW
    assert operations.resume_case(actor=bureau, case=case).state == "running"


@pytest.mark.parametrize(
    "changes",
    [
        {"held_on": date(2026, 6, 2)},
        {"held_on": date(2026, 5, 31)},
        {"findings": " "},
        {"next_on": date(2026, 6, 1)},
        {"sit_ins": 0},
        {"sit_in_score": None},
        {"sit_in_score": Decimal("4.01")},
    ],
)
def test_a_checkpoint_that_cannot_be_is_refused(cast: Cast, changes: dict[str, Any]) -> None:
    case = running(cast)
    with pytest.raises(InvalidInput):
        operations.record_checkpoint(
            actor=cast.hq.scope, case=case, values=checkpoint_values(**changes)
        )
    assert not case.checkpoints.exists()


def test_no_checkpoint_before_the_plan_runs(cast: Cast) -> None:
    with pytest.raises(Conflict, match="実施を始めて"):
        operations.record_checkpoint(
            actor=cast.hq.scope, case=agreed(cast), values=checkpoint_values()
        )


def with_months(monkeypatch: pytest.MonkeyPatch, solved: str) -> None:
    """Tokyo's guided year: a fixed plan, two accepted months; SOLVE is asked 90 a month."""
    at(monkeypatch, NOW.replace(month=8))
    fixed_plan(open_year(2026))
    for number in (6, 7):
        accepted(date(2026, number, 1), SOLVE=solved, F1="5", F2="2")


def test_run_rates_are_actual_to_date_over_the_prorated_target(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = running(cast)
    with_months(monkeypatch, "45")
    rates = {row.label: row for row in measure(case, clock.today()).rates}
    solved = rates["課題解決件数"]
    assert (solved.actual, solved.expected, solved.months) == (90, Decimal(180), 2)
    assert solved.rate == Decimal("0.5000")
    assert rates["相談対応件数"].rate == Decimal("1.0000")
    assert {"事業承継", "販路開拓"} <= set(rates)


def test_two_good_quarters_release_by_the_rule(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    case = running(cast, action_values(due=date(2026, 7, 1)))
    with_months(monkeypatch, "90")
    done(cast, action_of(case))
    bureau = cast.bureau_kanto.scope
    first = operations.record_checkpoint(actor=bureau, case=case, values=checkpoint_values())
    assert (first.share, first.rate, first.meets) == (Decimal(1), Decimal(1), True)
    assert proposal_of(case) == Outcome.WAIT
    with pytest.raises(NotReady, match="基準による結論は「実施を続ける」"):
        operations.release_case(actor=bureau, case=case)
    operations.record_checkpoint(actor=bureau, case=case, values=checkpoint_values())
    assert proposal_of(case) == Outcome.RELEASE
    closed = operations.release_case(actor=bureau, case=case)
    assert (closed.state, closed.rule_outcome) == ("released", "released")
    assert closed.close_reason == "解除の条件を満たしたため。"
    assert told(cast, "cc_tokyo", "「解除」となりました")
    with pytest.raises(Conflict):
        operations.add_note(actor=cast.cc_tokyo.scope, case=closed, text="意見")


def test_a_release_beside_the_rule_keeps_its_reason(cast: Cast) -> None:
    case = reviewed(cast)
    closed = operations.release_case(
        actor=cast.hq.scope, case=case, reason="体制が変わり、原因がなくなったため。"
    )
    assert (closed.state, closed.rule_outcome) == ("released", "wait")
    assert "体制が変わり" in closed.close_reason


def test_the_next_evaluation_raises_to_level_three_with_its_consequences(cast: Cast) -> None:
    case = reviewed(cast)
    published(cast, {"13": "low", "14": "good", "04": "good"}, 2026)
    assert proposal_of(case) == Outcome.RAISE
    closed = operations.raise_case(actor=cast.hq.scope, case=case)
    following = GuidanceCase.objects.get(previous=closed)
    assert (closed.state, following.state) == ("raised", "opened")
    assert (following.level, following.fiscal_year, following.origin) == (3, 2027, "following")
    assert following.renewal_referred
    assert following.full_loss_limit
    assert following.run.term.fiscal_year == 2026
    assert told(cast, "bureau_kanto", "審査委員会")
    assert not told(cast, "cc_tokyo", "審査委員会")
    event = AuditEvent.objects.filter(action="evaluation.guidance.open").latest("sequence")
    assert '"renewal_referred":true' in event.after
    with pytest.raises(NotReady) as top:
        operations.raise_case(actor=cast.hq.scope, case=following, reason="理由")
    assert "段階3" in top.value.missing[0].text
    following.refresh_from_db()
    assert following.state == "opened"


def test_a_case_goes_on_at_its_level(cast: Cast) -> None:
    case = reviewed(cast)
    with pytest.raises(NotReady, match="異なる結論"):
        operations.continue_case(actor=cast.hq.scope, case=case)
    closed = operations.continue_case(actor=cast.hq.scope, case=case, reason="次の評価まで。")
    following = GuidanceCase.objects.get(previous=closed)
    assert (closed.state, following.level, following.run) == ("continued", 2, case.run)
    assert following.plan_due == clock.today() + timedelta(days=30)


def test_a_good_next_evaluation_releases(cast: Cast) -> None:
    case = reviewed(cast)
    published(cast, {"13": "good", "14": "good", "04": "good"}, 2026)
    assert proposal_of(case) == Outcome.RELEASE
    assert operations.release_case(actor=cast.hq.scope, case=case).state == "released"


# --- Wrong states and roles -----------------------------------------------------------------------

ACTS: dict[str, Any] = {
    "plan": lambda actor, case: operations.save_plan(
        actor=actor, case=case, values=plan_values(causes="別の原因"), version=case.version
    ),
    "agree": lambda actor, case: operations.agree(actor=actor, case=case),
    "start": lambda actor, case: operations.start(actor=actor, case=case),
    "replan": lambda actor, case: operations.replan(actor=actor, case=case, reason="理由"),
    "checkpoint": lambda actor, case: operations.record_checkpoint(
        actor=actor, case=case, values=checkpoint_values()
    ),
    "resume": lambda actor, case: operations.resume_case(actor=actor, case=case),
    "release": lambda actor, case: operations.release_case(actor=actor, case=case, reason="理由"),
    "continue": lambda actor, case: operations.continue_case(actor=actor, case=case, reason="理由"),
    "raise": lambda actor, case: operations.raise_case(actor=actor, case=case, reason="理由"),
    "cancel": lambda actor, case: operations.cancel_case(actor=actor, case=case, reason="理由"),
    "note": lambda actor, case: operations.add_note(actor=actor, case=case, text="意見"),
}
# What each state still refuses, whoever asks (the condition of the plan aside).
REFUSES = {
    CaseState.OPENED: {"agree", "start", "replan", "checkpoint", "resume", "release"},
    CaseState.PLANNING: {"start", "replan", "checkpoint", "resume", "release"},
    CaseState.AGREED: {"plan", "agree", "checkpoint", "resume", "release", "cancel"},
    CaseState.RUNNING: {"plan", "agree", "start", "resume", "release", "cancel"},
    CaseState.REVIEW: {"plan", "agree", "start", "cancel"},
    CaseState.RELEASED: set(ACTS),
}
MAKE = {
    CaseState.OPENED: opened,
    CaseState.PLANNING: planned,
    CaseState.AGREED: agreed,
    CaseState.RUNNING: running,
    CaseState.REVIEW: reviewed,
}


def made(cast: Cast, state: CaseState) -> GuidanceCase:
    if state == CaseState.RELEASED:
        return operations.release_case(actor=cast.hq.scope, case=reviewed(cast), reason="理由")
    return MAKE[state](cast)


def everybody_for(act: str, cast: Cast) -> list[Any]:
    action = f"evaluation.guidance.{act}"
    return [actor for actor in cast.all() if decide(actor.scope, action).allowed]


@pytest.mark.parametrize("state", REFUSES)
def test_a_wrong_state_is_a_conflict_and_changes_nothing(cast: Cast, state: CaseState) -> None:
    case = made(cast, state)
    before = GuidanceCase.objects.filter(pk=case.pk).values().get()
    events = AuditEvent.objects.count()
    for act in REFUSES[state]:
        for actor in everybody_for(act, cast):
            if actor.scope.covers(case.hub_id):
                with pytest.raises(Conflict):
                    ACTS[act](actor.scope, case)
    assert GuidanceCase.objects.filter(pk=case.pk).values().get() == before
    assert AuditEvent.objects.count() == events


@pytest.mark.parametrize("act", ACTS)
def test_every_other_role_and_every_stranger_is_refused(cast: Cast, act: str) -> None:
    case = planned(cast)
    allowed = {actor.key for actor in everybody_for(act, cast)}
    asked = 0
    for actor in cast.all():
        if actor.key in allowed and actor.scope.covers(case.hub_id):
            continue
        asked += 1
        with pytest.raises(Refused):
            ACTS[act](actor.scope, case)
    assert asked >= 12


def test_good_hubs_have_no_trigger(cast: Cast) -> None:
    run = published(cast, {"13": "good", "14": "good", "04": "good"})
    assert [line.level for line in preview(run)] == [0, 0, 0]
