"""Computing a run: what it needs, its snapshot, and the row with its lines."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from evaluation.evidence.models import EvidenceBook
from evaluation.evidence.readings import item_names
from evaluation.evidence.rules import engine_hub
from evaluation.scoring.models import (
    YEARS_END,
    EvaluationRun,
    RunHubResult,
    RunItemResult,
    RunKind,
    RunState,
    ScoringScheme,
    Succession,
)
from evaluation.scoring.queries import (
    COMPONENTS,
    ENGINES,
    current_scheme,
    hubs_without_book,
    latest_books,
    predecessor,
    published_run,
)
from evaluation.scoring.rules import v1
from evaluation.scoring.rules.explain import explain
from hubs.network.models import Hub
from hubs.terms.models import Term
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import GENESIS, lock_chain, record
from yorozu.core.canonical import canonical_json, sha256_text
from yorozu.core.errors import Missing, NotReady
from yorozu.core.fiscal import last_day, wareki
from yorozu.core.jobs.models import Job
from yorozu.core.jobs.operations import enqueue

CLOSING_LABELS = {"rounding": "四捨五入", "adjustment": "審査会による調整", "total": "総合点"}


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
    books = latest_books(term)
    missing += _wrong_cuts(term, kind, list(books.values()))
    if scheme is None:
        missing.insert(0, Missing("この期の評価基準が確定していません。", "run_list"))
    if scheme is None or missing:
        raise NotReady("まだ評価を算定できません。次を確認してください。", missing)
    state = canonical_json({code: book.content_hash for code, book in books.items()})
    # A correction after another run, or after a computation nobody uses, is a job of its own.
    past = EvaluationRun.objects.filter(term=term, state=RunState.SUPERSEDED).count()
    before = predecessor(term, kind)
    after = f"{before.pk if before else 0}:{past}"
    fingerprint = sha256_text(f"{scheme.content_hash}{state}{after}")[:20]
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


def _wrong_cuts(term: Term, kind: RunKind, books: Sequence[EvidenceBook]) -> list[Missing]:
    """Books whose cut does not fit the kind of run.

    A provisional cut is one day for all; the judgement of the year reads whole years; a review
    needs something published to review.
    """
    if kind == RunKind.APPEAL and published_run(term, kind) is None:
        text = "公表した評価がないため、再審査はできません。「確定」の種別で算定してください。"
        return [Missing(text, "run_list")]
    cuts = sorted({book.as_of for book in books})
    if kind == RunKind.PROVISIONAL and len(cuts) > 1:
        days = "、".join(wareki(day) for day in cuts)
        text = f"暫定の評価には全拠点で同じ基準日の証拠台帳が必要です（現在：{days}）。"
        return [Missing(text, "evidence_term", link_args=(term.fiscal_year,))]
    if kind not in YEARS_END:
        return []
    end = last_day(term.fiscal_year)
    return [
        Missing(
            f"{book.hub.name}の証拠台帳の基準日（{wareki(book.as_of)}）が年度末より前です。",
            "evidence_term",
            link_args=(term.fiscal_year,),
        )
        for book in books
        if book.as_of < end
    ]


@dataclass(frozen=True)
class RunInput:
    """What a run judges: the term, as which kind, by which scheme, from which books by hub code.

    ``adjusted`` is the run whose place it takes to carry the panel's adjustments.
    """

    term: Term
    kind: str
    scheme: ScoringScheme
    books: Mapping[str, EvidenceBook]
    adjusted: EvaluationRun | None = None

    @property
    def as_of(self) -> date | None:
        """The cut: the last day that any of the books looks at."""
        return max((book.as_of for book in self.books.values()), default=None)


def build_snapshot(given: RunInput) -> dict[str, Any]:
    """Everything the engine reads, plus where it came from; hubs in code order."""
    ordered = [given.books[code] for code in sorted(given.books)]
    return {
        "engine": v1.ENGINE,
        "term": given.term.fiscal_year,
        "kind": given.kind,
        "as_of": given.as_of.isoformat() if given.as_of else None,
        "scheme": {
            "code": given.scheme.code,
            "version": given.scheme.version,
            "content_hash": given.scheme.content_hash,
        },
        "evidence": [
            {
                "hub": book.hub.code,
                "number": book.number,
                "as_of": book.as_of.isoformat(),
                "content_hash": book.content_hash,
            }
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
    before; trials, which may be deleted, are no link of the chain. It corrects the run of its kind
    that is under way or published, if there is one.
    """
    require(actor, "evaluation.scoring.run")
    read = dict(snapshot.get("input", snapshot))
    engine = str(snapshot.get("engine", v1.ENGINE))
    result = ENGINES[engine](read)
    snapshot_text, result_text = canonical_json(dict(snapshot)), canonical_json(result)
    lock_chain()
    last = EvaluationRun.objects.exclude(kind=RunKind.TRIAL).order_by("-pk").first()
    newest = EvaluationRun.objects.filter(term=given.term).order_by("-number").first()
    before = given.adjusted or predecessor(given.term, given.kind)
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
        state=RunState.PANEL if given.adjusted else RunState.COMPUTED,
        as_of=given.as_of,
        supersedes=before,
        succession=_succession(given, before),
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


def _succession(given: RunInput, before: EvaluationRun | None) -> Succession:
    if before is None:
        return Succession.NONE
    return Succession.ADJUSTMENT if given.adjusted else Succession.CORRECTION


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


def expected_rows(run: EvaluationRun) -> Iterator[tuple[str, Any, Any]]:
    """(whose line, what is stored, what the result's text says) for every row of a run's lists.

    A row that is missing on either side stands against None.
    """
    snapshot, result = json.loads(run.snapshot), json.loads(run.result)
    read = dict(snapshot.get("input", snapshot))
    inputs = {hub["code"]: hub for hub in read["hubs"]}
    texts = {entry["code"]: entry for entry in result["hubs"]}
    rows = run.hub_results.select_related("hub__bureau", "evidence_book").prefetch_related("items")
    held = {row.hub.code: row for row in rows}
    known = set(Hub.objects.values_list("code", flat=True))
    for code in sorted(set(held) | (set(texts) & known)):
        row, entry = held.get(code), texts.get(code)
        if row is None or entry is None:
            yield code, row, entry
            continue
        made = _hub_row(run, entry, row.hub, row.evidence_book)
        yield code, _figures(row, _HUB_FIGURES), _figures(made, _HUB_FIGURES)
        names = _item_names(row.evidence_book)
        # By name, not by place: the snapshot's text has its keys in another order than the books.
        lines = {
            (line.level, line.component, line.item): line
            for line in (
                _item_row(row, said, names, place)
                for place, said in enumerate(explain(entry, read.get("scheme"), inputs[code]))
            )
        }
        stored = {(item.level, item.component, item.item): item for item in row.items.all()}
        for key in sorted({*stored, *lines}):
            pair = [
                _figures(side[key], _ITEM_FIGURES) if key in side else None
                for side in (stored, lines)
            ]
            yield f"{code} {'.'.join(part for part in key if part)}", pair[0], pair[1]


_HUB_FIGURES = ("mechanical", "final", "is_graded", "grade", "rank", "coverage", "gates")
_ITEM_FIGURES = ("level", "component", "item", "status", "weight", "points", "contribution")


def _figures(row: Any, names: Sequence[str]) -> list[str]:
    """Values as text; decimals without the zeros that a database adds or drops."""
    values = [getattr(row, name) for name in names]
    return [
        str(value.normalize()) if isinstance(value, Decimal) else str(value) for value in values
    ]


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
