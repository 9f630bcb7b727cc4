"""Sending back with remarks on single figures; answering, taking back, confirming in one act."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from hubs.results import operations
from hubs.results.models import MonthlyReport, ReturnRemark
from hubs.results.queries import results_grid
from hubs.results.queries.doubts import doubts_in
from tests.hubs.year import SYSTEM, accepted, entered, hub, open_year
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]
APRIL, MAY, JUNE = date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)


def sent(month=APRIL, code="13", **values):
    report = entered(month, code, **values)
    return operations.submit_month(actor=SYSTEM, report=report)


def returned(report, actor=SYSTEM, **remarks):
    return operations.return_month(
        actor=actor, report=report, reason="確かめてください", remarks=remarks
    )


def test_remarks_are_kept_with_their_round_and_the_figure_they_ask_about(cast):
    open_year()
    report = returned(sent(), cast.bureau_kanto.scope, CONS="多すぎませんか", NETW=" ")
    assert report.return_reason == "確かめてください"
    operations.answer_remarks(actor=SYSTEM, report=report, answers={"CONS": "催事です"})
    operations.submit_month(actor=SYSTEM, report=report)
    report = returned(report, cast.body_tokyo.scope, SOLVE="根拠は")
    rows = list(ReturnRemark.objects.filter(report=report).order_by("round", "pk"))
    assert [(row.round, str(row.indicator or ""), row.text, row.value) for row in rows] == [
        (1, "", "確かめてください", None),
        (1, "相談対応件数", "多すぎませんか", 300),
        (2, "", "確かめてください", None),
        (2, "課題解決件数", "根拠は", 90),
    ]
    assert rows[1].answer == "催事です"
    assert rows[1].by_name == cast.bureau_kanto.scope.label
    cells = {
        cell.column.key: cell for cell in results_grid(hub("13"), report.term).row(APRIL).cells
    }
    assert cells["SOLVE"].aside.remark.text == "根拠は"
    assert cells["CONS"].aside.remark is None


@pytest.mark.parametrize("met", ["answered", "changed"])
def test_a_remark_stands_in_the_way_until_it_is_met(met):
    open_year()
    report = returned(sent(), CONS="多すぎませんか")
    with pytest.raises(NotReady) as refusal:
        operations.submit_month(actor=SYSTEM, report=report)
    assert "相談対応件数への指摘" in refusal.value.missing[0].text
    if met == "answered":
        operations.answer_remarks(actor=SYSTEM, report=report, answers={"CONS": "催事です"})
    else:
        entered(APRIL, CONS="290")
    again = MonthlyReport.objects.get(pk=report.pk)
    assert operations.submit_month(actor=SYSTEM, report=again).state == "submitted"


def test_an_unknown_column_is_refused_and_nothing_is_sent_back():
    open_year()
    report = sent()
    with pytest.raises(InvalidInput):
        returned(report, XYZ="何か")
    assert MonthlyReport.objects.get().state == "submitted"


def test_answers_are_the_hubs_and_end_with_the_sending(cast):
    open_year()
    report = returned(sent(), CONS="多すぎませんか")
    for actor in cast.all():
        if actor.key != "cc_tokyo":
            with pytest.raises(Refused):
                operations.answer_remarks(
                    actor=actor.scope, report=report, answers={"CONS": "他人の回答"}
                )
    mine = {"actor": cast.cc_tokyo.scope, "report": report}
    assert len(operations.answer_remarks(answers={"CONS": "催事です"}, **mine)) == 1
    assert operations.answer_remarks(answers={"CONS": "催事です"}, **mine) == []
    operations.submit_month(actor=SYSTEM, report=report)
    with pytest.raises(Conflict, match="提出済"):
        operations.answer_remarks(answers={"CONS": "後から"}, **mine)


def test_triggers_hold_remarks():
    open_year()
    report = returned(sent(), CONS="多すぎませんか")
    row = ReturnRemark.objects.get(indicator__code="CONS")
    operations.answer_remarks(actor=SYSTEM, report=report, answers={"CONS": "催事です"})
    for change in ({"text": "別"}, {"round": 2}, {"by_name": "別人"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            ReturnRemark.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        ReturnRemark.objects.filter(pk=row.pk).delete()
    for act in (operations.submit_month, operations.confirm_month, operations.accept_month):
        act(actor=SYSTEM, report=report)
    with pytest.raises(DatabaseError), transaction.atomic():
        ReturnRemark.objects.filter(pk=row.pk).update(answer="後から")
    with pytest.raises(DatabaseError), transaction.atomic():
        ReturnRemark.objects.create(report=report, round=2, text="後から", by_name="誰か")


def test_the_hub_takes_back_what_the_body_has_not_confirmed(cast):
    open_year()
    report = sent()
    first = report.first_submitted_at
    for actor in cast.all():
        if actor.key != "cc_tokyo":
            with pytest.raises(Refused):
                operations.withdraw_month(actor=actor.scope, report=report)
    back = operations.withdraw_month(actor=cast.cc_tokyo.scope, report=report)
    assert (back.state, back.submitted_at, back.first_submitted_at) == ("open", None, first)
    operations.submit_month(actor=SYSTEM, report=back)
    operations.confirm_month(actor=SYSTEM, report=back)
    with pytest.raises(Conflict, match="提出の取下げ"):
        operations.withdraw_month(actor=cast.cc_tokyo.scope, report=back)


def test_remarks_and_answers_through_the_screens(cast, sign_in):
    term = open_year()
    report = sent()
    bureau, chief = sign_in(cast.bureau_kanto), sign_in(cast.cc_tokyo)
    url = reverse("month_return", args=[report.pk])
    assert "相談対応件数への指摘" in bureau.get(url).text
    assert bureau.post(url, {"remark-CONS": "多すぎませんか"}).status_code == 422
    posted = {"reason": "確かめてください", "remark-CONS": "多すぎませんか"}
    assert bureau.post(url, posted).status_code == 302
    grid = reverse("results_grid", args=[term.pk, hub("13").pk])
    page = chief.get(grid).text
    assert "多すぎませんか" in page
    assert 'name="a-202604-CONS"' in page
    assert 'name="a-202604-CONS"' not in bureau.get(grid).text
    saved = chief.post(
        reverse("results_autosave", args=[term.pk, hub("13").pk]),
        {"a-202604-CONS": "催事です", "v-202604": "1"},
        headers={"HX-Trigger-Name": "a-202604-CONS"},
    )
    assert (saved.status_code, "保存しました" in saved.text) == (200, True)
    assert ReturnRemark.objects.get(indicator__code="CONS").answer == "催事です"
    month = chief.get(reverse("month_detail", args=[report.pk])).text
    assert "催事です" in month
    assert chief.post(reverse("month_submit", args=[report.pk])).status_code == 302
    assert chief.post(reverse("month_withdraw", args=[report.pk])).status_code == 302


def test_a_saved_reason_brings_no_second_field(cast, sign_in):
    term = open_year()
    for month in (APRIL, MAY):
        entered(month)
    report = entered(JUNE, CONS="900")
    saved = sign_in(cast.cc_tokyo).post(
        reverse("results_autosave", args=[term.pk, hub("13").pk]),
        {"r-202606-CONS": "催事", "v-202606": str(report.version)},
        headers={"HX-Trigger-Name": "r-202606-CONS"},
    )
    assert saved.status_code == 200
    assert 'name="r-202606-CONS"' not in saved.text


def test_the_bulk_list_leaves_doubtful_months_unticked_and_refuses_as_a_whole(cast, sign_in):
    term = open_year()
    accepted(APRIL)
    accepted(MAY, CONS="310", VISIT="210", SOLVE="95", NETW="42")
    plain = sent(JUNE, CONS="305", VISIT="205", SOLVE="92", NETW="44")
    jump = sent(APRIL, "14", CONS="900")
    sent(MAY, "14")
    sent(JUNE, "14", CONS="305", VISIT="205", SOLVE="92", NETW="44")
    for report in MonthlyReport.objects.filter(state="submitted"):
        operations.confirm_month(actor=SYSTEM, report=report)
    url = reverse("results_accept_many", args=[term.pk])
    bureau = sign_in(cast.bureau_kanto)
    page = bureau.get(url).text
    assert f'value="{plain.pk}" checked' in page
    assert f'value="{jump.pk}"' in page
    assert f'value="{jump.pk}" checked' not in page
    assert "±50%" in page
    assert bureau.post(url, {}).status_code == 422
    assert bureau.post(url, {"reports": ["999999"]}).status_code == 422
    # One of the two has been sent back meanwhile: nothing is accepted, the refusal names the hub.
    operations.return_month(actor=SYSTEM, report=jump, reason="確認")
    refused = bureau.post(url, {"reports": [str(plain.pk), str(jump.pk)]})
    assert refused.status_code == 409
    assert "神奈川県よろず支援拠点" in refused.text
    assert MonthlyReport.objects.get(pk=plain.pk).state == "confirmed"
    assert bureau.post(url, {"reports": [str(plain.pk)]}).status_code == 302
    assert MonthlyReport.objects.get(pk=plain.pk).state == "accepted"


def test_doubts_cost_the_same_for_any_number_of_months(django_assert_num_queries):
    term = open_year()
    reports = [sent(APRIL), sent(MAY), sent(APRIL, "14"), sent(MAY, "04", CONS="900")]
    with django_assert_num_queries(6):
        few = doubts_in(reports[:1], term)
    with django_assert_num_queries(6):
        many = doubts_in(reports, term)
    assert few == {reports[0].pk: []}
    assert set(many) == {report.pk for report in reports}


def test_contradictions_are_shown_at_the_figure(cast, sign_in):
    term = open_year()
    entered(APRIL, VISIT="301")
    page = sign_in(cast.cc_tokyo).get(reverse("results_grid", args=[term.pk, hub("13").pk])).text
    assert "来訪相談者数（301）が相談対応件数（300）を超えています。" in page
