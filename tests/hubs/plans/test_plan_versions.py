"""A finalized plan is a version: written once, held by triggers, the same on screen and paper."""

import io
import json
import re

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from hubs.plans import operations
from hubs.plans.models import Plan, PlanSubmission, PlanVersion, VersionKind
from hubs.plans.papers import paper_html, paper_pdf
from hubs.plans.queries import content_of, plan_content, plan_in_force, with_content
from hubs.plans.queries.editions import current_edition
from tests.core.test_pdf import text_of
from tests.hubs.year import SYSTEM, fixed_plan, hub, month, open_year, written_plan
from yorozu.core import clock
from yorozu.core.canonical import canonical_hash, canonical_json

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]


def test_finalizing_writes_the_first_version_with_everything_agreed():
    plan = fixed_plan(open_year())
    version = PlanVersion.objects.get()
    assert (version.plan, version.number, version.kind) == (plan, 1, VersionKind.ORIGINAL)
    assert version.effective_month == month(2026, 4)
    assert version.content_hash == plan.content_hash == canonical_hash(content_of(version))
    assert version.content == canonical_json(plan_content(with_content(plan)))
    content = content_of(version)
    assert [(row["code"], row["name"], row["value"]) for row in content["targets"]] == [
        ("CONS", "相談対応件数", 3600),
        ("VISIT", "来訪相談者数", 2400),
        ("SOLVE", "課題解決件数", 1080),
        ("NETW", "ネットワーク活動件数", 480),
    ]
    assert [row["name"] for row in content["focus_areas"]] == ["事業承継", "販路開拓"]
    assert content["interview"]["minutes"] == "目標に合意した。"
    held = plan_in_force(hub("13"), plan.term, month(2026, 4))
    assert (held.number, held.agreed.year_target("F1"), held.label) == (1, 60, "第1版（当初）")
    assert plan_in_force(hub("14"), plan.term) is None


def test_a_refused_finalization_leaves_no_version():
    plan = written_plan(open_year())
    operations.submit_plan(actor=SYSTEM, plan=plan)
    with pytest.raises(Exception, match="確定"):
        operations.finalize_plan(actor=SYSTEM, plan=plan)
    assert not PlanVersion.objects.exists()


def test_every_submission_is_kept():
    plan = written_plan(open_year())
    operations.submit_plan(actor=SYSTEM, plan=plan)
    operations.return_plan(actor=SYSTEM, plan=plan, reason="目標を見直す")
    plan.refresh_from_db()
    operations.save_plan(
        actor=SYSTEM, plan=plan, values={"target_CONS": "4000"}, version=plan.version
    )
    operations.submit_plan(actor=SYSTEM, plan=plan)
    rows = list(PlanSubmission.objects.order_by("number"))
    values = [content_of(row)["targets"][0]["value"] for row in rows]
    assert [(row.number, value) for row, value in zip(rows, values, strict=True)] == [
        (1, 3600),
        (2, 4000),
    ]
    assert all(row.content_hash == canonical_hash(content_of(row)) for row in rows)


def raw(sql):
    return lambda plan, other: connection.cursor().execute(sql, {"plan": plan.pk})


def make_version(plan, **values):
    fields = {
        "plan": plan,
        "number": 1,
        "kind": VersionKind.ORIGINAL,
        "effective_month": month(2026, 4),
        "content": "{}",
        "content_hash": plan.content_hash or "0" * 64,
        "finalized_at": clock.now(),
    }
    return PlanVersion.objects.create(**{**fields, **values})


BYPASSES = {
    "version update": lambda plan, other: PlanVersion.objects.update(content="{}"),
    "version raw": raw("UPDATE hubs_planversion SET reason = 'x' WHERE plan_id = %(plan)s"),
    "version delete": lambda plan, other: PlanVersion.objects.all()._raw_delete("default"),
    "submission update": lambda plan, other: PlanSubmission.objects.update(content="{}"),
    "submission delete": raw("DELETE FROM hubs_plansubmission WHERE plan_id = %(plan)s"),
    "submission of a plan not submitted": lambda plan, other: PlanSubmission.objects.create(
        plan=plan, number=2, submitted_at=clock.now(), content="{}", content_hash="0" * 64
    ),
    "second original": lambda plan, other: make_version(plan, number=3),
    "original of a draft": lambda plan, other: make_version(other),
    "original with another hash": lambda plan, other: make_version(other, content_hash="1" * 64),
}


@pytest.mark.parametrize("way", sorted(BYPASSES))
def test_versions_and_submissions_are_held_by_the_database(way):
    term = open_year()
    plan, other = fixed_plan(term), written_plan(term, "14")
    before = list(PlanVersion.objects.values_list("content", "number"))
    with pytest.raises(DatabaseError), transaction.atomic():
        BYPASSES[way](plan, other)
    assert list(PlanVersion.objects.values_list("content", "number")) == before
    assert PlanSubmission.objects.count() == 1


PAGES = ("plan_versions", "plan_version", "plan_version_print", "plan_difference")
READERS = {"agency", "bureau_kanto", "hq", "hq_second", "pm_kanto", "cc_tokyo", "co_tokyo"}
READERS |= {"body_tokyo", "auditor"}
STRANGERS = {"bureau_tohoku", "cc_kanagawa", "cc_miyagi", "body_miyagi"}


@pytest.mark.once
def test_every_page_by_the_whole_cast(cast, sign_in):
    plan = fixed_plan(open_year())
    for actor in cast.all():
        client = sign_in(actor)
        wanted = 200 if actor.key in READERS else 404 if actor.key in STRANGERS else 403
        for name in PAGES:
            args = (
                [plan.pk, 1]
                if name.startswith("plan_version_") or name == "plan_version"
                else [plan.pk]
            )
            answer = client.get(reverse(name, args=args))
            assert answer.status_code == wanted, (actor.key, name)
        record = client.get(reverse("plan_version_json", args=[plan.pk, 1]))
        assert record.status_code == (403 if actor.key == "co_tokyo" else wanted), actor.key
        if wanted == 200:
            page = client.get(reverse("plan_version", args=[plan.pk, 1])).content.decode()
            assert ("目標に合意した。" in page) == (actor.key != "co_tokyo"), actor.key
            assert (
                "目標に合意した。"
                in client.get(reverse("plan_print", args=[plan.pk])).content.decode()
            ) == (actor.key != "co_tokyo")


def test_a_version_that_is_not_there_is_404(cast, sign_in):
    plan = fixed_plan(open_year())
    client = sign_in(cast.cc_tokyo)
    assert client.get(reverse("plan_version", args=[plan.pk, 2])).status_code == 404
    for query in ("old=v9", "old=x", "new=s²", "old=v1&new=last"):
        address = reverse("plan_difference", args=[plan.pk])
        assert client.get(f"{address}?{query}").status_code == 404, query


def figures_in(html: str) -> list[str]:
    """Every cell of every table, in order."""
    cells = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", html, re.DOTALL)
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells]


def test_screen_print_and_pdf_carry_the_same_figures(cast, sign_in):
    plan = fixed_plan(open_year())
    client = sign_in(cast.cc_tokyo)
    screen = client.get(reverse("plan_version", args=[plan.pk, 1])).content.decode()
    detail = client.get(reverse("plan_detail", args=[plan.pk])).content.decode()
    paper = client.get(reverse("plan_version_print", args=[plan.pk, 1])).content.decode()
    edition = current_edition(Plan.objects.get(pk=plan.pk))
    signs = ["拠点", "実施機関", "経済産業局"]
    assert figures_in(screen) == figures_in(detail)
    on_paper = figures_in(paper)
    assert on_paper[-6:-3] == signs
    assert on_paper[:-6] == figures_in(screen)
    assert figures_in(paper_html(edition, minutes=True)) == on_paper
    printed = re.sub(r"\s", "", text_of(paper_pdf(edition, minutes=True)))
    for figure in ("3,600", "2,400", "1,080", "480", "60", "24", "0.60", plan.content_hash):
        assert figure in printed
    for words in ("令和8年度事業計画書", "第1版", "関東経済産業局長", "1/", "様式第1号"):
        assert words in printed


def test_paper_names_what_is_not_yet_agreed(cast, sign_in):
    plan = written_plan(open_year())
    page = sign_in(cast.cc_tokyo).get(reverse("plan_print", args=[plan.pk])).content.decode()
    assert "この計画はまだ確定していません。" in page
    assert "まだ記録がありません。" in page


def record_of(client, plan):
    return client.get(reverse("plan_version_json", args=[plan.pk, 1])).content


def check(path):
    out = io.StringIO()
    try:
        call_command("check_plan", *([str(path)] if path else []), stdout=out)
    except SystemExit as left:
        return int(left.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_a_stranger_recomputes_the_hash(cast, sign_in, tmp_path):
    plan = fixed_plan(open_year())
    file = tmp_path / "plan.json"
    file.write_bytes(record_of(sign_in(cast.cc_tokyo), plan))
    code, said = check(file)
    assert (code, said.splitlines()[-1]) == (0, "一致しました。")
    assert plan.content_hash in said
    assert check(None) == (0, "一致しました。\n")


CHANGES = {
    "a target": lambda record: record["content"]["targets"][0].update(value=3000),
    "the hash too": lambda record: (
        record["content"]["targets"][0].update(value=3000),
        record.update(content_hash=canonical_hash(record["content"])),
    ),
    "the year of the head": lambda record: record.update(fiscal_year=2025),
    "the month of the head": lambda record: record.update(effective_month="2026-10"),
    "the number of the head": lambda record: record.update(number=2),
}


@pytest.mark.parametrize("change", sorted(CHANGES))
def test_a_changed_record_is_found(cast, sign_in, tmp_path, change):
    plan = fixed_plan(open_year())
    record = json.loads(record_of(sign_in(cast.cc_tokyo), plan))
    CHANGES[change](record)
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    code, said = check(file)
    assert (code, said.splitlines()[-1]) == (1, "一致しません。")


def test_the_difference_shows_marked_words_and_numbers(cast, sign_in):
    last = fixed_plan(open_year(2025))
    plan = written_plan(
        open_year(2026),
        business_plan="事業承継と<海外>展開に取り組む。",
        target_CONS="4000",
    )
    assert last.term.fiscal_year == 2025
    client = sign_in(cast.bureau_kanto)
    address = reverse("plan_difference", args=[plan.pk])
    page = client.get(f"{address}?old=last&new=now").content.decode()
    assert "<del>販路開拓</del>" in page
    assert "<ins>&lt;海外&gt;展開</ins>" in page
    cells = figures_in(page)
    place = cells.index("相談対応件数")
    assert cells[place : place + 5] == ["相談対応件数", "3,600", "4,000", "+400", "件"]
    assert "変わらないもの：地域分析" in page
    paper = client.get(reverse("plan_difference_print", args=[plan.pk]) + "?old=last&new=now")
    assert figures_in(paper.content.decode()) == cells


def test_the_bureau_sees_what_changed_since_the_plan_went_back(cast, sign_in):
    plan = written_plan(open_year())
    operations.submit_plan(actor=SYSTEM, plan=plan)
    client = sign_in(cast.bureau_kanto)
    detail = reverse("plan_detail", args=[plan.pk])
    assert "提出から変わったところ" not in client.get(detail).content.decode()
    operations.return_plan(actor=SYSTEM, plan=plan, reason="目標を見直す")
    plan.refresh_from_db()
    operations.save_plan(actor=SYSTEM, plan=plan, values={"f1_target": "90"}, version=plan.version)
    operations.submit_plan(actor=SYSTEM, plan=plan)
    page = client.get(detail).content.decode()
    link = f"{reverse('plan_difference', args=[plan.pk])}?old=s1&amp;new=now"
    assert link in page
    cells = figures_in(client.get(link.replace("&amp;", "&")).content.decode())
    place = cells.index("事業承継")
    assert cells[place : place + 4] == ["事業承継", "60", "90", "+30"]
