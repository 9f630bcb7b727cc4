"""The list of a term with version, amendment and files, and the forms of all plans as one job."""

import io
import zipfile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hubs.plans import operations
from hubs.plans.queries import adequacy_of, plan_list, visible_plans
from hubs.plans.queries.adequacy import open_flag_counts
from tests.core.test_pdf import text_of
from tests.hubs.plans.test_amendment_flow import put
from tests.hubs.year import SYSTEM, accepted, fixed_plan, month, open_year, written_plan
from yorozu.core.errors import NotReady, Refused
from yorozu.core.jobs import runner
from yorozu.core.jobs.models import Job, JobState

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]


def test_the_list_names_version_and_amendment(cast, sign_in):
    term = open_year()
    plan = fixed_plan(term, "13")
    put("approved", plan, target_CONS="4200")
    put("submitted", plan, target_CONS="4300")
    written_plan(term, "14")
    rows = {row.hub.code: row for row in plan_list(cast.bureau_kanto.scope, term)}
    assert rows["13"].version.number == 2
    assert rows["13"].amendment.state == "submitted"
    assert (rows["14"].version, rows["14"].amendment) == (None, None)
    client = sign_in(cast.bureau_kanto)
    page = client.get(reverse("plan_list", args=[term.pk])).content.decode()
    assert "手続中の計画変更が1件" in page
    assert "令和8年12月から" in page
    lines = client.get(reverse("plan_export", args=[term.pk, "csv"])).content.decode("utf-8-sig")
    tokyo = next(line for line in lines.splitlines() if line.startswith("13,"))
    assert ",確定,4,2," in tokyo
    assert ",2,2026-12,2026-11-22,申請済," in tokyo
    assert len(lines.splitlines()) == len(rows) + 1
    book = client.get(reverse("plan_export", args=[term.pk, "xlsx"]))
    assert book.content.startswith(b"PK")
    assert client.get(reverse("plan_export", args=[term.pk, "pdf"])).status_code == 404


def test_the_list_costs_the_same_for_any_number_of_plans(cast):
    term, scope = open_year(), cast.hq.scope
    counts = []
    for code in ("13", "14", "04"):
        fixed_plan(term, code)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            for row in plan_list(scope, term):
                assert row.flag_count is None or row.flag_count >= 0
        counts.append(len(asked))
    assert counts[0] == counts[-1] == 4
    said = " ".join(query["sql"] for query in asked)
    assert not [name for name in ("regional_figures", "business_plan", '"content"') if name in said]


def test_targets_of_open_plans_are_checked_in_the_list_without_a_query_each(
    cast, sign_in, django_assert_num_queries
):
    open_year(2025)
    for number in range(4, 13):
        accepted(month(2025, number))
    term = open_year()
    plan = written_plan(term, "13", target_CONS="3000", target_VISIT="9000")
    page = sign_in(cast.bureau_kanto).get(reverse("plan_list", args=[term.pk]))
    rows = {row["hub"].sort_key: row for row in page.context["table"].rows}
    # 3,000 is below 0.9 of last year's 3,600, 9,000 above 1.5 of 2,400.
    flagged = [row["code"] for row in adequacy_of(plan) if row["flag"]]
    assert flagged == ["CONS", "VISIT"]
    assert (rows["13"]["flags"], rows["14"].get("flags")) == (2, None)
    written_plan(term, "14")
    plans = list(visible_plans(cast.hq.scope).filter(term=term))
    for some in (plans[:1], plans):
        with django_assert_num_queries(8):
            assert open_flag_counts(term, some)[plan.pk] == 2


@pytest.mark.once
def test_all_forms_of_a_bureau_come_as_one_zip(cast, sign_in):
    term = open_year()
    fixed_plan(term, "13")
    written_plan(term, "14")
    fixed_plan(term, "04")
    client = sign_in(cast.bureau_kanto)
    answer = client.post(reverse("plan_forms_start", args=[term.pk]))
    job = Job.objects.get(kind="plans.forms")
    assert answer["Location"] == reverse("job_detail", args=[job.pk])
    again = operations.start_forms(actor=cast.bureau_kanto.scope, term=term)
    assert again.pk == job.pk
    if job.state != JobState.SUCCEEDED:
        assert runner.run(job.pk) == JobState.SUCCEEDED, Job.objects.get(pk=job.pk).error
    job.refresh_from_db()
    assert job.result["count"] == 2
    page = client.get(reverse("job_detail", args=[job.pk])).text
    file = reverse("job_file", args=[job.pk])
    assert f'href="{file}"' in page
    archive = zipfile.ZipFile(io.BytesIO(b"".join(client.get(file).streaming_content)))
    assert archive.namelist() == [
        "13_東京都よろず支援拠点_令和8年度事業計画書_第1版.pdf",
        "14_神奈川県よろず支援拠点_令和8年度事業計画書_未確定.pdf",
    ]
    assert "3,600" in text_of(archive.read(archive.namelist()[0]))


def test_only_who_oversees_many_hubs_makes_all_forms(cast):
    term = open_year()
    fixed_plan(term, "13")
    for actor in cast.all():
        if actor.key in {"agency", "hq", "hq_second", "bureau_kanto"}:
            assert operations.start_forms(actor=actor.scope, term=term).kind == "plans.forms"
        elif actor.key == "bureau_tohoku":
            with pytest.raises(NotReady):
                operations.start_forms(actor=actor.scope, term=term)
        else:
            with pytest.raises(Refused):
                operations.start_forms(actor=actor.scope, term=term)


def test_no_plan_no_forms():
    with pytest.raises(NotReady, match="まだない"):
        operations.start_forms(actor=SYSTEM, term=open_year())
