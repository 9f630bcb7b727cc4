"""The acts on a run: adopt a scheme, start, compute, fix, publish."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from evaluation.evidence.models import EvidenceBook
from evaluation.evidence.readings import item_names
from evaluation.evidence.rules import engine_hub
from evaluation.scoring.flow import FLOW, unanswered
from evaluation.scoring.models import (
    EvaluationRun,
    RunHubResult,
    RunItemResult,
    RunKind,
    RunState,
    ScoringScheme,
)
from evaluation.scoring.queries import (
    COMPONENTS,
    ENGINES,
    current_scheme,
    hubs_without_book,
    latest_books,
)
from evaluation.scoring.rules import v1
from evaluation.scoring.rules.explain import explain
from evaluation.scoring.rules.scheme import DEFAULT_SCHEME, refuse_approval
from hubs.network.models import Hub, Membership
from hubs.terms.models import Term
from hubs.terms.operations import refuse_registered
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import GENESIS, lock_chain, record
from yorozu.core.canonical import canonical_json, sha256_text
from yorozu.core.errors import Conflict, Missing, NotReady
from yorozu.core.jobs.models import Job
from yorozu.core.jobs.operations import enqueue
from yorozu.core.notices.operations import notify

CLOSING_LABELS = {"rounding": "四捨五入", "adjustment": "審査会による調整", "total": "総合点"}


def adopt_scheme(
    actor: Scope, *, term: Term, content: Mapping[str, Any] | None = None, title: str = ""
) -> ScoringScheme:
    """Lock a scoring scheme for the term (default: default-1). ValueError if it contradicts itself.

    The same content again returns the scheme that stands; other content becomes the next version.
    NotReady once the year's rules are registered: then only a change of the rules does it.
    """
    require(actor, "evaluation.scoring.run")
    scheme = dict(content or DEFAULT_SCHEME)
    refuse_approval(scheme)
    with transaction.atomic():
        lock_chain()
        standing = current_scheme(term)
        if standing and standing.content_hash == sha256_text(canonical_json(scheme)):
            return standing
        refuse_registered(term, "評価基準")
        row = lock_scheme(term, scheme, title)
        record(actor, "evaluation.scoring.run", row, after={"content_hash": row.content_hash})
    return row


def lock_scheme(term: Term, content: Mapping[str, Any], title: str = "") -> ScoringScheme:
    """Store a scheme as the locked one of the term, in the caller's transaction.

    The same content stands as it is; other content is the next version.
    """
    text = canonical_json(dict(content))
    standing = current_scheme(term)
    if standing and standing.content_hash == sha256_text(text):
        return standing
    return ScoringScheme.objects.create(
        term=term,
        code=f"{content['code']}-{term.fiscal_year}",
        version=(standing.version if standing else 0) + 1,
        title=title or f"{term} 評価基準",
        content=text,
        content_hash=sha256_text(text),
        is_locked=True,
        locked_at=clock.now(),
    )


def start_run(actor: Scope, *, term: Term, kind: RunKind) -> Job:
    """Queue an evaluation run over all hubs. NotReady names what is missing.

    The same evidence, scheme and kind give the same job, so a double click computes once.
    """
    require(actor, "evaluation.scoring.run")
    scheme = current_scheme(term)
    missing = [
        Missing(f"{hub.name}の証拠台帳が凍結されていません。", "evidence_list")
        for hub in hubs_without_book(term)
    ]
    if scheme is None:
        missing.insert(0, Missing("この期の評価基準が確定していません。", "run_list"))
    if scheme is None or missing:
        raise NotReady("まだ評価を算定できません。次を確認してください。", missing)
    books = latest_books(term)
    state = canonical_json({code: book.content_hash for code, book in books.items()})
    fingerprint = sha256_text(f"{scheme.content_hash}{state}")[:20]
    label = f"{term} 評価の算定（{kind.label}、{len(books)}拠点）"
    with transaction.atomic():
        return enqueue(
            actor,
            kind="evaluation.run",
            key=f"evaluation.run:{term.fiscal_year}:{kind}:{fingerprint}",
            label=label,
            params={
                "term_id": term.pk,
                "kind": str(kind),
                "scheme_id": scheme.pk,
                "book_ids": sorted(book.pk for book in books.values()),
            },
        )


@dataclass(frozen=True)
class RunInput:
    """What a run judges: the term, as which kind, by which scheme, from which books by hub code."""

    term: Term
    kind: str
    scheme: ScoringScheme
    books: Mapping[str, EvidenceBook]


def build_snapshot(given: RunInput) -> dict[str, Any]:
    """Everything the engine reads, plus where it came from; hubs in code order."""
    ordered = [given.books[code] for code in sorted(given.books)]
    return {
        "engine": v1.ENGINE,
        "term": given.term.fiscal_year,
        "kind": given.kind,
        "scheme": {
            "code": given.scheme.code,
            "version": given.scheme.version,
            "content_hash": given.scheme.content_hash,
        },
        "evidence": [
            {"hub": book.hub.code, "number": book.number, "content_hash": book.content_hash}
            for book in ordered
        ],
        "input": {
            "scheme": json.loads(given.scheme.content),
            "hubs": [engine_hub(json.loads(book.content)) for book in ordered],
        },
    }


def store_run(
    actor: Scope, *, given: RunInput, snapshot: Mapping[str, Any], job_id: int | None = None
) -> EvaluationRun:
    """Compute a snapshot with its engine and insert the run complete, in the caller's transaction.

    Raises ValueError or TypeError when the engine refuses the input. The run is chained to the one
    before.
    """
    require(actor, "evaluation.scoring.run")
    read = dict(snapshot.get("input", snapshot))
    engine = str(snapshot.get("engine", v1.ENGINE))
    result = ENGINES[engine](read)
    snapshot_text, result_text = canonical_json(dict(snapshot)), canonical_json(result)
    lock_chain()
    last = EvaluationRun.objects.order_by("-pk").first()
    newest = EvaluationRun.objects.filter(term=given.term).order_by("-number").first()
    run = EvaluationRun.objects.create(
        term=given.term,
        number=(newest.number if newest else 0) + 1,
        kind=given.kind,
        engine=engine,
        scheme=given.scheme,
        snapshot=snapshot_text,
        input_hash=sha256_text(snapshot_text),
        result=result_text,
        result_hash=sha256_text(result_text),
        previous_hash=last.result_hash if last else GENESIS,
        job_id=job_id,
        computed_by_id=actor.user_id,
        computed_by_name=actor.label,
    )
    _store_rows(run, read, result, given.books)
    record(
        actor,
        "evaluation.scoring.run",
        run,
        after={"input_hash": run.input_hash, "result_hash": run.result_hash, "kind": given.kind},
    )
    return run


def _store_rows(
    run: EvaluationRun,
    given: Mapping[str, Any],
    result: Mapping[str, Any],
    books: Mapping[str, EvidenceBook],
) -> None:
    """Insert the rows for lists and joins; hubs the portal does not know stay in the text only."""
    hubs = {hub.code: hub for hub in Hub.objects.select_related("bureau")}
    inputs = {hub["code"]: hub for hub in given["hubs"]}
    known = [entry for entry in result["hubs"] if entry["code"] in hubs]
    rows = RunHubResult.objects.bulk_create(
        [_hub_row(run, entry, hubs[entry["code"]], books.get(entry["code"])) for entry in known]
    )
    items = []
    for row, entry in zip(rows, known, strict=True):
        names = _item_names(books.get(entry["code"]))
        lines = explain(entry, given.get("scheme"), inputs[entry["code"]])
        items += [_item_row(row, line, names, place) for place, line in enumerate(lines)]
    RunItemResult.objects.bulk_create(items)


def _hub_row(
    run: EvaluationRun, entry: Mapping[str, Any], hub: Hub, book: EvidenceBook | None
) -> RunHubResult:
    return RunHubResult(
        run=run,
        hub=hub,
        hub_name=hub.name,
        bureau_name=hub.bureau.name,
        evidence_book=book,
        mechanical=_decimal(entry["mechanical"]),
        final=_decimal(entry["final"]),
        is_graded=entry["graded"],
        grade=entry["grade"] or "",
        rank=entry["rank"],
        coverage=Decimal(entry["coverage"]),
        gates=canonical_json(entry["gates"]) if entry["gates"] else "",
    )


def _item_row(
    row: RunHubResult, line: Mapping[str, Any], names: Mapping[str, str], place: int
) -> RunItemResult:
    component, item = line["component"] or "", line["item"] or ""
    label = names.get(f"{component}.{item}") if item else dict(COMPONENTS).get(component)
    return RunItemResult(
        hub_result=row,
        level=line["level"],
        component=component,
        item=item,
        label=label or CLOSING_LABELS.get(line["level"], item or component),
        status=line["status"],
        weight=_decimal(line["weight"]),
        points=_decimal(line["points"]),
        contribution=_decimal(line["contribution"]),
        formula=line["formula"],
        order=place,
    )


def _item_names(book: EvidenceBook | None) -> dict[str, str]:
    """Names of indicators, focus areas and checklist items as they stand in the frozen book."""
    if book is None:
        return {}
    return item_names(json.loads(book.content))


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def fix_run(actor: Scope, *, run: EvaluationRun, reason: str = "") -> EvaluationRun:
    """Fix a computed run by a second person. Unanswered checklist items need a reason."""
    open_items = unanswered(run)
    if open_items and not reason.strip():
        raise NotReady(
            "採点されていない項目（0点）があります。このまま確定する理由を入力してください。",
            [Missing(text) for text in open_items],
        )
    fixed: EvaluationRun = FLOW.apply(
        run,
        "evaluation.scoring.fix",
        actor=actor,
        reason=reason,
        changes={"fixed_at": clock.now(), "fixed_by_id": actor.user_id},
        audit={"result_hash": run.result_hash},
    )
    return fixed


def publish_run(actor: Scope, *, run: EvaluationRun) -> EvaluationRun:
    """Publish a fixed run to all hubs in one transaction; it supersedes the one before."""
    with transaction.atomic():
        published: EvaluationRun = FLOW.apply(
            run,
            "evaluation.scoring.publish",
            actor=actor,
            changes={"published_at": clock.now()},
            audit={"result_hash": run.result_hash},
        )
        _supersede(actor, published)
        members = Membership.objects.filter(
            role__in=["chief_coordinator", "coordinator", "implementing_body"]
        )
        notify(
            members.values_list("user_id", flat=True),
            key=f"run-published-{run.pk}",
            text=f"{run.term}の評価結果が公表されました。",
            url=f"/evaluation/runs/{run.pk}/",
        )
    return published


def _supersede(actor: Scope, published: EvaluationRun) -> None:
    """Take the place of the run published before; the trail says which one gave way."""
    earlier = EvaluationRun.objects.filter(
        term=published.term, kind=published.kind, state=RunState.PUBLISHED
    ).exclude(pk=published.pk)
    for row in earlier.order_by("number"):
        EvaluationRun.objects.filter(pk=row.pk).update(state=RunState.SUPERSEDED)
        record(
            actor,
            "evaluation.scoring.publish",
            row,
            before={"state": RunState.PUBLISHED.value},
            after={"state": RunState.SUPERSEDED.value, "by_run": published.number},
        )


def delete_trial(actor: Scope, *, run: EvaluationRun) -> None:
    """Delete a trial run; every other run is refused (and held by triggers)."""
    require(actor, "evaluation.scoring.run")
    if run.kind != RunKind.TRIAL or run.state != RunState.COMPUTED:
        raise Conflict("削除できるのは試行の評価だけです。")
    with transaction.atomic():
        record(actor, "evaluation.scoring.run", run, before={"result_hash": run.result_hash})
        run.delete()
