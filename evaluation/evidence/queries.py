"""Gathers what judgement may read about a hub and term, with the source of every value."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.urls import NoReverseMatch, reverse

from evaluation.evidence.hearing_part import hearing_part
from evaluation.evidence.models import EvidenceBook
from evaluation.evidence.plan_part import plan_part
from evaluation.evidence.results_part import later_corrections, results_part
from evaluation.evidence.rules import FORMAT, operating_months
from evaluation.evidence.sources import source, stamp
from evaluation.evidence.stock import Facts
from evaluation.hearings.models import HearingState
from evaluation.surveys.models import SatisfactionSurvey
from evaluation.surveys.queries import EXCLUDED_REASON
from hubs.network.models import CommissionContract, Hub, RegionalFigure
from hubs.network.rules import operation_span
from hubs.people.rules import days_within
from hubs.plans.models import Plan, PlanState
from hubs.results.models import MonthlyReport, ReportState
from hubs.terms.models import Term
from yorozu.core import clock
from yorozu.core.access import Scope
from yorozu.core.canonical import parse_canonical, sha256_text
from yorozu.core.fiscal import last_day

GENESIS = "0" * 64


@dataclass(frozen=True)
class Gap:
    """Something a book needs and does not have, with the page where it is supplied."""

    text: str
    page: str = ""
    url: str = ""


@dataclass(frozen=True)
class Collected:
    """One hub's content, or what is missing for it; ``notes`` do not stand in the way."""

    hub: Hub
    months: list[date]
    content: dict[str, Any] | None
    gaps: list[Gap] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def page_of(name: str, *args: Any) -> str:
    """Address of a page of another slice, empty when there is no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def gap(text: str, page: str, *args: Any) -> Gap:
    """A gap with the page that closes it."""
    return Gap(text, page, page_of(page, *args))


def default_as_of(term: Term) -> date:
    """The cut offered first: the end of the fiscal year, or today while it still runs."""
    return min(clock.today(), last_day(term.fiscal_year))


def collect(term: Term, as_of: date, hubs: Sequence[Hub] | None = None) -> list[Collected]:
    """Contents (or gaps) of these hubs, of all when none are named; a fixed number of queries."""
    if hubs is None:
        hubs = list(Hub.objects.select_related("bureau", "prefecture"))
    facts = Facts(term, hubs, as_of)
    return [_collect(hub, facts, as_of) for hub in hubs]


def _day(value: date | None) -> str | None:
    return value.isoformat() if value is not None else None


def _collect(hub: Hub, facts: Facts, as_of: date) -> Collected:
    year = facts.term.fiscal_year
    contracts = [(row.starts_on, row.ends_on) for row in facts.contracts[hub.pk]]
    first, last = operation_span(hub.opened_on, hub.closed_on, contracts)
    months = operating_months(year, first, last, as_of)
    plan = facts.plans.get(hub.pk)
    reports = {row.month: row for row in facts.reports[hub.pk]}
    gaps = [
        *_plan_gaps(plan, hub, facts.term),
        *_month_gaps(months, reports, hub, facts.term),
        *_opinion_gaps(hub, facts),
    ]
    if gaps or plan is None:
        return Collected(hub, months, None, gaps)
    accepted = [reports[month] for month in months]
    content = {
        "format": FORMAT,
        "fiscal_year": year,
        "as_of": as_of.isoformat(),
        "hub": _hub_part(hub, months),
        "plan": plan_part(plan, facts),
        "results": results_part(accepted, plan, facts, as_of),
        "satisfaction": _satisfaction_part(facts.surveys[hub.pk]),
        "partners": _partners_part(hub, facts),
        "hearing": hearing_part(facts.hearings[hub.pk], facts),
        "contracts": [_contract(row) for row in facts.contracts[hub.pk]],
        "coordinators": _coordinators_part(hub, facts),
        "regional_figures": _figures_part(facts.figures[hub.pk]),
    }
    content["imports"] = _imports_part(content, facts.imports)
    if waves := _waves_part(hub, facts):
        content["waves"] = waves
    notes = _notes(content)
    if later := later_corrections(accepted, facts, as_of):
        notes.append(later)
    return Collected(hub, months, content, [], notes)


def _plan_gaps(plan: Plan | None, hub: Hub, term: Term) -> list[Gap]:
    if plan is None:
        return [gap("事業計画がありません。", "plan_list", term.pk)]
    if plan.state != PlanState.FINALIZED:
        text = f"事業計画が確定していません（現在：{plan.get_state_display()}）。"
        return [gap(text, "plan_detail", plan.pk)]
    return []


def _month_gaps(
    months: list[date], reports: dict[date, MonthlyReport], hub: Hub, term: Term
) -> list[Gap]:
    if not months:
        return [gap("基準日までに運営した月がありません。", "hub_detail", hub.code)]
    open_months = [
        month
        for month in months
        if month not in reports or reports[month].state != ReportState.ACCEPTED
    ]
    if not open_months:
        return []
    named = "、".join(_month_state(month, reports.get(month)) for month in open_months)
    return [gap(f"確認済でない月次実績：{named}。", "results_grid", term.pk, hub.pk)]


def _month_state(month: date, report: MonthlyReport | None) -> str:
    state = report.get_state_display() if report is not None else "未入力"
    return f"{month.month}月（{state}）"


def _opinion_gaps(hub: Hub, facts: Facts) -> list[Gap]:
    year = facts.term.fiscal_year
    gaps = []
    if hub.pk not in facts.surveys:
        text = "顧客満足度調査の集計がありません（回収0件も、0件として取り込みます）。"
        gaps.append(gap(text, "survey_term", year))
    if not facts.has_partners:
        gaps.append(gap("支援機関による評価がまだ取り込まれていません。", "partner_term", year))
    hearing = facts.hearings.get(hub.pk)
    if hearing is None:
        gaps.append(gap("ヒアリングの評点がありません。", "hearing_term", year))
    elif not hearing.is_filed and hearing.state != HearingState.SETTLED:
        text = f"ヒアリングが確定していません（現在：{hearing.get_state_display()}）。"
        gaps.append(gap(text, "hearing_hub", year, hub.code))
    return gaps


def _notes(content: dict[str, Any]) -> list[str]:
    """What does not stop a freeze but must be known."""
    items = content["hearing"]["items"]
    unanswered = [
        item["code"] for item in items if not item["ratings"] and not item["is_not_applicable"]
    ]
    notes = []
    if unanswered:
        notes.append(f"評点のない項目（0点になります）：{'、'.join(unanswered)}")
    if not content["partners"]:
        notes.append("支援機関による評価が1件もありません。")
    if not sum(content["satisfaction"]["levels"]):
        notes.append("顧客満足度調査の回答が0件です。")
    if not content["contracts"]:
        notes.append("当年度の委託契約が登録されていません。")
    return notes


def _hub_part(hub: Hub, months: list[date]) -> dict[str, Any]:
    return {
        "code": hub.code,
        "name": hub.name,
        "bureau": hub.bureau.name,
        "prefecture": hub.prefecture.name,
        "opened_on": _day(hub.opened_on),
        "closed_on": _day(hub.closed_on),
        "months": [f"{month:%Y-%m}" for month in months],
        "source": source(hub),
    }


def _coordinators_part(hub: Hub, facts: Facts) -> list[dict[str, Any]]:
    """Contracts of coordinators with their days in the year up to the cut; no names."""
    return [
        {
            "id": row.pk,
            "role": row.role,
            "starts_on": _day(row.starts_on),
            "ends_on": _day(row.ends_on),
            "days": days_within(row.starts_on, row.ends_on, *facts.worked),
            "source": source(row),
        }
        for row in facts.coordinators[hub.pk]
    ]


def _satisfaction_part(row: SatisfactionSurvey) -> dict[str, Any]:
    return {
        "sent": row.sent,
        "returned": row.returned,
        "levels": row.histogram,
        "is_excused": row.is_excused,
        "source": source(row),
    }


def _partners_part(hub: Hub, facts: Facts) -> list[dict[str, Any]]:
    """One organisation, one value; the year's body is left out even if its contract came later."""
    parts = []
    for row in facts.partners[hub.pk]:
        own = row.organization_key in facts.bodies.get(hub.pk, set())
        parts.append(
            {
                "organization": row.organization_name,
                "type": row.get_organization_type_display(),
                "value": f"{row.value:.2f}",
                "respondents": row.respondents,
                "is_excluded": row.is_excluded or own,
                "excluded_reason": row.excluded_reason or (EXCLUDED_REASON if own else ""),
                "source": source(row),
            }
        )
    return parts


def _contract(row: CommissionContract) -> dict[str, Any]:
    return {
        "implementing_body": row.implementing_body.name,
        "funding_line": row.funding_line,
        "amount_yen": row.amount_yen,
        "document_number": row.document_number,
        "starts_on": _day(row.starts_on),
        "ends_on": _day(row.ends_on),
        "source": source(row),
    }


def _figures_part(rows: list[RegionalFigure]) -> list[dict[str, Any]]:
    """The latest figure of each kind."""
    latest: dict[str, RegionalFigure] = {}
    for row in rows:
        latest.setdefault(row.code, row)
    return [
        {
            "code": row.code,
            "year": row.year,
            "value": row.value,
            "unit": row.unit,
            "origin": row.source,
            "source": source(row),
        }
        for row in latest.values()
    ]


def _waves_part(hub: Hub, facts: Facts) -> list[dict[str, Any]]:
    """The waves that the answers were counted from, with the hash of what was drawn from."""
    rows = [facts.surveys[hub.pk], *facts.partners[hub.pk]]
    waves = {row.wave_id: facts.waves[row.wave_id] for row in rows if row.wave_id is not None}
    return [
        {
            "id": pk,
            "kind": wave.kind,
            "title": str(wave),
            "questionnaire": str(wave.questionnaire),
            "seed": wave.seed,
            "frame_hash": wave.frame_hash,
            "counted_at": stamp(wave.closed_at),
            "by": wave.closed_by_name,
        }
        for pk, wave in sorted(waves.items())
    ]


def _imports_part(content: Any, imports: dict[int, Any]) -> list[dict[str, Any]]:
    used = sorted({batch for batch in _batches(content) if batch in imports})
    return [
        {
            "id": batch,
            "kind": imports[batch]["kind"],
            "filename": imports[batch]["filename"],
            "sha256": imports[batch]["sha256"],
            "applied_at": stamp(imports[batch]["applied_at"]),
            "by": imports[batch]["created_by_name"],
        }
        for batch in used
    ]


def _batches(value: Any) -> Iterable[int]:
    if isinstance(value, dict):
        if isinstance(value.get("import_batch"), int):
            yield value["import_batch"]
        for entry in value.values():
            yield from _batches(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _batches(entry)


@dataclass(frozen=True)
class Standing:
    """One hub on the list: its latest book and what a new one would lack."""

    hub: Hub
    book: EvidenceBook | None
    books: int
    collected: Collected


def standing(term: Term, as_of: date, scope: Scope) -> list[Standing]:
    """Per hub of the scope the latest book and the gaps today."""
    hubs = list(Hub.objects.visible_to(scope).select_related("bureau", "prefecture"))
    books: dict[int, list[EvidenceBook]] = defaultdict(list)
    held = EvidenceBook.objects.visible_to(scope).filter(term=term).defer("content")
    for book in held.order_by("number"):
        books[book.hub_id].append(book)
    return [
        Standing(found.hub, _last(books[found.hub.pk]), len(books[found.hub.pk]), found)
        for found in collect(term, as_of, hubs)
    ]


def _last(books: list[EvidenceBook]) -> EvidenceBook | None:
    return books[-1] if books else None


def last_books(term: Term, hubs: Sequence[Hub]) -> dict[int, EvidenceBook]:
    """The last book of each of these hubs by hub id, without its content; one query."""
    books = EvidenceBook.objects.filter(term=term, hub__in=[hub.pk for hub in hubs])
    held = books.select_related("hub", "term").defer("content")
    return {book.hub_id: book for book in held.order_by("number")}


def latest_book(term: Term, hub: Hub) -> EvidenceBook | None:
    """The book with the highest number of a hub and term."""
    return EvidenceBook.objects.filter(term=term, hub=hub).order_by("-number").first()


def content_of(book: EvidenceBook) -> dict[str, Any]:
    """The content as frozen; numbers with a fraction are refused, they would become floats."""
    read = parse_canonical(book.content)
    if not isinstance(read, dict):
        raise TypeError("an evidence book holds an object")
    return read


def broken_books(term: Term, hub: Hub | None = None) -> list[str]:
    """Recompute hashes, numbers and chain; one Japanese sentence per fault (empty = intact)."""
    books = EvidenceBook.objects.filter(term=term).select_related("hub", "term")
    if hub is not None:
        books = books.filter(hub=hub)
    faults = []
    last: dict[int, EvidenceBook] = {}
    for book in books.order_by("hub__code", "number"):
        before = last.get(book.hub_id)
        if book.content_hash != sha256_text(book.content):
            faults.append(f"{book}の内容がハッシュと一致しません。")
        if book.previous_hash != (before.content_hash if before else GENESIS):
            faults.append(f"{book}の前のハッシュがつながりません。")
        if book.number != (before.number if before else 0) + 1:
            faults.append(f"{book}の前の号がありません。")
        last[book.hub_id] = book
    return faults


def latest_year() -> int | None:
    """The latest fiscal year with books, else the latest term at all."""
    held = EvidenceBook.objects.order_by("-term__fiscal_year")
    year = held.values_list("term__fiscal_year", flat=True).first()
    return year or Term.objects.values_list("fiscal_year", flat=True).first()


def years() -> list[int]:
    """Terms to choose from, the latest first."""
    return list(Term.objects.values_list("fiscal_year", flat=True))
