"""The acts on checklists: HQ adopts a version for a term."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max

from evaluation.hearings.models import BEFORE_SCORING, Checklist, ChecklistItem, Hearing
from evaluation.hearings.queries import FIELDS, checklist_of, content_of
from hubs.network.facts import fact_rows
from hubs.terms.models import Term
from hubs.terms.operations import refuse_registered
from yorozu.core import clock
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
        checklist = lock_checklist(term, content, actor=actor)
        facts = {
            "version": checklist.version,
            "items": len(content),
            "sha256": canonical_hash(content),
        }
        record(actor, "evaluation.hearings.adopt", checklist, after=facts)
    return checklist


def next_version(term: Term) -> int:
    """The number of the next version of a term, drafts counted."""
    return (Checklist.objects.filter(term=term).aggregate(n=Max("version"))["n"] or 0) + 1


def _locked(term: Term, content: list[dict[str, Any]]) -> Checklist | None:
    """The newest checklist of the term when it says exactly this; the term is held meanwhile."""
    Term.objects.select_for_update(of=("self",)).get(pk=term.pk)
    last = checklist_of(term)
    if last is None or content_of(last.items.all()) != content:
        return None
    return last


def lock_checklist(
    term: Term,
    content: list[dict[str, Any]],
    *,
    reason: str = "",
    author: str = "",
    actor: Scope | None = None,
) -> Checklist:
    """Store and lock a checklist in the caller's transaction; the same content stands as it is.

    Conflict when another version already carries hearings of the term: its scores belong to it.
    """
    standing = _locked(term, content)
    if standing is not None:
        return standing
    begun = Hearing.objects.filter(term=term).exclude(state__in=BEFORE_SCORING)
    if begun.exists():
        raise Conflict("この期はすでにヒアリングの評点があるため、チェックリストを替えられません。")
    version = next_version(term)
    checklist = Checklist.objects.create(
        term=term,
        version=version,
        title=TITLE,
        reason=reason,
        drafted_by_name=author,
        adopted_at=clock.now(),
        adopted_by_name=actor.label[:200] if actor is not None else "",
    )
    items = [_item(row) for row in content]
    for item in items:
        item.checklist = checklist
    ChecklistItem.objects.bulk_create(items)
    Checklist.objects.filter(pk=checklist.pk).update(is_locked=True)
    checklist.refresh_from_db()
    # Hearings that are only planned follow the checklist; those at work keep the one they use.
    Hearing.objects.filter(term=term, state__in=BEFORE_SCORING).update(checklist=checklist)
    return checklist
