"""The acts on checklists: HQ adopts a version for a term."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction

from evaluation.hearings.models import Checklist, ChecklistItem
from evaluation.hearings.queries import FIELDS, checklist_of, content_of
from hubs.network.facts import fact_rows
from hubs.terms.models import Term
from hubs.terms.operations import refuse_registered
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.canonical import canonical_hash
from yorozu.core.errors import Conflict

TITLE = "ヒアリングのチェックリスト"


def default_items() -> list[ChecklistItem]:
    """The shipped default (fixtures/facts/checklist.csv) as unsaved items."""
    return [_item(row) for row in fact_rows("checklist.csv")]


def _item(row: Mapping[str, Any]) -> ChecklistItem:
    values: dict[str, Any] = {name: row[name] for name in FIELDS}
    values["weight"] = Decimal(row["weight"])
    values["order"] = int(row["order"])
    return ChecklistItem(**values)


def adopt_checklist(actor: Scope, *, term: Term) -> Checklist:
    """Adopt the shipped checklist for a term and lock it (G8); the same content is adopted once.

    NotReady once the year's rules are registered; Conflict when another version already carries
    hearings of the term.
    """
    require(actor, "evaluation.hearings.adopt")
    with transaction.atomic():
        content = content_of(default_items())
        standing = _locked(term, content)
        if standing is not None:
            return standing
        refuse_registered(term, "チェックリスト")
        checklist = lock_checklist(term, content)
        facts = {
            "version": checklist.version,
            "items": len(content),
            "sha256": canonical_hash(content),
        }
        record(actor, "evaluation.hearings.adopt", checklist, after=facts)
    return checklist


def _locked(term: Term, content: list[dict[str, Any]]) -> Checklist | None:
    """The newest checklist of the term when it says exactly this; the term is held meanwhile."""
    Term.objects.select_for_update(of=("self",)).get(pk=term.pk)
    last = checklist_of(term)
    if last is None or content_of(last.items.all()) != content:
        return None
    return last


def lock_checklist(term: Term, content: list[dict[str, Any]]) -> Checklist:
    """Store and lock a checklist in the caller's transaction; the same content stands as it is.

    Conflict when another version already carries hearings of the term: its scores belong to it.
    """
    standing = _locked(term, content)
    if standing is not None:
        return standing
    last = checklist_of(term)
    if last is not None and last.hearings.exists():
        raise Conflict("この期はすでにヒアリングの評点があるため、チェックリストを替えられません。")
    version = last.version + 1 if last is not None else 1
    checklist = Checklist.objects.create(term=term, version=version, title=TITLE)
    items = [_item(row) for row in content]
    for item in items:
        item.checklist = checklist
    ChecklistItem.objects.bulk_create(items)
    Checklist.objects.filter(pk=checklist.pk).update(is_locked=True)
    checklist.refresh_from_db()
    return checklist
