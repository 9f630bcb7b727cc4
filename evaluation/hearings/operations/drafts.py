"""Writing the next version of the checklist: copy, edit item by item, adopt (G8)."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from evaluation.hearings.models import Checklist, ChecklistItem
from evaluation.hearings.operations.checklists import TITLE, default_items, lock_checklist
from evaluation.hearings.queries.results import FIELDS, checklist_of, content_of
from evaluation.hearings.rules.items import content_faults
from evaluation.hearings.rules.versions import moved, whole_faults
from hubs.terms.models import Term, TermState
from hubs.terms.operations import refuse_registered, set_change_part
from hubs.terms.parts import find
from hubs.terms.queries import open_change
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.canonical import canonical_hash
from yorozu.core.errors import Conflict, InvalidInput, Missing, NotReady, Problem
from yorozu.core.fiscal import nendo

AUTHOR, ADOPT = "evaluation.hearings.author", "evaluation.hearings.adopt"
COLUMNS = ("component", "text", "weight", *(f"anchor_{level}" for level in range(5)))


def begin_draft(actor: Scope, *, term: Term, reason: str) -> Checklist:
    """A draft of the next version, as a copy of the one in use (else of the product's default).

    Conflict while another draft of the term is open; NotReady when the term is closed.
    """
    require(actor, AUTHOR)
    reason = reason.strip()
    if not reason:
        raise InvalidInput([Problem(None, "この版を作る理由", "理由を入力してください。")])
    if term.state == TermState.CLOSED:
        raise NotReady(f"{nendo(term.fiscal_year)}の期は終了しているため、作成できません。")
    with transaction.atomic():
        Term.objects.select_for_update(of=("self",)).get(pk=term.pk)
        if Checklist.objects.filter(term=term, is_locked=False).exists():
            raise Conflict("この期には作成中のチェックリストがあります。それを直してください。")
        standing = checklist_of(term)
        rows = content_of(standing.items.all() if standing is not None else default_items())
        numbers = Checklist.objects.filter(term=term).values_list("version", flat=True)
        draft = Checklist.objects.create(
            term=term,
            version=max(numbers, default=0) + 1,
            title=standing.title if standing is not None else TITLE,
            reason=reason,
            drafted_by_name=actor.label[:200],
        )
        ChecklistItem.objects.bulk_create(
            ChecklistItem(checklist=draft, **{name: row[name] for name in FIELDS}) for row in rows
        )
        record(actor, AUTHOR, draft, after={"items": len(rows)}, reason=reason)
    return draft


def _open(draft: Checklist) -> Checklist:
    """The draft under a lock; Conflict when it was adopted meanwhile."""
    held = Checklist.objects.select_for_update(of=("self",)).filter(pk=draft.pk).first()
    if held is None or held.is_locked:
        raise Conflict("このチェックリストは採用されたか、取り消されたため、変更できません。")
    return held


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    wanted = {name: values[name] for name in ("code", *COLUMNS)}
    if faults := content_faults([{**wanted, "weight": str(wanted["weight"])}]):
        raise InvalidInput([Problem(None, wanted["code"], text) for text in faults])
    return wanted


def add_item(actor: Scope, *, draft: Checklist, values: Mapping[str, Any]) -> ChecklistItem:
    """Add an item at the end of the draft. InvalidInput for a code that is there, or bad texts."""
    require(actor, AUTHOR)
    wanted = _checked(values)
    with transaction.atomic():
        held = _open(draft)
        _require_free(held, wanted["code"])
        last = max(held.items.values_list("order", flat=True), default=0)
        item = ChecklistItem.objects.create(checklist=held, order=last + 1, **wanted)
        record(actor, AUTHOR, item, after=_facts(item))
    return item


def edit_item(actor: Scope, *, item: ChecklistItem, values: Mapping[str, Any]) -> ChecklistItem:
    """Change an item of a draft; its code may change too, as long as it is free."""
    require(actor, AUTHOR)
    wanted = _checked(values)
    with transaction.atomic():
        held = _open(item.checklist)
        fresh = ChecklistItem.objects.get(pk=item.pk)
        if wanted["code"] != fresh.code:
            _require_free(held, wanted["code"])
        before = _facts(fresh)
        for name, value in wanted.items():
            setattr(fresh, name, value)
        after = _facts(fresh)
        if before != after:
            fresh.save(update_fields=list(wanted))
            record(actor, AUTHOR, fresh, before=before, after=after)
    return fresh


def _require_free(draft: Checklist, code: str) -> None:
    if draft.items.filter(code=code).exists():
        text = f"コード{code}の項目がすでにあります。別のコードにしてください。"
        raise InvalidInput([Problem(None, "コード", text)])


def _facts(item: ChecklistItem) -> dict[str, str]:
    facts = {name: str(getattr(item, name)) for name in ("code", *COLUMNS)}
    return {**facts, "weight": f"{item.weight:.2f}"}


def move_item(actor: Scope, *, item: ChecklistItem, step: int) -> None:
    """Move an item one place up (-1) or down (1)."""
    require(actor, AUTHOR)
    with transaction.atomic():
        held = _open(item.checklist)
        rows = {row.code: row for row in held.items.order_by("order", "code")}
        if item.code not in rows:
            raise Conflict("この項目は削除されました。")
        order = moved(list(rows), item.code, 1 if step > 0 else -1)
        for place, code in enumerate(order, start=1):
            rows[code].order = place
        ChecklistItem.objects.bulk_update(rows.values(), ["order"])
        record(actor, AUTHOR, held, after={"order": "、".join(order)})


def remove_item(actor: Scope, *, item: ChecklistItem) -> None:
    """Take an item out of a draft."""
    require(actor, AUTHOR)
    with transaction.atomic():
        _open(item.checklist)
        record(actor, AUTHOR, item, before=_facts(item))
        ChecklistItem.objects.filter(pk=item.pk).delete()


def discard_draft(actor: Scope, *, draft: Checklist) -> None:
    """Give a draft up."""
    require(actor, AUTHOR)
    with transaction.atomic():
        held = _open(draft)
        record(actor, AUTHOR, held, before={"items": held.items.count()}, reason=held.reason)
        held.delete()


def draft_faults(draft: Checklist) -> list[str]:
    """What stands against adopting the draft, in sentences."""
    rows = content_of(draft.items.all())
    return [*whole_faults(rows), *content_faults(rows)]


def adopt_draft(actor: Scope, *, draft: Checklist) -> Checklist:
    """Adopt a draft as the term's checklist and lock it.

    NotReady names what it lacks, or that the year's rules are registered: then it goes into a
    change of the rules (``propose_draft``). Conflict when hearings have begun.
    """
    require(actor, ADOPT)
    with transaction.atomic():
        held = _open(draft)
        _require_complete(held)
        refuse_registered(held.term, "チェックリスト")
        content = content_of(held.items.all())
        term, reason, author = held.term, held.reason, held.drafted_by_name
        held.delete()
        # The next version keeps the words of its making; who adopted it stands beside.
        checklist = lock_checklist(term, content, reason=reason, author=author, actor=actor)
        facts = {"version": checklist.version, "sha256": canonical_hash(content)}
        record(actor, ADOPT, checklist, after={**facts, "items": len(content)}, reason=reason)
    return checklist


def _require_complete(draft: Checklist) -> None:
    if faults := draft_faults(draft):
        way = [
            Missing(text, "checklist_draft", link_args=(draft.term.fiscal_year,)) for text in faults
        ]
        raise NotReady("まだ採用できません。次を直してください。", way)


def propose_draft(actor: Scope, *, draft: Checklist) -> None:
    """Put the draft into the open change of the year's rules, which both sides then sign.

    NotReady while no change of the rules is open. The draft itself stays for further work.
    """
    require(actor, AUTHOR)
    with transaction.atomic():
        held = _open(draft)
        _require_complete(held)
        change = open_change(held.term)
        if change is None:
            text = "年度の規則の変更案がまだありません。先に変更案を作成してください。"
            raise NotReady(text, [Missing(text, "rule_change", link_args=(held.term_id,))])
        content = content_of(held.items.all())
        set_change_part(actor=actor, change=change, part=find("checklist"), content=content)
        record(actor, AUTHOR, held, after={"sha256": canonical_hash(content)}, reason=held.reason)
