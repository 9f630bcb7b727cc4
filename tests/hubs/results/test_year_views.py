"""Screens of terms, plans and results by the whole cast; autosave and conflicts."""

from datetime import date

import pytest
from django.urls import reverse

from hubs.plans.models import Plan
from hubs.plans.operations import return_plan, submit_plan
from hubs.results import operations as results
from hubs.results.models import MonthlyReport, MonthlyResult, ReportState
from hubs.terms.models import ActivityPolicy, Term
from hubs.terms.operations import draft_policy
from hubs.terms.queries import published_policy
from tests.hubs.year import (
    ATTENDEE_FORM,
    GOOD,
    SYSTEM,
    TEXTS,
    accepted,
    entered,
    fixed_plan,
    hub,
    interview,
    open_year,
    written_plan,
)
from yorozu.core import clock
from yorozu.core.access import decide

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]


@pytest.fixture
def year(cast):
    """A year with a fixed, a submitted and a draft plan and months in several states."""
    term = open_year()
    fixed_plan(term)
    other = written_plan(term, "14")
    submit_plan(actor=SYSTEM, plan=other)
    interview(other)
    written_plan(term, "04")
    accepted(date(2026, 4, 1), F1="5", F2="6")
    sent = entered(date(2026, 5, 1), F1="5", F2="6")
    results.submit_month(actor=SYSTEM, report=sent)
    entered(date(2026, 6, 1), CONS="900")
    return term


def pages(term):
    """(url name, address, policy action, hub) of every page that is read."""
    plan = Plan.objects.get(hub__code="13")
    waiting = Plan.objects.get(hub__code="14")
    report = MonthlyReport.objects.get(month=date(2026, 5, 1))
    tokyo = hub("13").pk
    policy = published_policy(term)
    rows = [
        ("term_list", [], "hubs.terms.view", None),
        ("term_detail", [term.pk], "hubs.terms.view", None),
        ("policy_detail", [policy.pk], "hubs.terms.view", None),
        ("term_open", [], "hubs.terms.open", None),
        ("term_close", [term.pk], "hubs.terms.close", None),
        ("policy_edit", [term.pk], "hubs.terms.draft_policy", None),
        ("policy_publish", [policy.pk], "hubs.terms.publish_policy", None),
        ("plan_list", [term.pk], "hubs.plans.view", None),
        ("plan_detail", [plan.pk], "hubs.plans.view", tokyo),
        ("plan_print", [plan.pk], "hubs.plans.view", tokyo),
        ("plan_submit", [plan.pk], "hubs.plans.submit", tokyo),
        ("plan_return", [waiting.pk], "hubs.plans.return", waiting.hub_id),
        ("plan_interview", [plan.pk], "hubs.plans.record_interview", tokyo),
        ("plan_finalize", [plan.pk], "hubs.plans.finalize", tokyo),
        ("plan_finalize_many", [term.pk], "hubs.plans.finalize", None),
        ("results_list", [term.pk], "hubs.results.view", None),
        ("results_grid", [term.pk, tokyo], "hubs.results.view", tokyo),
        ("results_print", [term.pk, tokyo], "hubs.results.view", tokyo),
        ("results_csv", [term.pk, tokyo], "hubs.results.view", tokyo),
        ("results_xlsx", [term.pk, tokyo], "hubs.results.view", tokyo),
        ("results_submit_many", [term.pk], "hubs.results.submit", None),
        ("results_confirm_many", [term.pk], "hubs.results.confirm", None),
        ("results_accept_many", [term.pk], "hubs.results.accept", None),
        ("month_detail", [report.pk], "hubs.results.view", tokyo),
        ("month_return", [report.pk], "hubs.results.return", tokyo),
    ]
    return [(name, reverse(name, args=args), action, at) for name, args, action, at in rows]


def expected(scope, action, hub_id):
    """403 without the right, 404 for a hub out of sight, else the page."""
    if not decide(scope, action).allowed:
        return 403
    return 200 if hub_id is None or scope.covers(hub_id) else 404


@pytest.mark.once
def test_every_page_answers_the_whole_cast(cast, sign_in, year):
    wrong = []
    for actor in cast.all():
        client, scope = sign_in(actor), actor.scope
        for name, url, action, hub_id in pages(year):
            got = client.get(url).status_code
            if got != expected(scope, action, hub_id):
                wrong.append((actor.key, name, got, expected(scope, action, hub_id)))
    assert wrong == []


def test_a_draft_policy_is_not_found_by_readers(cast, sign_in, year):
    draft = draft_policy(actor=SYSTEM, term=year, title="案", body="案")
    url = reverse("policy_detail", args=[draft.pk])
    assert sign_in(cast.cc_tokyo).get(url).status_code == 404
    assert sign_in(cast.hq).get(url).status_code == 200


def test_opening_publishing_and_closing_by_hand(cast, sign_in):
    client = sign_in(cast.hq)
    assert client.post(reverse("term_open"), {"fiscal_year": "2026"}).status_code == 302
    assert client.post(reverse("term_open"), {"fiscal_year": "2026"}).status_code == 422
    term = Term.objects.get()
    views = client.get(reverse("term_parts", args=[term.pk])).context["views"]
    ticked = {f"seen-{view.part.code}": view.shown_hash for view in views}
    ticked["parts"] = [view.part.code for view in views if view.part.required]
    start = reverse("term_start", args=[term.pk])
    assert client.post(start).status_code == 409
    assert client.post(reverse("term_take_over", args=[term.pk]), ticked).status_code == 302
    assert client.post(start).status_code == 302
    edit = reverse("policy_edit", args=[term.pk])
    sent = {"title": "方針", "body": "本文", "seen": ""}
    assert client.post(edit, sent).status_code == 302
    late = client.post(edit, sent | {"body": "別の文"})
    assert late.status_code == 409
    assert "本文" in late.text
    assert "別の文" in late.text
    policy = ActivityPolicy.objects.get()
    agency = sign_in(cast.agency)
    publish = reverse("policy_publish", args=[policy.pk])
    seen = agency.get(publish).context["digest"]
    assert agency.post(publish, {"seen": "old"}).status_code == 409
    assert agency.post(publish, {"seen": seen}).status_code == 302
    policy.refresh_from_db()
    assert policy.state == "signed"
    assert agency.post(publish, {"seen": seen}).status_code == 409
    assert client.post(publish, {"seen": seen}).status_code == 302
    policy.refresh_from_db()
    assert policy.state == "published"
    assert client.post(reverse("term_close", args=[term.pk])).status_code == 302


def test_a_plan_from_the_button_to_the_submission(cast, sign_in):
    term = open_year()
    client = sign_in(cast.cc_tokyo)
    assert "事業計画はまだありません" in client.get(reverse("plan_list", args=[term.pk])).text
    client.post(reverse("plan_open", args=[term.pk, hub("13").pk]))
    plan = Plan.objects.get()
    check = reverse("plan_submit", args=[plan.pk])
    early = client.post(check)
    assert early.status_code == 409
    assert "地域分析がありません" in early.text
    assert reverse("plan_edit", args=[plan.pk]) in early.text
    assert ">提出する</button>" not in early.text
    saved = client.post(reverse("plan_edit", args=[plan.pk]), TEXTS | {"version": plan.version})
    assert saved.status_code == 302
    assert ">提出する</button>" in client.get(check).text
    assert client.post(check).status_code == 302
    assert Plan.objects.get().state == "submitted"
    stranger = sign_in(cast.cc_miyagi)
    assert stranger.post(check).status_code == 404
    bulk = reverse("plan_finalize_many", args=[term.pk])
    bureau = sign_in(cast.bureau_kanto)
    assert "期初面談の記録がありません" in bureau.get(bulk).text
    facts = {"held_on": "令和8年6月15日", "minutes": "合意", **ATTENDEE_FORM}
    assert bureau.post(reverse("plan_interview", args=[plan.pk]), facts).status_code == 302
    assert bureau.post(bulk, {}).status_code == 422
    assert bureau.post(bulk, {"plans": [plan.pk]}).status_code == 302
    assert Plan.objects.get().state == "finalized"


def test_autosave_of_a_plan_saves_keeps_and_conflicts(cast, sign_in):
    term = open_year()
    plan = written_plan(term)
    client = sign_in(cast.cc_tokyo)
    url = reverse("plan_autosave", args=[plan.pk])

    def send(version, **values):
        name = next(iter(values))
        return client.post(url, values | {"version": version}, headers={"HX-Trigger-Name": name})

    done = send(plan.version, business_plan="新しい文")
    assert done.status_code == 200
    assert "保存しました 10:00" in done.text
    assert f'value="{plan.version + 1}" hx-swap-oob="true"' in done.text
    bad = send(plan.version + 1, target_CONS="1e3")
    assert bad.status_code == 422
    assert "要確認" in bad.text
    assert Plan.objects.get().draft_texts == {"target_CONS": "1e3"}
    late = send(plan.version, business_plan="遅い文")
    assert late.status_code == 409
    assert "新しい文" in late.text
    assert "遅い文" in late.text
    assert "に更新しました" in late.text
    again = client.post(
        reverse("plan_edit", args=[plan.pk]),
        {"business_plan": "遅い文", "version": plan.version},
    )
    assert again.status_code == 409
    assert "新しい文" in again.text
    assert "遅い文" in again.text


def test_the_grid_saves_without_javascript(cast, sign_in):
    term = open_year()
    client = sign_in(cast.cc_tokyo)
    url = reverse("results_grid", args=[term.pk, hub("13").pk])
    figures = {f"c-202604-{code}": text for code, text in GOOD.items()}
    assert (
        client.post(
            url, figures | {"v-202604": "0", "c-202605-CONS": "", "v-202605": "0"}
        ).status_code
        == 302
    )
    report = MonthlyReport.objects.get()
    assert report.month == date(2026, 4, 1)
    assert report.results.count() == 4
    bad = client.post(url, {"c-202604-CONS": "12.9", "v-202604": report.version})
    assert bad.status_code == 422
    assert "12.9" in bad.text
    assert "小数は使えません" in bad.text
    late = client.post(url, {"c-202604-CONS": "310", "v-202604": "0"})
    assert late.status_code == 409
    assert "310" in late.text
    assert "12.9" in late.text
    assert client.post(url, {"c-202612-CONS": "1", "v-202612": "0"}).status_code == 409
    assert sign_in(cast.cc_kanagawa).post(url, figures).status_code == 404
    assert sign_in(cast.bureau_kanto).post(url, figures | {"c-202604-CONS": "1"}).status_code == 403


def test_autosave_of_the_grid_saves_keeps_asks_and_conflicts(cast, sign_in):
    term = open_year()
    client = sign_in(cast.cc_tokyo)
    url = reverse("results_autosave", args=[term.pk, hub("13").pk])

    def send(name, text, version):
        month = name.split("-")[1]
        values = {name: text, f"v-{month}": version}
        return client.post(url, values, headers={"HX-Trigger-Name": name})

    done = send("c-202604-CONS", "３００", 0)
    assert done.status_code == 200
    assert "保存しました 10:00" in done.text
    assert 'id="v-202604" value="1" hx-swap-oob="true"' in done.text
    bad = send("c-202604-CONS", "1e3", 1)
    assert bad.status_code == 422
    assert "要確認" in bad.text
    assert MonthlyResult.objects.get().draft_text == "1e3"
    late = send("c-202604-CONS", "5", 1)
    assert late.status_code == 409
    assert "1e3" in late.text
    assert "「5」" in late.text
    assert send("c-202604-CONS", "300", 2).status_code == 200
    entered(date(2026, 5, 1))
    asked = send("c-202606-CONS", "900", 0)
    assert asked.status_code == 200
    assert "r-202606-CONS" in asked.text
    accepted(date(2026, 8, 1))
    assert send("c-202608-CONS", "1", 1).status_code == 409
    assert client.get(url).status_code == 405


def test_a_month_goes_from_page_to_page(cast, sign_in):
    open_year()
    report = entered(date(2026, 4, 1), VISIT="999")
    chief = sign_in(cast.cc_tokyo)
    detail = reverse("month_detail", args=[report.pk])
    assert "来訪相談者数（999）が相談対応件数（300）を超えています。" in chief.get(detail).text
    assert chief.post(reverse("month_submit", args=[report.pk])).status_code == 409
    entered(date(2026, 4, 1))
    assert chief.post(reverse("month_submit", args=[report.pk])).status_code == 302
    assert "実施機関の確認を待っています。" in chief.get(detail).text
    assert chief.post(reverse("month_confirm", args=[report.pk])).status_code == 403
    body, bureau = sign_in(cast.body_tokyo), sign_in(cast.bureau_kanto)
    assert (
        sign_in(cast.body_miyagi).post(reverse("month_confirm", args=[report.pk])).status_code
        == 404
    )
    listing = reverse("results_list", args=[report.term_id])
    assert "まとめて確認済にする" not in bureau.get(listing).text
    assert body.post(reverse("month_confirm", args=[report.pk])).status_code == 302
    assert "まとめて確認済にする" in bureau.get(listing).text
    assert "まとめて確認" not in body.get(listing).text
    assert "を待っています。" not in bureau.get(detail).text
    assert "経済産業局の確認を待っています。" in body.get(detail).text
    back = reverse("month_return", args=[report.pk])
    assert bureau.post(back, {"reason": ""}).status_code == 422
    assert bureau.post(back, {"reason": "件数を確認"}).status_code == 302
    assert "件数を確認" in chief.get(detail).text
    for client, name in ((chief, "submit"), (body, "confirm"), (bureau, "accept")):
        bulk = reverse(f"results_{name}_many", args=[report.term_id])
        assert client.post(bulk, {"reports": [report.pk]}).status_code == 302, name
    assert MonthlyReport.objects.get().state == "accepted"
    late = bureau.get(back)
    assert late.status_code == 409
    assert "「確認済」のため、「差戻し」はできません" in late.content.decode()


@pytest.mark.parametrize("state", ReportState)
def test_the_form_for_sending_back_is_only_for_months_that_wait(cast, sign_in, state):
    open_year()
    report = entered(date(2026, 4, 1))
    done = clock.now() if state == ReportState.ACCEPTED else None
    MonthlyReport.objects.filter(pk=report.pk).update(state=state, accepted_at=done)
    waits = state in {ReportState.SUBMITTED, ReportState.CONFIRMED}
    url = reverse("month_return", args=[report.pk])
    for actor in (cast.bureau_kanto, cast.body_tokyo):
        client = sign_in(actor)
        assert client.get(url).status_code == (200 if waits else 409)
        assert client.post(url, {"reason": ""}).status_code == (422 if waits else 409)
    assert MonthlyReport.objects.get().state == state


def test_files_of_the_grid(cast, sign_in, year):
    client = sign_in(cast.bureau_kanto)
    args = [year.pk, hub("13").pk]
    text = client.get(reverse("results_csv", args=args)).content.decode("utf-8-sig")
    assert text.splitlines()[0].startswith("拠点コード,拠点名,対象月,相談対応件数")
    assert "13,東京都よろず支援拠点,2026-04,300,200,90,40,5,6" in text
    old = client.get(reverse("results_csv", args=args) + "?encoding=cp932").content
    assert old.decode("cp932") == text
    assert client.get(reverse("results_xlsx", args=args)).content.startswith(b"PK")


def test_a_step_that_is_over_says_so_before_anything_is_typed(cast, sign_in, year):
    """The form is not shown where sending it would be refused; the page leads to the object."""
    bureau, chief = sign_in(cast.bureau_kanto), sign_in(cast.cc_tokyo)
    other = Plan.objects.get(hub__code="14")
    assert bureau.get(reverse("plan_return", args=[other.pk])).status_code == 200
    return_plan(actor=SYSTEM, plan=other, reason="理由")
    for plan in (other, Plan.objects.get(hub__code="13")):
        answer = bureau.get(reverse("plan_return", args=[plan.pk]))
        assert answer.status_code == 409
        assert f'href="{reverse("plan_detail", args=[plan.pk])}"' in answer.text
        assert answer.text.count("確認してください") == 1
    open_month = MonthlyReport.objects.get(month=date(2026, 6, 1))
    answer = chief.get(reverse("correction_new", args=[open_month.pk]))
    assert answer.status_code == 409
    assert "修正の申請は確認済の月だけが対象です" in answer.text
    grid = reverse("results_grid", args=[year.pk, open_month.hub_id])
    assert f'href="{grid}"' in answer.text
    done = MonthlyReport.objects.get(month=date(2026, 4, 1))
    assert chief.get(reverse("correction_new", args=[done.pk])).status_code == 200
    answer = bureau.get(reverse("month_return", args=[done.pk]))
    assert "確認済の月の数値を直すときは、修正を申請します。" in answer.text
    assert f'href="{reverse("month_detail", args=[done.pk])}"' in answer.text
