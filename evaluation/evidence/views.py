"""Screens of the evidence: list per term, check before the freeze, a book, two books compared."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from evaluation.evidence import queries
from evaluation.evidence.forms import FreezeForm
from evaluation.evidence.models import EvidenceBook
from evaluation.evidence.operations import check_as_of, freeze_book, freeze_books, in_operation
from evaluation.evidence.queries import Standing
from evaluation.evidence.rules import difference
from evaluation.evidence.tables import book_tables
from hubs.network.models import Hub
from hubs.terms.models import Term
from yorozu.core.access import Role, Scope, allow, decide, scope_of
from yorozu.core.errors import InvalidInput, NotReady
from yorozu.core.fiscal import nendo
from yorozu.core.web.chips import Status
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.downloads import attachment
from yorozu.core.web.tables import Cell, Column, Empty, Table

VIEW = "evaluation.evidence.view"
FREEZE = "evaluation.evidence.freeze"


def _term(year: int) -> Term:
    return get_object_or_404(Term, fiscal_year=year)


def _book(scope: Scope, pk: int) -> EvidenceBook:
    books = EvidenceBook.objects.visible_to(scope).select_related("hub", "term")
    book: EvidenceBook = get_object_or_404(books, pk=pk)
    return book


def _crumbs(title: str, year: int, *more: Crumb) -> list[Crumb]:
    terms = Crumb(f"証拠台帳（{nendo(year)}）", reverse("evidence_term", args=[year]))
    return [Crumb("ホーム", "/"), terms, *more, Crumb(title)]


@require_safe
@allow(VIEW)
def evidence_list(request: HttpRequest) -> HttpResponse:
    """The latest term with books."""
    year = queries.latest_year()
    if year is None:
        context = {"title": "証拠台帳", "breadcrumbs": [Crumb("ホーム", "/")]}
        return render(request, "evaluation/evidence/empty.html", context)
    return redirect("evidence_term", year=year)


@require_safe
@allow(VIEW)
def evidence_term(request: HttpRequest, year: int) -> HttpResponse:
    """All hubs: latest book with number, hash and cut, and what a new one would lack today."""
    term, scope = _term(year), scope_of(request)
    lines = queries.standing(term, queries.default_as_of(term), scope)
    title = f"証拠台帳（{nendo(year)}）"
    context = {
        "title": title,
        "breadcrumbs": [Crumb("ホーム", "/"), Crumb(title)],
        "term": term,
        "years": queries.years(),
        "table": _list_table(lines).sorted_by(request.GET.get("sort", "")),
        "frozen": sum(line.book is not None for line in lines),
        "hubs": len(lines),
        "lacking": sum(bool(line.collected.gaps) for line in lines),
        "broken": queries.broken_books(term) if scope.hub_ids is None else [],
        "may_freeze": decide(scope, FREEZE).allowed,
    }
    return render(request, "evaluation/evidence/term.html", context)


def _list_table(lines: list[Standing]) -> Table:
    columns = [
        Column("code", "コード", sort=True),
        Column("hub", "拠点", header=True, sort=True),
        Column("book", "最新の号", sort=True),
        Column("as_of", "基準日", sort=True),
        Column("hash", "ハッシュ（先頭12桁）"),
        Column("frozen_at", "凍結日時", sort=True),
        Column("gaps", "不足しているもの"),
    ]
    return Table("拠点別の証拠台帳", columns, [_list_row(line) for line in lines], sticky=True)


def _list_row(line: Standing) -> dict[str, Any]:
    book, gaps = line.book, line.collected.gaps
    row: dict[str, Any] = {
        "code": line.hub.code,
        "hub": line.hub.name,
        "book": Status.NOT_STARTED,
        "gaps": Cell(gaps[0].text, url=gaps[0].url) if gaps else "",
    }
    if len(gaps) > 1:
        row["gaps"] = Cell(gaps[0].text, url=gaps[0].url, note=f"ほか{len(gaps) - 1}件")
    if book is not None:
        address = reverse("evidence_book", args=[book.pk])
        row["book"] = Cell(f"第{book.number}号", url=address, sort_key=book.number)
        row |= {"as_of": book.as_of, "hash": book.content_hash[:12], "frozen_at": book.frozen_at}
    return row


@require_safe
@allow(FREEZE)
def evidence_check(request: HttpRequest, year: int) -> HttpResponse:
    """Check page before the freeze: gaps per hub; the button stands only when there are none."""
    term = _term(year)
    form = FreezeForm(request.GET or {"as_of": queries.default_as_of(term).isoformat()})
    as_of = _as_of(form, term)
    found = queries.collect(term, as_of) if as_of else []
    owed = in_operation(found)
    lacking = [one for one in found if one.gaps and one.months]
    title = "証拠台帳の凍結"
    context = {
        "title": title,
        "breadcrumbs": _crumbs(title, year),
        "term": term,
        "form": form,
        "as_of": as_of,
        "owed": len(owed),
        "left_out": [one.hub.name for one in found if not one.months],
        "lacking": len(lacking),
        "gaps": _gap_table(lacking),
        "notes": _note_table(owed),
        "ready": bool(owed) and not lacking,
    }
    return render(request, "evaluation/evidence/check.html", context)


def _as_of(form: FreezeForm, term: Term) -> date | None:
    if not form.is_valid():
        return None
    as_of: date = form.cleaned_data["as_of"]
    try:
        check_as_of(term, as_of)
    except InvalidInput as fault:
        form.add_error("as_of", str(fault.problems[0].message))
        return None
    return as_of


def _gap_table(lacking: list[queries.Collected]) -> Table:
    columns = [Column("hub", "拠点", header=True), Column("text", "不足しているもの")]
    rows = [
        {"hub": one.hub.name, "text": Cell(gap.text, url=gap.url)}
        for one in lacking
        for gap in one.gaps
    ]
    return Table("不足しているもの", columns, rows)


def _note_table(owed: list[queries.Collected]) -> Table:
    columns = [Column("hub", "拠点", header=True), Column("text", "注意")]
    rows = [{"hub": one.hub.name, "text": note} for one in owed for note in one.notes]
    return Table("凍結はできますが、確認してください", columns, rows)


@require_POST
@allow(FREEZE)
def evidence_freeze(request: HttpRequest, year: int) -> HttpResponse:
    """Start the freeze of all hubs; its progress is on the page of the job."""
    term = _term(year)
    form = FreezeForm(request.POST)
    if not form.is_valid():
        messages.error(request, "基準日を確認してください。")
        return redirect("evidence_check", year=year)
    try:
        job = freeze_books(scope_of(request), term=term, as_of=form.cleaned_data["as_of"])
    except (NotReady, InvalidInput) as fault:
        messages.error(request, str(fault))
        return redirect("evidence_check", year=year)
    return redirect("job_detail", pk=job.pk)


@require_POST
@allow(FREEZE)
def evidence_freeze_hub(request: HttpRequest, year: int, code: str) -> HttpResponse:
    """Freeze one hub again, for instance after a correction."""
    term, scope = _term(year), scope_of(request)
    hub = get_object_or_404(Hub.objects.visible_to(scope), code=code)
    form = FreezeForm(request.POST)
    if not form.is_valid():
        messages.error(request, "基準日を確認してください。")
        return redirect("evidence_term", year=year)
    before = queries.latest_book(term, hub)
    try:
        book = freeze_book(scope, hub=hub, term=term, as_of=form.cleaned_data["as_of"])
    except (NotReady, InvalidInput) as fault:
        named = [item.text for item in fault.missing] if isinstance(fault, NotReady) else []
        messages.error(request, " ".join([str(fault), *named]))
        return redirect("evidence_term", year=year)
    if before is not None and before.pk == book.pk:
        messages.info(request, "前の号から内容が変わっていないため、新しい号は作りませんでした。")
    else:
        messages.success(request, f"{book}を凍結しました。")
    return redirect("evidence_book", pk=book.pk)


@require_safe
@allow(VIEW)
def evidence_book(request: HttpRequest, pk: int) -> HttpResponse:
    """One book as readable tables; every figure names its source."""
    scope = scope_of(request)
    book = _book(scope, pk)
    content = queries.content_of(book)
    title = f"{book.hub.name} 証拠台帳 第{book.number}号"
    may_open = scope.role in {Role.NATIONAL_HQ, Role.AUDITOR}
    siblings = EvidenceBook.objects.filter(hub=book.hub, term=book.term).defer("content")
    context = {
        "title": title,
        "breadcrumbs": _crumbs(title, book.term.fiscal_year),
        "book": book,
        "content": content,
        "tables": book_tables(content, may_open_imports=may_open),
        "books": siblings,
        "is_latest": siblings.first() == book,
        "broken": queries.broken_books(book.term, book.hub),
        "may_freeze": decide(scope, FREEZE, hub_id=book.hub_id).allowed,
        "freeze_form": FreezeForm(initial={"as_of": book.as_of}),
    }
    return render(request, "evaluation/evidence/book.html", context)


@require_safe
@allow(VIEW)
def evidence_difference(request: HttpRequest, pk: int) -> HttpResponse:
    """What changed from another book of the same hub and term (?with=, else the one before)."""
    scope = scope_of(request)
    book = _book(scope, pk)
    siblings = EvidenceBook.objects.filter(hub=book.hub, term=book.term)
    wanted = request.GET.get("with", "")
    if wanted.isdigit():
        other = get_object_or_404(siblings, pk=int(wanted))
    else:
        other = get_object_or_404(siblings, number=book.number - 1)
    changes = difference(queries.content_of(other), queries.content_of(book))
    columns = [
        Column("path", "項目", header=True),
        Column("before", f"第{other.number}号"),
        Column("after", f"第{book.number}号"),
    ]
    rows = [{"path": path, "before": old, "after": new} for path, old, new in changes]
    title = f"第{other.number}号と第{book.number}号の違い"
    back = Crumb(f"{book.hub.name} 第{book.number}号", reverse("evidence_book", args=[book.pk]))
    context = {
        "title": title,
        "breadcrumbs": _crumbs(title, book.term.fiscal_year, back),
        "book": book,
        "table": Table(title, columns, rows, empty=Empty("2つの号の内容は同じです。")),
    }
    return render(request, "evaluation/evidence/difference.html", context)


@require_safe
@allow(VIEW)
def evidence_json(request: HttpRequest, pk: int) -> HttpResponse:
    """The canonical text itself: its SHA-256 is the hash of the book."""
    book = _book(scope_of(request), pk)
    name = f"証拠台帳_{book.term.fiscal_year}年度_{book.hub.code}_第{book.number}号.json"
    return attachment(book.content.encode("utf-8"), name, "application/json")
