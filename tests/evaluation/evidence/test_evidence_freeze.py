"""Freezing: what stands in the way, number and chain, and that a book never changes."""

import hashlib
import json
from datetime import date, datetime

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from evaluation.evidence import readings, tasks
from evaluation.evidence.models import EvidenceBook
from evaluation.evidence.operations import (
    freeze_book,
    freeze_books,
    in_operation,
    write_books,
)
from evaluation.evidence.queries import GENESIS, broken_books, collect, content_of, standing
from evaluation.evidence.rules import engine_hub
from evaluation.evidence.tables import book_tables
from evaluation.hearings.models import Hearing, Rating
from evaluation.scoring.rules import v1
from evaluation.scoring.rules.facts import facts_of
from evaluation.surveys.models import PartnerAssessment, SatisfactionSurvey
from hubs.network.models import CommissionContract, Hub, ImplementingBody, RegionalFigure
from hubs.people.models import Engagement, Person
from hubs.plans.models import Plan
from hubs.results.models import MonthlyReport, MonthlyResult
from tests.evaluation.evidence_ground import (
    AS_OF,
    YEAR,
    make_month,
    make_partner,
    make_plan,
    make_year,
)
from yorozu.core import guards
from yorozu.core.access import system_scope
from yorozu.core.audit.models import AuditEvent
from yorozu.core.canonical import canonical_hash
from yorozu.core.errors import InvalidInput, NotReady, Refused
from yorozu.core.jobs.models import Job, JobState

SYSTEM = system_scope("試験")


@pytest.fixture(autouse=True)
def _after_the_term():
    with time_machine.travel(datetime.fromisoformat("2026-05-01T10:00:00+09:00"), tick=True):
        yield


@pytest.fixture
def term(facts):
    return make_year()


@pytest.fixture
def tokyo(facts):
    return Hub.objects.get(code="13")


def freeze(term, hub, as_of=AS_OF):
    return freeze_book(SYSTEM, hub=hub, term=term, as_of=as_of)


def missing(term, hub, as_of=AS_OF):
    with pytest.raises(NotReady) as caught:
        freeze(term, hub, as_of)
    assert not EvidenceBook.objects.exists()
    return [item.text for item in caught.value.missing]


def test_a_book_holds_every_value_with_its_source(term, tokyo):
    book = freeze(term, tokyo)
    content = content_of(book)
    cons = content["results"]["indicators"][0]
    assert (cons["code"], cons["total"], len(cons["months"])) == ("CONS", 1200, 12)
    april = cons["months"][0]
    assert (april["month"], april["value"]) == ("2025-04", 100)
    assert april["source"]["table"] == "hubs_monthlyresult"
    assert (april["source"]["import_batch"], april["source"]["row"]) == (7, 4)
    assert content["results"]["focus_areas"][0]["total"] == 48
    assert content["satisfaction"]["levels"] == [0, 2, 10, 60, 48]
    assert content["partners"][0]["value"] == "4.00"
    assert content["plan"]["content_hash"] == "a" * 64
    assert all(sources(content))


def sources(value):
    """Every value's source must name a table and an id."""
    if isinstance(value, dict):
        if "source" in value:
            yield bool(value["source"]["table"] and value["source"]["id"])
        for entry in value.values():
            yield from sources(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from sources(entry)


def test_the_hash_is_that_of_the_text_and_the_engine_can_read_the_book(term, tokyo):
    book = freeze(term, tokyo)
    assert book.content_hash == hashlib.sha256(book.content.encode()).hexdigest()
    assert "." not in json.dumps(list(_numbers(json.loads(book.content))))
    given = engine_hub(content_of(book))
    given["indicators"] = {**given["indicators"]}
    scored = v1.score({"hubs": [given]})["hubs"][0]
    assert scored["code"] == "13"


def _numbers(value):
    if isinstance(value, dict):
        for entry in value.values():
            yield from _numbers(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _numbers(entry)
    elif isinstance(value, int | float):
        yield value


def test_equal_content_gives_the_last_book_and_no_event(term, tokyo):
    first = freeze(term, tokyo)
    assert freeze(term, tokyo) == first
    assert EvidenceBook.objects.count() == 1
    assert AuditEvent.objects.filter(action="evaluation.evidence.freeze").count() == 1


def test_a_change_gives_the_next_number_chained_to_the_one_before(term, tokyo):
    first = freeze(term, tokyo)
    SatisfactionSurvey.objects.update(sent=301)
    second = freeze(term, tokyo)
    assert (first.number, first.previous_hash) == (1, GENESIS)
    assert (second.number, second.previous_hash) == (2, first.content_hash)
    assert broken_books(term) == []


def test_no_plan_and_an_unfinalized_plan_stand_in_the_way(term, facts):
    osaka = Hub.objects.get(code="27")
    assert "事業計画がありません。" in missing(term, osaka)[0]
    make_plan(osaka, term, finalized=False)
    assert "事業計画が確定していません（現在：作成中）。" in missing(term, osaka)[0]


def test_open_months_are_listed_by_name_and_state(term, facts):
    osaka = Hub.objects.get(code="27")
    plan = make_plan(osaka, term)
    for month in range(4, 13):
        make_month(osaka, term, plan, date(2025, month, 1), accepted=month != 6)
    [text] = [one for one in missing(term, osaka) if "月次実績" in one]
    assert "6月（入力中）、1月（未入力）、2月（未入力）、3月（未入力）" in text


def test_a_provisional_cut_owes_only_the_months_that_are_over(term, facts):
    osaka = Hub.objects.get(code="27")
    plan = make_plan(osaka, term)
    for month in range(4, 13):
        make_month(osaka, term, plan, date(2025, month, 1))
    texts = missing(term, osaka, date(2025, 12, 31))
    assert not [one for one in texts if "月次実績" in one]


def test_a_late_opened_hub_owes_only_its_months_in_operation(term, tokyo):
    Hub.objects.filter(pk=tokyo.pk).update(opened_on=date(2025, 9, 1))
    content = content_of(freeze(term, tokyo))
    assert content["hub"]["months"][0] == "2025-09"
    assert engine_hub(content)["months"] == 7
    assert content["results"]["indicators"][0]["total"] == 700


def test_a_missing_survey_or_hearing_stands_in_the_way(term, tokyo):
    SatisfactionSurvey.objects.all().delete()
    Rating.objects.all().delete()
    Hearing.objects.all().delete()
    texts = missing(term, tokyo)
    assert any("顧客満足度調査の集計がありません" in text for text in texts)
    assert any("ヒアリングの評点がありません" in text for text in texts)
    assert len(texts) == 2


def test_zero_returned_is_frozen_as_zero(term, tokyo):
    SatisfactionSurvey.objects.update(
        returned=0, level_1=0, level_2=0, level_3=0, level_4=0, level_5=0
    )
    content = content_of(freeze(term, tokyo))
    assert content["satisfaction"]["levels"] == [0, 0, 0, 0, 0]


def test_no_partner_file_of_the_term_stands_in_the_way_but_a_hub_without_raters_does_not(
    term, tokyo
):
    row = PartnerAssessment.objects.get()
    row.delete()
    assert "支援機関による評価がまだ取り込まれていません。" in missing(term, tokyo)[0]
    make_partner(Hub.objects.get(code="27"), term, "別の機関", "3.00")
    assert content_of(freeze(term, tokyo))["partners"] == []


def test_each_gap_leads_to_the_page_that_closes_it(term, facts):
    [found] = collect(term, AS_OF, [Hub.objects.get(code="27")])
    assert found.content is None
    pages = {gap.page for gap in found.gaps}
    assert pages == {"plan_list", "results_grid", "survey_term", "hearing_term"}
    assert all(gap.url.startswith("/") for gap in found.gaps)


def test_contract_body_and_regional_figures_are_frozen_and_the_own_body_left_out(term, tokyo):
    body = ImplementingBody.objects.create(name="サンプル商工会議所")
    CommissionContract.objects.create(
        hub=tokyo,
        implementing_body=body,
        fiscal_year=YEAR,
        amount_yen=60_000_000,
        starts_on=date(YEAR, 4, 1),
        ends_on=date(YEAR + 1, 3, 31),
    )
    for year, value in ((2016, 1), (2021, 411_600)):
        RegionalFigure.objects.create(
            hub=tokyo, code="smes", year=year, value=value, unit="者", source="統計"
        )
    content = content_of(freeze(term, tokyo))
    assert content["contracts"][0]["amount_yen"] == 60_000_000
    assert [(f["year"], f["value"]) for f in content["regional_figures"]] == [(2021, 411_600)]
    # The contract came after the import: the body is left out all the same.
    assert content["partners"][0]["is_excluded"]
    assert engine_hub(content)["partners"] == []


def test_contracts_of_coordinators_are_frozen_with_their_days_up_to_the_cut(term, tokyo):
    person = Person.objects.create(name="配役 太郎", name_key="配役太郎")
    for role, starts_on, ends_on in (
        ("CC", date(2017, 4, 1), None),
        ("CO", date(2025, 12, 1), None),
        ("CO", date(2024, 4, 1), date(2025, 4, 30)),
        ("CO", date(2023, 4, 1), date(2025, 3, 31)),
        ("CO", date(2026, 4, 1), None),
    ):
        Engagement.objects.create(
            person=person, hub=tokyo, role=role, starts_on=starts_on, ends_on=ends_on
        )
    content = content_of(freeze(term, tokyo, AS_OF))
    assert [(row["role"], row["days"]) for row in content["coordinators"]] == [
        ("CC", 365),
        ("CO", 30),
        ("CO", 121),
    ]
    assert "太郎" not in str(content), "days, no names"
    table = book_tables(content, may_open_imports=False)["coordinators"]
    assert [(row["contracts"], row["days"]) for row in table.rows] == [(1, 365), (2, 151)]
    [fact] = [one for one in facts_of(content) if one.path == "coordinators"]
    assert (fact.shown, fact.note) == ("516日", "3件の契約の計、令和8年3月31日まで")


def test_a_cut_in_the_future_or_before_the_term_is_refused(term, tokyo):
    for as_of in (date(2026, 5, 2), date(2025, 3, 31)):
        with pytest.raises(InvalidInput):
            freeze(term, tokyo, as_of)
    assert "運営した月がありません" in missing(term, tokyo, date(2025, 4, 29))[0]


NOT_HQ = ("bureau_kanto", "cc_tokyo", "agency", "auditor", "admin", "nobody")


@pytest.mark.once
@pytest.mark.parametrize("key", NOT_HQ)
def test_only_headquarters_freezes(cast, key):
    term, scope = make_year(), cast.actors[key].scope
    with pytest.raises(Refused):
        freeze_book(scope, hub=Hub.objects.get(code="13"), term=term, as_of=AS_OF)
    with pytest.raises(Refused):
        freeze_books(scope, term=term, as_of=AS_OF)
    assert not EvidenceBook.objects.exists()


def only_hubs(*codes):
    """The other hubs open after the term, so they owe nothing."""
    Hub.objects.exclude(code__in=codes).update(opened_on=date(2027, 4, 1))


def freeze_all(run, actor, term):
    with run(execute=True):
        job = freeze_books(actor, term=term, as_of=AS_OF)
    job.refresh_from_db()
    return job


def test_all_hubs_are_frozen_by_one_job_and_a_second_run_makes_no_new_book(
    cast, django_capture_on_commit_callbacks
):
    term = make_year(("13", "27", "47"))
    only_hubs("13", "27", "47")
    actor = cast.hq.scope
    job = freeze_all(django_capture_on_commit_callbacks, actor, term)
    assert (job.state, job.result) == (JobState.SUCCEEDED, {"books": 3, "new": 3, "unchanged": 0})
    assert (job.progress_done, job.progress_total) == (3, 3)
    again = freeze_all(django_capture_on_commit_callbacks, actor, term)
    assert again.pk != job.pk
    assert again.result == {"books": 3, "new": 0, "unchanged": 3}
    assert EvidenceBook.objects.count() == 3
    assert {book.frozen_by_name for book in EvidenceBook.objects.all()} == {actor.label}


def test_one_hub_with_a_gap_keeps_all_books_from_being_frozen(cast):
    term = make_year(("13", "27"))
    only_hubs("13", "27")
    Hearing.objects.filter(hub__code="27").delete()
    with pytest.raises(NotReady) as caught:
        freeze_books(cast.hq.scope, term=term, as_of=AS_OF)
    assert [item.text for item in caught.value.missing] == [
        "大阪府よろず支援拠点：ヒアリングの評点がありません。"
    ]
    assert not Job.objects.exists()


def test_data_that_moves_between_reading_and_writing_stops_the_job(
    cast, django_capture_on_commit_callbacks, monkeypatch
):
    term = make_year()
    only_hubs("13")
    write = tasks.write_books

    def moved(actor, **kwargs):
        SatisfactionSurvey.objects.update(sent=999)
        return write(actor, **kwargs)

    monkeypatch.setattr(tasks, "write_books", moved)
    job = freeze_all(django_capture_on_commit_callbacks, cast.hq.scope, term)
    assert job.state == JobState.FAILED
    assert "途中でデータが変わりました" in job.error
    assert not EvidenceBook.objects.exists()
    assert SatisfactionSurvey.objects.get().sent == 300


def test_a_double_click_gives_one_job(cast):
    term = make_year()
    only_hubs("13")
    first = freeze_books(cast.hq.scope, term=term, as_of=AS_OF)
    assert freeze_books(cast.hq.scope, term=term, as_of=AS_OF) == first


BYPASSES = {
    "save": lambda book: book.save(),
    "save one field": lambda book: book.save(update_fields=["content"]),
    "update": lambda book: EvidenceBook.objects.update(content="{}"),
    "bulk_update": lambda book: EvidenceBook.objects.bulk_update([book], ["content"]),
    "upsert": lambda book: EvidenceBook.objects.bulk_create(
        [book], update_conflicts=True, unique_fields=["id"], update_fields=["content"]
    ),
    "delete": lambda book: book.delete(),
    "delete all": lambda book: EvidenceBook.objects.all().delete(),
    "raw delete": lambda book: EvidenceBook.objects.all()._raw_delete("default"),
    "move to another hub": lambda book: EvidenceBook.objects.update(hub=Hub.objects.get(code="27")),
    "hash only": lambda book: EvidenceBook.objects.update(content_hash="0" * 64),
    "chain only": lambda book: EvidenceBook.objects.update(previous_hash="f" * 64),
    "SQL update": lambda book: sql("UPDATE evaluation_evidencebook SET content = '{}'"),
    "SQL delete": lambda book: sql("DELETE FROM evaluation_evidencebook"),
    "same number again": lambda book: EvidenceBook.objects.create(
        hub=book.hub,
        term=book.term,
        number=1,
        as_of=book.as_of,
        content="{}",
        content_hash="",
        previous_hash="",
        frozen_by_name="",
    ),
}


def sql(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("name", BYPASSES)
def test_a_frozen_book_is_changed_by_no_path(term, tokyo, name):
    book = freeze(term, tokyo)
    before = list(EvidenceBook.objects.values())
    book.content = "{}"
    with pytest.raises(DatabaseError), transaction.atomic():
        BYPASSES[name](book)
    assert list(EvidenceBook.objects.values()) == before


def test_a_book_that_was_tampered_with_is_named(term, tokyo):
    """The trigger is lifted, as somebody with the database's own rights could."""
    freeze(term, tokyo)
    SatisfactionSurvey.objects.update(sent=301)
    freeze(term, tokyo)
    held = [g for g in guards.REGISTERED["evaluation"] if g.table == "evaluation_evidencebook"]
    guards.remove(connection, held)
    EvidenceBook.objects.filter(number=1).update(content="{}", content_hash="1" * 64)
    faults = broken_books(term)
    guards.install(connection, held)
    assert any("第1号" in fault and "ハッシュと一致しません" in fault for fault in faults)
    assert any("第2号" in fault and "つながりません" in fault for fault in faults)


def test_the_live_data_may_move_on_and_the_book_stays(term, tokyo):
    book = freeze(term, tokyo)
    text = book.content
    SatisfactionSurvey.objects.update(sent=9_999)
    Rating.objects.update(score=0)
    book.refresh_from_db()
    assert book.content == text


def test_the_number_of_queries_does_not_grow_with_the_hubs(facts):
    term = make_year(("13", "27", "47"))
    hubs = list(Hub.objects.select_related("bureau", "prefecture"))
    with CaptureQueriesContext(connection) as one:
        collect(term, AS_OF, [hub for hub in hubs if hub.code == "13"])
    with CaptureQueriesContext(connection) as three:
        collect(term, AS_OF, hubs)
    assert len(three) == len(one)


def statements_of_a_freeze(term):
    """(statements that read, all statements) of reading and writing the books of the term."""
    seen = {one.hub.pk: canonical_hash(one.content) for one in in_operation(collect(term, AS_OF))}
    with CaptureQueriesContext(connection) as held, transaction.atomic():
        write_books(SYSTEM, term=term, as_of=AS_OF, seen=seen)
    texts = [row["sql"].lstrip() for row in held]
    reads = [text for text in texts if text.startswith("SELECT") and "pg_advisory" not in text]
    return len(reads), len(texts)


def test_freezing_all_books_reads_and_writes_in_sets(facts):
    """Twelve hubs cost as many statements as three: no query and no write per hub."""
    counts = []
    for year, codes in (
        (2024, ("13", "27", "47")),
        (2025, ("01", "02", "03", "04", "05", "06", "07", "08", "09", "13", "27", "47")),
    ):
        Hub.objects.update(opened_on=date(2027, 4, 1))
        Hub.objects.filter(code__in=codes).update(opened_on=date(2014, 4, 1))
        counts.append(statements_of_a_freeze(make_year(codes, fiscal_year=year)))
    assert EvidenceBook.objects.count() == 15
    assert counts[0] == counts[1]
    assert counts[0][0] <= 22


def test_the_list_names_the_last_book_and_what_is_missing(term, tokyo):
    freeze(term, tokyo)
    SatisfactionSurvey.objects.update(sent=301)
    second = freeze(term, tokyo)
    lines = {line.hub.code: line for line in standing(term, AS_OF, SYSTEM)}
    assert len(lines) == 47
    assert (lines["13"].book, lines["13"].books) == (second, 2)
    assert lines["13"].collected.gaps == []
    assert lines["27"].book is None
    assert lines["27"].collected.gaps


def test_plan_and_month_of_a_book_exist(term, tokyo):
    content = content_of(freeze(term, tokyo))
    assert Plan.objects.filter(pk=content["plan"]["source"]["id"]).exists()
    ids = [report["source"]["id"] for report in content["results"]["reports"]]
    assert MonthlyReport.objects.filter(pk__in=ids, hub=tokyo).count() == 12


def test_a_figure_beside_the_ledger_is_frozen_with_both_and_opens_its_month(term, tokyo):
    report = MonthlyReport.objects.get(hub=tokyo, month=date(2025, 4, 1))
    held = [row for row in guards.REGISTERED["hubs"] if row.table == "hubs_monthlyresult"]
    guards.remove(connection, held)
    MonthlyResult.objects.filter(report=report, indicator__code="CONS").update(counted=90)
    guards.install(connection, held)
    content = content_of(freeze(term, tokyo))
    april, may = content["results"]["indicators"][0]["months"][:2]
    assert (april["value"], april["counted"], april["drawn_from"]) == (100, 90, "declared")
    assert "counted" not in may
    assert readings.beside_ledger(april) == "申告（相談記録では90）"
    [table] = [
        one for one in readings.sources(content) if (one.component, one.item) == ("IND", "CONS")
    ]
    assert (table.rows[0].report_id, table.rows[0].state) == (report.pk, "申告（相談記録では90）")
    months = book_tables(content, may_open_imports=False)["months"]
    assert months.rows[0]["iCONS"].url == reverse("month_detail", args=[report.pk])


def test_a_gap_of_months_leads_to_the_grid_of_the_hub(term, tokyo):
    MonthlyReport.objects.create(hub=Hub.objects.get(code="27"), term=term, month=date(2025, 4, 1))
    [found] = collect(term, AS_OF, [Hub.objects.get(code="27")])
    [url] = [gap.url for gap in found.gaps if gap.page == "results_grid"]
    assert url == reverse("results_grid", args=[term.pk, found.hub.pk])
