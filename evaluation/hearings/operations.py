"""The acts on checklists: HQ adopts a version for a term."""

from decimal import Decimal
from typing import Any

from django.db import transaction

from evaluation.hearings.models import Checklist, ChecklistItem
from hubs.network.facts import fact_rows
from hubs.terms.models import Term
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.canonical import canonical_hash
from yorozu.core.errors import Conflict

TITLE = "ヒアリングのチェックリスト"
FIELDS = (
    "component",
    "code",
    "text",
    "weight",
    *(f"anchor_{level}" for level in range(5)),
    "order",
)


def load_checklist(term: Term) -> list[ChecklistItem]:
    """The shipped default (fixtures/facts/checklist.csv) as unsaved items for a term."""
    return [_item(row) for row in fact_rows("checklist.csv")]


def _item(row: dict[str, str]) -> ChecklistItem:
    values: dict[str, Any] = {name: row[name] for name in FIELDS}
    values["weight"] = Decimal(row["weight"])
    values["order"] = int(row["order"])
    return ChecklistItem(**values)


def _content(items: list[ChecklistItem]) -> list[dict[str, Any]]:
    plain = [{name: getattr(item, name) for name in FIELDS} for item in items]
    for row in plain:
        row["weight"] = f"{row['weight']:.2f}"
    return sorted(plain, key=lambda row: (row["order"], row["code"]))


def adopt_checklist(actor: Scope, *, term: Term) -> Checklist:
    """Adopt the shipped checklist for a term and lock it (G8); the same content is adopted once.

    Conflict when another version already carries hearings of the term: its scores belong to it.
    """
    require(actor, "evaluation.hearings.adopt")
    items = load_checklist(term)
    with transaction.atomic():
        Term.objects.select_for_update(of=("self",)).get(pk=term.pk)
        last = Checklist.objects.filter(term=term).first()
        if last is not None and _content(list(last.items.all())) == _content(items):
            return last
        if last is not None and last.hearings.exists():
            raise Conflict(
                "この期はすでにヒアリングの評点があるため、チェックリストを替えられません。"
            )
        version = last.version + 1 if last is not None else 1
        checklist = Checklist.objects.create(term=term, version=version, title=TITLE)
        for item in items:
            item.checklist = checklist
        ChecklistItem.objects.bulk_create(items)
        Checklist.objects.filter(pk=checklist.pk).update(is_locked=True)
        checklist.refresh_from_db()
        facts = {"version": version, "items": len(items), "sha256": canonical_hash(_content(items))}
        record(actor, "evaluation.hearings.adopt", checklist, after=facts)
    return checklist
