"""The registered rules of a year: once, before the first interview, changed by both sides only."""

import json
from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.urls import reverse

from evaluation.hearings.queries import checklist_of
from hubs.plans.models import StartInterview
from hubs.terms import operations
from hubs.terms.flow import CHANGE_FLOW
from hubs.terms.models import ChangeState, RuleChange, TermDeadline, YearRules
from hubs.terms.operations.registering import change_hash
from hubs.terms.parts import find, rule_parts
from hubs.terms.queries import (
    change_pairs,
    deviating,
    open_change,
    registered,
    rules_content,
    rules_file,
    rules_history,
    year_rules_note,
)
from tests.hubs.year import AGENCY, HQ, SYSTEM, interview, open_year, written_plan
from yorozu.core.audit.operations import verify_chain
from yorozu.core.canonical import canonical_json, sha256_text
from yorozu.core.errors import Conflict, NotReady, Refused
from yorozu.core.notices.models import Notice

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]


@pytest.fixture
def unregistered(cast):
    return operations.open_term(actor=SYSTEM, fiscal_year=2026)


@pytest.fixture
def term(cast):
    return open_year(2026)


def propose(term, reason="大雪のため", **typed):
    """A proposal that moves the hearing's deadline (or what is typed)."""
    change = operations.begin_change(actor=HQ, term=term, reason=reason)
    part = find("calendar")
    lines = part.read(term, part.stands(term), typed or {"hearing/number": "20"})
    return operations.set_change_part(actor=HQ, change=change, part=part, content=lines)


def test_the_rules_are_registered_with_the_hash_of_everything_in_them(cast, unregistered):
    rules = operations.register_rules(actor=cast.hq.scope, term=unregistered)
    assert (rules.version, rules.published_by_name) == (1, cast.hq.scope.label)
    assert rules.content == canonical_json(rules_content(unregistered, 1, None))
    assert rules.content_hash == sha256_text(rules.content)
    content = json.loads(rules.content)["parts"]
    codes = ["calendar", "indicators", "scheme", "checklist", "budget_rule", "blocks"]
    assert sorted(content) == sorted(codes)
    assert len(content["blocks"]) == 47
    assert len(content["calendar"]) == 18
    assert deviating(unregistered, rules) == []
    assert year_rules_note(unregistered) is None
    with pytest.raises(Conflict, match="すでに登録"):
        operations.register_rules(actor=cast.agency.scope, term=unregistered)
    assert verify_chain() == []


def test_what_was_read_is_what_is_registered(cast, unregistered):
    digest = sha256_text(canonical_json(rules_content(unregistered, 1, None)))
    calendar = find("calendar")
    later = calendar.read(unregistered, calendar.stands(unregistered), {"plan/number": "27"})
    operations.change_part(
        actor=cast.hq.scope, term=unregistered, part=calendar, content=later, reason="連休のため"
    )
    with pytest.raises(Conflict, match="規則の内容が変わりました"):
        operations.register_rules(actor=cast.hq.scope, term=unregistered, seen=digest)
    assert registered(unregistered) is None


def test_no_interview_before_the_registration(cast, sign_in, unregistered):
    plan = written_plan(unregistered)
    with pytest.raises(NotReady) as refusal:
        interview(plan)
    missing = refusal.value.missing[0]
    assert "最初の期初面談の前に登録" in missing.text
    assert (missing.link_name, missing.link_args) == ("year_rules", (unregistered.pk,))
    answer = sign_in(cast.bureau_kanto).get(reverse("plan_interview", args=[plan.pk]))
    assert answer.status_code == 409
    assert f'href="{reverse("year_rules", args=[unregistered.pk])}"' in answer.content.decode()
    assert not StartInterview.objects.exists()
    operations.register_rules(actor=cast.hq.scope, term=unregistered)
    interview(plan)
    assert StartInterview.objects.count() == 1


def test_a_term_in_preparation_registers_nothing(cast):
    term = operations.prepare_term(actor=SYSTEM, fiscal_year=2026)
    with pytest.raises(NotReady, match="実施中ではない"):
        operations.register_rules(actor=cast.hq.scope, term=term)


def test_a_change_holds_only_with_both_consents_and_its_reason(cast, term):
    change = propose(term)
    assert [one.part.code for one in change_pairs(change)] == ["calendar"]
    due = term.deadlines.get(code="hearing").due_at
    signed = operations.sign_change(actor=cast.agency.scope, change=change)
    assert signed.state == ChangeState.SIGNED
    assert (registered(term).version, term.deadlines.get(code="hearing").due_at) == (1, due)
    done = operations.sign_change(actor=cast.hq.scope, change=signed)
    assert done.state == ChangeState.PUBLISHED
    rules = registered(term)
    first = YearRules.objects.get(term=term, version=1)
    assert (rules.version, rules.reason, rules.changed_parts) == (2, "大雪のため", "calendar")
    assert rules.previous_hash == first.content_hash
    assert (rules.agency_consent_name, rules.hq_consent_name) == (
        cast.agency.scope.label,
        cast.hq.scope.label,
    )
    assert term.deadlines.get(code="hearing").due_at > due
    assert deviating(term, rules) == []
    assert term.decisions.filter(part="calendar").first().reason == "大雪のため"
    assert [len(step.changes) for step in rules_history(term)] == [1, 0]
    assert Notice.objects.filter(key=f"rules-{rules.pk}", user=cast.cc_tokyo.user).exists()
    assert verify_chain() == []


def test_a_second_side_and_a_second_person_consent(cast, term):
    change = propose(term)
    operations.sign_change(actor=cast.hq.scope, change=change)
    with pytest.raises(NotReady) as refusal:
        operations.sign_change(actor=cast.hq_second.scope, change=change)
    assert "中小企業庁の担当者の番" in refusal.value.missing[0].text
    both = replace(cast.agency.scope, user_id=cast.hq.user.pk)
    with pytest.raises(NotReady):
        operations.sign_change(actor=both, change=change)
    assert registered(term).version == 1


def test_a_change_of_the_proposal_withdraws_the_consent(cast, term):
    change = propose(term)
    digest = change_hash(change)
    operations.sign_change(actor=AGENCY, change=change, seen=digest)
    same = operations.save_change(actor=cast.hq.scope, change=change, reason="大雪のため")
    assert same.state == ChangeState.SIGNED
    again = operations.save_change(actor=cast.hq.scope, change=change, reason="大雪と停電のため")
    assert (again.state, again.agency_signed_at, again.agency_signed_name) == ("draft", None, "")
    with pytest.raises(Conflict, match="変更案が変わりました"):
        operations.sign_change(actor=AGENCY, change=change, seen=digest)


def test_a_part_put_back_leaves_the_proposal_and_an_empty_one_is_not_signed(cast, term):
    change = propose(term)
    part = find("calendar")
    back = operations.set_change_part(actor=HQ, change=change, part=part, content=part.stands(term))
    assert json.loads(back.content) == {}
    with pytest.raises(NotReady) as refusal:
        operations.sign_change(actor=HQ, change=back)
    assert [item.text for item in refusal.value.missing] == ["変更する項目がありません。"]


def test_one_proposal_at_a_time_and_a_withdrawn_one_stays_on_record(cast, term):
    change = propose(term)
    with pytest.raises(Conflict, match="作成中の変更案があります"):
        operations.begin_change(actor=cast.agency.scope, term=term, reason="別の理由")
    with pytest.raises(NotReady, match="理由の入力が必要"):
        operations.withdraw_change(actor=cast.hq.scope, change=change, reason=" ")
    operations.withdraw_change(actor=cast.hq.scope, change=change, reason="不要になったため")
    assert open_change(term) is None
    second = operations.begin_change(actor=cast.agency.scope, term=term, reason="別の理由")
    assert (second.number, RuleChange.objects.count()) == (2, 2)
    with pytest.raises(Conflict):
        operations.save_change(actor=HQ, change=change, reason="あとから")


def test_the_checklist_changes_only_this_way_once_registered(cast, term):
    part = find("checklist")
    content = part.stands(term)
    key = f"{content[0]['code']}/text"
    change = operations.begin_change(actor=HQ, term=term, reason="法律の改正のため")
    changed = part.read(term, content, {key: "改めた項目"})
    change = operations.set_change_part(actor=HQ, change=change, part=part, content=changed)
    operations.sign_change(actor=AGENCY, change=operations.sign_change(actor=HQ, change=change))
    assert checklist_of(term).version == 2
    assert checklist_of(term).items.get(code=content[0]["code"]).text == "改めた項目"
    note = year_rules_note(term)
    assert note is not None
    assert "変更した項目：チェックリスト" in note.text
    assert note.line.endswith("理由：法律の改正のため")


@pytest.mark.once
@pytest.mark.parametrize(
    "key", ["bureau_kanto", "pm_kanto", "cc_tokyo", "body_tokyo", "admin", "auditor", "nobody"]
)
def test_nobody_else_registers_or_changes(cast, term, key):
    actor = cast.actors[key].scope
    change = propose(term)
    part = rule_parts()[0]
    for act in (
        lambda: operations.register_rules(actor=actor, term=term),
        lambda: operations.begin_change(actor=actor, term=term, reason="x"),
        lambda: operations.save_change(actor=actor, change=change, reason="x"),
        lambda: operations.set_change_part(actor=actor, change=change, part=part, content=[]),
        lambda: operations.sign_change(actor=actor, change=change),
        lambda: operations.withdraw_change(actor=actor, change=change, reason="x"),
    ):
        with pytest.raises(Refused):
            act()
    operations.sign_change(actor=HQ, change=change)
    with pytest.raises(Refused):
        operations.sign_change(actor=actor, change=change)


@pytest.mark.parametrize("state", list(ChangeState))
@pytest.mark.parametrize("action", list(CHANGE_FLOW.by_action))
def test_every_step_of_a_change_is_refused_in_every_other_state(cast, term, state, action):
    change = propose(term)
    if state in {ChangeState.SIGNED, ChangeState.PUBLISHED}:
        change = operations.sign_change(actor=HQ, change=change)
    if state == ChangeState.PUBLISHED:
        change = operations.sign_change(actor=AGENCY, change=change)
    if state == ChangeState.WITHDRAWN:
        change = operations.withdraw_change(actor=HQ, change=change, reason="x")
    if state in CHANGE_FLOW.by_action[action].sources:
        return
    with pytest.raises(Conflict):
        CHANGE_FLOW.apply(change, action, actor=cast.agency.scope, reason="x")
    change.refresh_from_db()
    assert change.state == state


def test_registered_rules_and_finished_changes_are_held_by_the_database(cast, term):
    change = operations.withdraw_change(actor=HQ, change=propose(term), reason="x")
    rules = registered(term)
    for act, said in (
        (lambda: YearRules.objects.filter(pk=rules.pk).update(reason="x"), "登録した年度の規則"),
        (lambda: YearRules.objects.filter(pk=rules.pk).delete(), "登録した年度の規則"),
        (lambda: RuleChange.objects.filter(pk=change.pk).update(reason="y"), "終わった変更案"),
        (lambda: RuleChange.objects.filter(pk=change.pk).delete(), "削除できません"),
    ):
        with pytest.raises(DatabaseError, match=said), transaction.atomic():
            act()
    other = propose(term)
    with pytest.raises(DatabaseError, match="双方の同意"), transaction.atomic():
        RuleChange.objects.filter(pk=other.pk).update(state=ChangeState.PUBLISHED)


def check(path) -> tuple[str, int]:
    """Output and exit code of the command."""
    out, code = StringIO(), 0
    try:
        call_command("check_year_rules", str(path), stdout=out)
    except SystemExit as end:
        code = int(end.code or 0)
    return out.getvalue(), code


def test_the_file_is_checked_against_hash_registration_and_use(cast, sign_in, term, tmp_path):
    rules = registered(term)
    answer = sign_in(cast.cc_tokyo).get(reverse("year_rules_file", args=[rules.pk]))
    assert "year-rules-2026-v1.json" in answer.headers["Content-Disposition"]
    path = tmp_path / "rules.json"
    path.write_bytes(answer.content)
    assert json.loads(answer.content) == json.loads(json.dumps(rules_file(rules)))
    names = ["ハッシュ", "書き方", "見出し", "登録との照合", "前の版とのつながり"]
    said = "".join(f"OK {name}\n" for name in [*names, "使われている内容"])
    assert check(path) == (f"{said}6 passed, 0 failed\n", 0)
    data = json.loads(path.read_text(encoding="utf-8"))
    forged = data | {"content": data["content"].replace('"40"', '"41"', 1)}
    path.write_text(json.dumps(forged), encoding="utf-8")
    out, code = check(path)
    assert code == 1
    assert "NG ハッシュ" in out
    assert "NG 登録との照合" in out
    forged["content_hash"] = sha256_text(forged["content"])
    path.write_text(json.dumps(forged), encoding="utf-8")
    assert check(path)[1] == 1
    unknown = data | {"fiscal_year": 2031}
    path.write_text(json.dumps(unknown), encoding="utf-8")
    out, code = check(path)
    assert "この環境には、この版の登録がありません" in out
    assert code == 1
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(CommandError, match="年度の規則のファイルではありません"):
        call_command("check_year_rules", str(path))


def test_a_change_past_the_doors_is_seen(cast, sign_in, term, tmp_path):
    path = tmp_path / "rules.json"
    path.write_text(json.dumps(rules_file(registered(term))), encoding="utf-8")
    TermDeadline.objects.filter(term=term, code="plan").update(label="別の期限")
    assert [part.code for part in deviating(term, registered(term))] == ["calendar"]
    out, code = check(path)
    assert "「暦・期限」が登録と違います" in out
    assert code == 1
    page = sign_in(cast.auditor).get(reverse("year_rules", args=[term.pk])).content.decode()
    assert "登録と違う内容が使われています" in page


def test_the_screens_lead_through_registration_and_change(cast, sign_in, unregistered):
    term = unregistered
    hq, agency = sign_in(cast.hq), sign_in(cast.agency)
    url = reverse("year_rules_register", args=[term.pk])
    page = hq.get(url)
    digest = page.context["digest"]
    assert digest in page.content.decode()
    page = hq.post(url, {"seen": digest}, follow=True)
    assert "期初面談を記録できます" in page.content.decode()
    change = reverse("rule_change", args=[term.pk])
    assert hq.post(change, {"reason": ""}).status_code == 422
    assert hq.post(change, {"reason": "指標の定義を明確にするため"}).status_code == 302
    edit = reverse("rule_change_part", args=[term.pk, "indicators"])
    page = hq.get(edit)
    sent = {"seen": page.context["seen"], "v/CONS/definition": "新しい定義"}
    assert hq.post(edit, sent).status_code == 302
    page = agency.get(change)
    assert "新しい定義" in page.content.decode()
    sign = reverse("rule_change_sign", args=[term.pk])
    assert hq.post(sign, {"seen": "old"}).status_code == 409
    assert hq.post(sign, {"seen": page.context["digest"]}).status_code == 302
    assert hq.post(sign, {"seen": page.context["digest"]}).status_code == 409
    page = agency.post(sign, {"seen": page.context["digest"]}, follow=True)
    assert "この年度のすべての結果に表示されます" in page.content.decode()
    assert term.indicators.get(code="CONS").definition == "新しい定義"
    for actor in (cast.cc_tokyo, cast.auditor, cast.board):
        text = sign_in(actor).get(reverse("year_rules", args=[term.pk])).content.decode()
        assert "指標の定義を明確にするため" in text


def test_a_proposal_is_between_state_and_hq(cast, sign_in, term):
    propose(term, reason="内々の理由")
    for key, known in (("auditor", True), ("agency", True), ("cc_tokyo", False)):
        page = sign_in(cast.actors[key]).get(reverse("year_rules", args=[term.pk]))
        assert (page.context["change"] is not None) is known, key
