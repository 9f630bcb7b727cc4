"""The talk before a plan is fixed: rounds, comments, interview, guards with their links."""

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from hubs.network.models import Hub, RegionalFigure
from hubs.plans import operations
from hubs.plans.flow import missing_for
from hubs.plans.models import Plan, PlanComment, StartInterview, Target, TargetProposal
from hubs.plans.operations import PlanConflict
from hubs.plans.queries import plan_texts, with_content
from hubs.plans.queries.beside import last_year, newer_figures
from hubs.plans.rules.talk import Attendee
from tests.hubs.year import (
    ATTENDEE_FORM,
    SYSTEM,
    fixed_plan,
    hub,
    interview,
    interview_record,
    open_year,
    written_plan,
)
from yorozu.core.access import decide
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]


def sent_plan(**changes):
    plan = written_plan(open_year(), **changes)
    operations.submit_plan(actor=SYSTEM, plan=plan)
    return with_content(plan)


def propose(actor, plan, value=4_000, field="target_CONS", reason="前年度の実績に近づけるため"):
    return operations.propose_value(
        actor=actor.scope, plan=plan, field=field, value=value, reason=reason
    )


def test_a_value_goes_back_and_forth_until_one_side_accepts(cast):
    plan = sent_plan()
    first = propose(cast.bureau_kanto, plan)
    assert Target.objects.get(indicator__code="CONS").value == 3_600
    answer = propose(cast.cc_tokyo, plan, 3_800, reason="研修のため")
    with pytest.raises(Conflict, match="変わっています"):
        operations.accept_value(
            actor=cast.cc_tokyo.scope, plan=plan, field="target_CONS", proposal=first.pk
        )
    with pytest.raises(Conflict, match="自分の側"):
        operations.accept_value(
            actor=cast.cc_tokyo.scope, plan=plan, field="target_CONS", proposal=answer.pk
        )
    operations.accept_value(
        actor=cast.bureau_kanto.scope, plan=plan, field="target_CONS", proposal=answer.pk
    )
    target = Target.objects.get(indicator__code="CONS")
    assert (target.value, sum(target.phasing)) == (3_800, 3_800)
    said = TargetProposal.objects.values_list("side", "kind", "value", "plan_value")
    assert list(said) == [
        ("bureau", "proposed", 4_000, 3_600),
        ("hub", "proposed", 3_800, 3_600),
        ("bureau", "accepted", 3_800, 3_600),
    ]


def test_an_accepted_area_keeps_the_shape_of_typed_months(cast):
    plan = sent_plan(f1_phasing="/".join(["10"] + ["0"] * 5 + ["50"] + ["0"] * 5))
    row = propose(cast.bureau_kanto, plan, 66, "f1_target")
    operations.accept_value(
        actor=cast.cc_tokyo.scope, plan=plan, field="f1_target", proposal=row.pk
    )
    area = plan.focus_areas.get(code="F1")
    assert (area.target, area.phasing[0], area.phasing[6]) == (66, 11, 55)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"reason": " "}, "理由を入力"),
        ({"value": 3_600}, "計画の値"),
        ({"value": 99_999_999}, "整数"),
        ({"field": "f5_target"}, "計画にない"),
    ],
)
def test_a_proposal_that_cannot_be_taken(cast, change, said):
    plan = sent_plan()
    with pytest.raises(InvalidInput, match=said):
        propose(cast.bureau_kanto, plan, **change)
    assert not TargetProposal.objects.exists()


def test_the_talk_begins_with_the_submission_and_ends_with_the_fixed_plan(cast):
    term = open_year()
    for plan in (written_plan(term), fixed_plan(term, "14")):
        with pytest.raises(Conflict):
            propose(cast.bureau_kanto, plan)
    with pytest.raises(Conflict):
        operations.add_comment(
            actor=cast.bureau_kanto.scope, plan=plan, section="staffing", body="？"
        )


TALKERS = {
    "negotiate": {"bureau_kanto", "cc_tokyo"},
    "comment": {"bureau_kanto"},
    "answer": {"cc_tokyo"},
}


@pytest.mark.parametrize("act", sorted(TALKERS))
def test_only_the_two_sides_talk(cast, act):
    plan = sent_plan()
    acts = {
        "negotiate": lambda actor: propose(actor, plan),
        "comment": lambda actor: operations.add_comment(
            actor=actor.scope, plan=plan, section="staffing", body="？"
        ),
        "answer": lambda actor: operations.answer_comment(
            actor=actor.scope, plan=plan, thread=1, body="はい"
        ),
    }
    for actor in cast.all():
        if actor.key in TALKERS[act]:
            assert decide(actor.scope, f"hubs.plans.{act}", hub_id=plan.hub_id).allowed
        else:
            with pytest.raises(Refused):
                acts[act](actor)


def test_a_comment_waits_for_its_answer(cast):
    plan = sent_plan()
    interview(plan)
    head = operations.add_comment(
        actor=cast.bureau_kanto.scope, plan=plan, section="regional_issues", body="いつからですか。"
    )
    with pytest.raises(NotReady) as refusal:
        operations.finalize_plan(actor=cast.bureau_kanto.scope, plan=plan)
    assert [(item.link_name, item.anchor) for item in refusal.value.missing] == [
        ("plan_review", f"thread-{head.pk}")
    ]
    operations.answer_comment(
        actor=cast.cc_tokyo.scope, plan=plan, thread=head.pk, body="8月です。"
    )
    operations.follow_comment(
        actor=cast.bureau_kanto.scope, plan=plan, thread=head.pk, body="", closes=True
    )
    with pytest.raises(Conflict, match="対応済"):
        operations.answer_comment(
            actor=cast.cc_tokyo.scope, plan=plan, thread=head.pk, body="", closes=True
        )
    assert operations.finalize_plan(actor=cast.bureau_kanto.scope, plan=plan).state == "finalized"


def test_an_answer_needs_its_text_and_its_thread(cast):
    plan = sent_plan()
    with pytest.raises(InvalidInput, match="計画にない箇所"):
        operations.add_comment(actor=cast.bureau_kanto.scope, plan=plan, section="x", body="？")
    head = operations.add_comment(actor=cast.bureau_kanto.scope, plan=plan, section="f1", body="？")
    for thread, body in ((head.pk, " "), (head.pk + 99, "はい"), (head.pk, "長" * 2_001)):
        with pytest.raises(InvalidInput):
            operations.answer_comment(
                actor=cast.cc_tokyo.scope, plan=plan, thread=thread, body=body
            )


BYPASSES = {
    "proposal": lambda: TargetProposal.objects.update(value=1),
    "proposal away": lambda: TargetProposal.objects.all().delete(),
    "comment": lambda: PlanComment.objects.update(body="x"),
    "comment away": lambda: PlanComment.objects.all().delete(),
}


@pytest.mark.parametrize("way", sorted(BYPASSES))
def test_what_was_said_stays_said(cast, way):
    plan = sent_plan()
    propose(cast.bureau_kanto, plan)
    operations.add_comment(actor=cast.bureau_kanto.scope, plan=plan, section="f1", body="？")
    with pytest.raises(DatabaseError, match="変更できません"), transaction.atomic():
        BYPASSES[way]()


def test_people_of_a_fixed_interview_are_held():
    plan = fixed_plan(open_year())
    people = StartInterview.objects.get(plan=plan).people
    for act in (lambda: people.update(name="x"), lambda: people.all().delete()):
        with pytest.raises(DatabaseError, match="確定した"), transaction.atomic():
            act()


@pytest.mark.parametrize(
    ("people", "said"),
    [
        ([Attendee("hub", "拠点", "甲")], "経済産業局の出席者"),
        ([Attendee("bureau", "局", "乙"), Attendee("body", "財団", "丙")], "拠点の出席者"),
        ([Attendee("hub", "", ""), Attendee("bureau", "局", "乙")], "1人目の氏名"),
        ([Attendee("hub", "", "甲" * 81), Attendee("bureau", "局", "乙")], "80文字以内"),
    ],
)
def test_both_sides_sit_at_the_interview(people, said):
    plan = written_plan(open_year())
    with pytest.raises(InvalidInput, match=said):
        operations.record_interview(
            actor=SYSTEM, plan=plan, said=interview_record(attendees=people)
        )


def test_a_challenge_factor_counts_as_agreed_at_the_interview_only(cast):
    plan = sent_plan(challenge_SOLVE="1.05", reason_SOLVE="新しい地域")
    interview(plan)
    missing = missing_for(with_content(plan), "hubs.plans.finalize", SYSTEM)
    assert [(item.link_name, item.anchor) for item in missing] == [
        ("plan_interview", "challenge_approved")
    ]
    operations.record_interview(
        actor=SYSTEM,
        plan=plan,
        said=interview_record(),
        approvals=operations.Approvals(challenges=["SOLVE"]),
    )
    assert not missing_for(with_content(plan), "hubs.plans.finalize", SYSTEM)
    operations.return_plan(actor=SYSTEM, plan=plan, reason="見直し")
    fresh = with_content(plan)
    operations.save_plan(
        actor=SYSTEM, plan=fresh, values={"challenge_SOLVE": "1.10"}, version=fresh.version
    )
    assert not Target.objects.filter(is_challenge_approved=True).exists()


def test_a_refusal_names_the_very_field():
    plan = written_plan(open_year(), f2_evidence="", target_NETW="", business_plan="")
    missing = missing_for(plan, "hubs.plans.submit", SYSTEM)
    assert {(item.link_name, item.anchor) for item in missing} == {
        ("plan_edit", "business_plan"),
        ("plan_edit", "target_NETW"),
        ("plan_edit", "f2_evidence"),
    }


def test_an_area_counted_as_an_indicator_takes_its_unit_and_needs_no_evidence_rule():
    plan = written_plan(open_year(), f2_evidence="", f2_indicator="VISIT", f2_unit="件")
    area = plan.focus_areas.get(code="F2")
    assert (area.unit, area.indicator.code) == ("者", "VISIT")
    assert not missing_for(plan, "hubs.plans.submit", SYSTEM)
    assert plan_texts(plan)["f2_unit"] == ""


def test_two_people_in_different_fields_do_not_hinder_each_other():
    plan = written_plan(open_year())
    version = plan.version
    operations.save_plan(actor=SYSTEM, plan=plan, values={"staffing": "甲"}, version=version)
    operations.save_plan(actor=SYSTEM, plan=plan, values={"regional_issues": "乙"}, version=version)
    with pytest.raises(PlanConflict) as conflict:
        operations.save_plan(
            actor=SYSTEM,
            plan=plan,
            values={"staffing": "丙", "support_analysis": "丁"},
            version=version,
        )
    # both texts of every field that differs, also of the one nobody else touched
    assert conflict.value.differences == [
        ("support_analysis", "", "丁"),
        ("staffing", "甲", "丙"),
    ]
    held = Plan.objects.get()
    assert (held.staffing, held.regional_issues, held.support_analysis) == ("甲", "乙", "")


def test_months_follow_the_target_until_somebody_types_them():
    plan = written_plan(open_year())
    target = Target.objects.get(indicator__code="CONS")
    assert (target.phasing, target.phasing_method) == ([300] * 12, "equal")
    typed = "/".join(["3600"] + ["0"] * 11)
    saved = operations.save_plan(
        actor=SYSTEM, plan=plan, values={"phasing_CONS": typed}, version=plan.version
    ).plan
    assert Target.objects.get(indicator__code="CONS").phasing_method == "entered"
    moved = operations.save_plan(
        actor=SYSTEM, plan=saved, values={"target_CONS": "3700"}, version=saved.version
    )
    assert "100足りません" in moved.problems["phasing_CONS"]
    assert plan_texts(moved.plan)["phasing_CONS"] == typed
    cleared = operations.save_plan(
        actor=SYSTEM, plan=moved.plan, values={"phasing_CONS": ""}, version=moved.plan.version
    )
    assert not cleared.problems
    target.refresh_from_db()
    assert (sum(target.phasing), target.phasing_method) == (3_700, "equal")


def test_spread_months_that_come_back_untouched_are_nobodys_entry():
    plan = written_plan(open_year())
    values = {"phasing_CONS": "/".join(["300"] * 12), "staffing": "体制"}
    operations.save_plan(actor=SYSTEM, plan=plan, values=values, version=plan.version)
    assert Target.objects.get(indicator__code="CONS").phasing_method == "equal"


def test_the_figures_are_kept_as_they_stood_and_newer_ones_are_named():
    tokyo = hub("13")
    facts = {"hub": tokyo, "unit": "者", "survey": "調査", "source": "機関"}
    RegionalFigure.objects.create(code="smes", year=2024, value=400, **facts)
    RegionalFigure.objects.create(code="smes", year=2021, value=390, **facts)
    RegionalFigure.objects.create(code="smes", industry="E", year=2024, value=40, **facts)
    plan = written_plan(open_year())
    kept = [(row["code"], row["industry"], row["value"], row["previous_value"], row["nation"])
            for row in plan.regional_figures]  # fmt: skip
    assert kept == [("smes", "", 400, 390, None), ("smes", "E", 40, None, None)]
    assert newer_figures(plan) == []
    RegionalFigure.objects.create(code="smes", year=2026, value=410, **facts)
    assert newer_figures(plan) == ["中小企業数（2026年）"]
    assert Plan.objects.get().regional_figures[0]["value"] == 400
    renewed = operations.renew_figures(actor=SYSTEM, plan=plan)
    assert renewed.regional_figures[0]["value"] == 410
    assert newer_figures(renewed) == []


def test_the_nations_figure_stands_only_when_no_hub_is_missing():
    for row in Hub.objects.all():
        RegionalFigure.objects.create(
            hub=row, code="area", year=2024, value=10, unit="km2", source="機関"
        )
    assert written_plan(open_year()).regional_figures[0]["nation"] == 470


def test_last_year_stands_beside():
    fixed_plan(open_year(2025))
    plan = written_plan(open_year(2026))
    before = last_year(plan)
    assert before.texts["business_plan"] == "事業承継と販路開拓に取り組む。"
    assert before.texts["target_CONS"].startswith("目標 3,600件、")
    assert [area["name"] for area in before.areas] == ["事業承継", "販路開拓"]
    assert last_year(before.plan).plan is None


READERS = ("agency", "bureau_kanto", "hq", "pm_kanto", "cc_tokyo", "co_tokyo", "body_tokyo")


def test_the_review_page_in_the_whole_cast(cast, sign_in):
    plan = sent_plan()
    propose(cast.bureau_kanto, plan)
    operations.add_comment(
        actor=cast.bureau_kanto.scope, plan=plan, section="f1", body="<b>根拠</b>は"
    )
    pages = [reverse(name, args=[plan.pk]) for name in ("plan_review", "plan_interview_print")]
    for actor in cast.all():
        client = sign_in(actor)
        sees = actor.key in {*READERS, "hq_second", "auditor"}
        may_read = decide(actor.scope, "hubs.plans.view").allowed
        expected = 200 if sees else 404 if may_read else 403
        assert [client.get(page).status_code for page in pages] == [expected] * 2, actor.key
    review = sign_in(cast.cc_tokyo).get(pages[0]).text
    assert "&lt;b&gt;根拠" in review
    assert "4,000を受け入れる" in review
    assert "4,000を受け入れる" not in sign_in(cast.bureau_kanto).get(pages[0]).text
    assert "回答する" not in sign_in(cast.hq).get(pages[0]).text
    head = review[: review.index('id="regional_figures"')]
    assert '<a href="#target_CONS">相談対応件数の目標</a>：返答を待つ提案（4,000件）' in head
    assert '<a href="#f1">重点分野1</a>：未回答のコメント 1件' in head


def test_a_talk_through_the_screens(cast, sign_in):
    plan = sent_plan()
    bureau, chief = sign_in(cast.bureau_kanto), sign_in(cast.cc_tokyo)
    facts = {"field": "target_CONS", "value": "４，０００", "reason": "前年度に近づけるため"}
    empty = bureau.post(reverse("plan_propose", args=[plan.pk]), facts | {"reason": ""})
    assert empty.status_code == 422
    assert "４，０００" in empty.text
    assert bureau.post(reverse("plan_propose", args=[plan.pk]), facts).status_code == 302
    row = TargetProposal.objects.get()
    taken = {"field": "target_CONS", "proposal": row.pk}
    chief.post(reverse("plan_accept", args=[plan.pk]), taken)
    assert Target.objects.get(indicator__code="CONS").value == 4_000
    said = {"section": "f1", "body": "根拠は何ですか。"}
    bureau.post(reverse("plan_comment", args=[plan.pk]), said)
    head = PlanComment.objects.get()
    url = reverse("plan_answer", args=[plan.pk])
    assert chief.post(url, {"thread": head.pk, "body": " "}).status_code == 422
    assert chief.post(url, {"thread": head.pk, "body": "写しです。"}).status_code == 302
    assert PlanComment.objects.filter(kind="answer").count() == 1


def test_the_interview_form_wants_both_sides_and_keeps_what_was_typed(cast, sign_in):
    plan = sent_plan(challenge_SOLVE="1.05", reason_SOLVE="新しい地域")
    client = sign_in(cast.bureau_kanto)
    url = reverse("plan_interview", args=[plan.pk])
    assert "配役 bureau_kanto" in client.get(url).text
    facts = {"held_on": "2026-06-15", "minutes": "合意した。", **ATTENDEE_FORM}
    alone = client.post(url, facts | {"people-0-name": ""})
    assert alone.status_code == 422
    assert "拠点の出席者を1人以上" in alone.text
    assert "担当 官太" in alone.text
    done = client.post(url, facts | {"challenge_approved": ["SOLVE"], "agreed_points": "四半期"})
    assert done.status_code == 302
    held = StartInterview.objects.get()
    assert (held.people.count(), held.agreed_points) == (2, "四半期")
    assert Target.objects.get(indicator__code="SOLVE").is_challenge_approved
    paper = client.get(reverse("plan_interview_print", args=[plan.pk])).text
    assert "担当 官太" in paper
    assert "四半期" in paper


def test_autosave_answers_with_the_months_that_moved(cast, sign_in):
    plan = written_plan(open_year())
    client = sign_in(cast.cc_tokyo)
    url = reverse("plan_autosave", args=[plan.pk])

    def send(trigger, **values):
        plan.refresh_from_db()
        return client.post(
            url, values | {"version": plan.version}, headers={"HX-Trigger-Name": trigger}
        )

    moved = send("target_CONS", target_CONS="1200")
    assert 'id="phasing_CONS_12" name="phasing_CONS_12" value="100"' in moved.text
    cells = {f"phasing_CONS_{number:02d}": "100" for number in range(1, 13)}
    wrong = send("phasing_CONS_03", **(cells | {"phasing_CONS_03": "90"}))
    assert wrong.status_code == 422
    assert "10足りません" in wrong.text
    right = send("phasing_CONS_04", **(cells | {"phasing_CONS_03": "90", "phasing_CONS_04": "110"}))
    assert right.status_code == 200
    assert Target.objects.get(indicator__code="CONS").phasing[2:4] == [90, 110]


def test_the_edit_page_shows_last_year_beside_and_newer_figures(cast, sign_in):
    fixed_plan(open_year(2025))
    plan = written_plan(open_year(2026))
    RegionalFigure.objects.create(
        hub=hub("13"), code="smes", year=2026, value=1, unit="者", source="機関"
    )
    client = sign_in(cast.cc_tokyo)
    page = client.get(reverse("plan_edit", args=[plan.pk]), {"beside": "1"}).text
    assert "前年度の地域分析" in page
    assert "更新された数値があります" in page
    client.post(reverse("plan_renew_figures", args=[plan.pk]))
    assert "更新された数値" not in client.get(reverse("plan_edit", args=[plan.pk])).text
