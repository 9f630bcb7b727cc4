"""One record with all its versions."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hubs.ledger import queries
from hubs.ledger.models import IndividualConsultation
from hubs.ledger.queries import CodeBook
from hubs.ledger.rules import LABELS, differences
from hubs.ledger.views.frame import crumbs, find_record
from hubs.ledger.views.tables import books_for
from yorozu.core.access import allow, decide
from yorozu.core.fiscal import fiscal_year_of
from yorozu.core.web.tables import shown

CODED = {"channel", "theme", "industry", "employees_band"}


@require_safe
@allow("hubs.ledger.view")
def ledger_record(request: HttpRequest, pk: int) -> HttpResponse:
    """The version in force with its predecessors struck through; an old address leads here too."""
    scope, row = find_record(request, pk)
    versions = queries.history(row)
    books = books_for(versions)
    newest = versions[0]
    may = {
        action: newest.is_current
        and decide(scope, f"hubs.ledger.{action}", hub_id=row.hub_id).allowed
        for action in ("enter", "correct")
    }
    context = {
        "title": f"相談記録 {row.record_no}",
        "breadcrumbs": crumbs(row.hub, (row.record_no, None)),
        "hub": row.hub,
        "row": newest,
        "facts": _facts(newest, books[fiscal_year_of(newest.held_on)]),
        "check": getattr(newest, "sample_check", None),
        "versions": [
            {"row": one, "changes": _changes(one, before, books)}
            for one, before in zip(versions, [*versions[1:], None], strict=True)
        ],
        "may_enter": newest.is_current and may["enter"],
        "may_correct": newest.is_current and may["correct"],
    }
    return render(request, "hubs/ledger/record.html", context)


def text_of(name: str, value: Any, book: CodeBook) -> str:
    """A value as a person reads it."""
    return book.label(name, value) if name in CODED else shown(value)


def _facts(row: IndividualConsultation, book: CodeBook) -> list[dict[str, Any]]:
    return [
        {"label": label, "value": text_of(name, getattr(row, name), book)}
        for name, label in LABELS.items()
    ]


def _changes(
    row: IndividualConsultation,
    before: IndividualConsultation | None,
    books: Mapping[int, CodeBook],
) -> list[dict[str, str]]:
    """What this version changed against the one before it."""
    if before is None:
        return []
    old, new = queries.values_of(before), queries.values_of(row)
    return [
        {
            "label": LABELS[name],
            "old": text_of(name, getattr(old, name), books[fiscal_year_of(before.held_on)]),
            "new": text_of(name, getattr(new, name), books[fiscal_year_of(row.held_on)]),
        }
        for name in differences(old, new)
    ]
