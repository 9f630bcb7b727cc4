"""Freezing: from live data to numbered, hashed, chained books."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction

from evaluation.evidence.models import EvidenceBook
from evaluation.evidence.queries import GENESIS, Collected, collect, last_books
from hubs.network.models import Hub
from hubs.terms.models import Term
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import Act, record_many
from yorozu.core.canonical import canonical_hash, canonical_json, sha256_text
from yorozu.core.errors import Conflict, InvalidInput, Missing, NotReady, Problem
from yorozu.core.fiscal import first_day, nendo, wareki
from yorozu.core.jobs.models import Job, JobState
from yorozu.core.jobs.operations import enqueue

FREEZE = "evaluation.evidence.freeze"
JOB_KIND = "evidence.freeze"
NOT_READY = "まだ証拠台帳を凍結できません。次を確認してください。"
MOVED_ON = "凍結の途中でデータが変わりました。内容を確認して、もう一度凍結してください。"


def check_as_of(term: Term, as_of: date) -> None:
    """The cut lies within or after the term and not in the future; InvalidInput otherwise."""
    if as_of > clock.today():
        raise InvalidInput([Problem(None, "基準日", "今日までの日付を入力してください。")])
    first = first_day(term.fiscal_year)
    if as_of < first:
        text = f"{nendo(term.fiscal_year)}の始まり（{wareki(first)}）以後の日付を入力してください。"
        raise InvalidInput([Problem(None, "基準日", text)])


def in_operation(collected: Sequence[Collected]) -> list[Collected]:
    """The hubs that owe a book: those with at least one month in operation up to the cut."""
    return [found for found in collected if found.months]


def require_ready(collected: Sequence[Collected]) -> None:
    """NotReady with everything that is missing, by hub, and the page that supplies it."""
    missing = [
        Missing(f"{found.hub.name}：{gap.text}", gap.page or None)
        for found in collected
        for gap in found.gaps
    ]
    if missing:
        raise NotReady(NOT_READY, missing)


def freeze_book(actor: Scope, *, hub: Hub, term: Term, as_of: date) -> EvidenceBook:
    """Freeze one hub's evidence up to ``as_of``. Equal content gives the last book, not a new one.

    NotReady names what is missing: finalized plan, accepted months, survey, hearing.
    """
    require(actor, FREEZE, hub_id=hub.pk)
    check_as_of(term, as_of)
    with transaction.atomic():
        found = collect(term, as_of, [_locked(hub)])
        require_ready(found)
        written = _write(actor, found, term, as_of)
        return written[0] if written else last_books(term, [hub])[hub.pk]


def _locked(hub: Hub) -> Hub:
    """One freeze of a hub at a time, so that numbers and chain have no gap and no fork."""
    hubs = Hub.objects.select_for_update(of=("self",)).select_related("bureau", "prefecture")
    row: Hub = hubs.get(pk=hub.pk)
    return row


def freeze_books(actor: Scope, *, term: Term, as_of: date) -> Job:
    """Queue the freeze of all hubs in operation: all books or none.

    NotReady lists every gap of every hub. While a freeze of the same term and date runs, it is
    returned.
    """
    require(actor, FREEZE)
    check_as_of(term, as_of)
    found = in_operation(collect(term, as_of))
    if not found:
        raise NotReady("基準日までに運営した月のある拠点がありません。")
    require_ready(found)
    stem = f"{JOB_KIND}:{term.fiscal_year}:{as_of}:"
    ended = [JobState.SUCCEEDED, JobState.FAILED]
    with transaction.atomic():
        earlier = Job.objects.filter(key__startswith=stem, state__in=ended).count()
        return enqueue(
            actor,
            kind=JOB_KIND,
            key=f"{stem}{earlier + 1}",
            label=f"{nendo(term.fiscal_year)} 証拠台帳の凍結（{len(found)}拠点）",
            params={"term_id": term.pk, "as_of": as_of.isoformat()},
        )


def write_books(
    actor: Scope, *, term: Term, as_of: date, seen: Mapping[int, str]
) -> dict[str, Any]:
    """Write the books of all hubs in the caller's transaction; returns the counts.

    ``seen`` are the content hashes by hub id read before: Conflict when the data moved in between.
    """
    require(actor, FREEZE)
    list(Hub.objects.select_for_update(of=("self",)).values_list("pk", flat=True))
    found = in_operation(collect(term, as_of))
    require_ready(found)
    if {one.hub.pk: canonical_hash(one.content) for one in found} != dict(seen):
        raise Conflict(MOVED_ON)
    books = _write(actor, found, term, as_of)
    return {"books": len(found), "new": len(books), "unchanged": len(found) - len(books)}


def _write(actor: Scope, found: Sequence[Collected], term: Term, as_of: date) -> list[EvidenceBook]:
    """Write a book for every hub whose content differs from its last one; returns the new books.

    One statement reads the last books, one writes the new ones, whatever the number of hubs.
    """
    last = last_books(term, [one.hub for one in found])
    books = [
        book
        for one in found
        if (book := _book(actor, one, last.get(one.hub.pk), term, as_of)) is not None
    ]
    EvidenceBook.objects.bulk_create(books, batch_size=100)
    record_many(actor, FREEZE, [_act(book) for book in books])
    return books


def _book(
    actor: Scope, found: Collected, last: EvidenceBook | None, term: Term, as_of: date
) -> EvidenceBook | None:
    """The next book of a hub, not yet stored; None when the last one says the same."""
    text = canonical_json(found.content)
    digest = sha256_text(text)
    if last is not None and last.content_hash == digest:
        return None
    return EvidenceBook(
        hub=found.hub,
        term=term,
        number=last.number + 1 if last is not None else 1,
        as_of=as_of,
        content=text,
        content_hash=digest,
        previous_hash=last.content_hash if last is not None else GENESIS,
        frozen_by_name=actor.label,
    )


def _act(book: EvidenceBook) -> Act:
    facts = {
        "number": book.number,
        "as_of": book.as_of.isoformat(),
        "content_hash": book.content_hash,
        "previous_hash": book.previous_hash,
    }
    return Act(book, after=facts, hub_id=book.hub_id)
