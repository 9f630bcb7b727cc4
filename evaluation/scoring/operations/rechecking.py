"""Recomputing fixed runs: the same input must give the same result, for ever (evaluation.md 5)."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.urls import reverse

from evaluation.scoring.models import EvaluationRun, RunKind, RunRecheck
from evaluation.scoring.operations.computing import expected_rows
from evaluation.scoring.queries import ENGINES, people_of
from evaluation.scoring.rules.recheck import check_analysis, check_run
from yorozu.core import clock
from yorozu.core.access import Role, Scope, require
from yorozu.core.audit.operations import Act, record_many
from yorozu.core.canonical import sha256_text
from yorozu.core.notices.operations import notify

RECHECK = "evaluation.scoring.recheck"
MOST_FAULTS = 20


def recheck_runs(actor: Scope) -> list[RunRecheck]:
    """Recompute every run that was ever fixed and keep what was found; a difference is an alarm.

    Each alarm is an event of the trail and a notice to national HQ and the system administrators.
    Nothing is mended: what differs is to be looked into by people.
    """
    require(actor, RECHECK)
    runs = EvaluationRun.objects.exclude(kind=RunKind.TRIAL).filter(fixed_at__isnull=False)
    found = []
    for run in runs.select_related("term", "scheme").order_by("pk"):
        faults = faults_of(run)
        found.append(RunRecheck(run=run, is_same=not faults, faults="\n".join(faults)))
    with transaction.atomic():
        RunRecheck.objects.bulk_create(found)
        _raise_alarm(actor, [row for row in found if not row.is_same])
    return found


def faults_of(run: EvaluationRun) -> list[str]:
    """What differs in one run: text, hashes, chain, books, and the rows made for lists.

    One Japanese sentence each; empty when everything agrees to the last byte.
    """
    record = {
        name: getattr(run, name)
        for name in ("engine", "snapshot", "input_hash", "result", "result_hash")
    }
    faults = [*check_run(record, ENGINES), *_chain_faults(run), *_book_faults(run)]
    faults += _analysis_faults(run, record)
    if not faults:
        faults += _row_faults(run)
    return faults[:MOST_FAULTS]


def _analysis_faults(run: EvaluationRun, record: dict[str, Any]) -> list[str]:
    """Intervals and variants stored beside the run are recomputed with it."""
    if not hasattr(run, "analysis"):
        return []
    return check_analysis(record, run.analysis.record(), ENGINES)


def _chain_faults(run: EvaluationRun) -> list[str]:
    before = EvaluationRun.objects.exclude(kind=RunKind.TRIAL).filter(pk__lt=run.pk)
    last = before.order_by("-pk").first()
    if run.previous_hash == (last.result_hash if last else "0" * 64):
        return []
    return ["前の評価のハッシュがつながりません。"]


def _book_faults(run: EvaluationRun) -> Iterable[str]:
    rows = run.hub_results.select_related("evidence_book", "hub").order_by("hub__code")
    for row in rows:
        book = row.evidence_book
        if book is not None and sha256_text(book.content) != book.content_hash:
            yield f"{row.hub_name}の証拠台帳がハッシュと一致しません。"


def _row_faults(run: EvaluationRun) -> Iterable[str]:
    """The rows for lists and joins must say what the text says."""
    for name, stored, expected in expected_rows(run):
        if stored != expected:
            yield f"一覧用の行が結果と違います：拠点コード{name}"


def _raise_alarm(actor: Scope, wrong: list[RunRecheck]) -> None:
    if not wrong:
        return
    acts = [
        Act(
            row.run,
            after={"faults": row.faults.splitlines()},
            reason="再計算の結果が記録と違うため",
        )
        for row in wrong
    ]
    record_many(actor, RECHECK, acts)
    named = "、".join(str(row.run) for row in wrong[:3])
    notify(
        people_of(Role.NATIONAL_HQ, Role.SYSTEM_ADMIN),
        key=f"{RECHECK}:{clock.now():%Y%m%d%H%M%S%f}",
        text=f"確定した評価の再計算が、記録と違いました（{named}）。監査記録で内容を確認してください。",
        url=reverse("audit_list"),
        mail=True,
    )
