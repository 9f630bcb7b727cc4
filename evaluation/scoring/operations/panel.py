"""The panel's adjustments: proposed by one, confirmed by another, computed into a run that follows.

A run never changes, so an adjustment is not written into it: the same books, the same scheme and
the adjustments make the input of a new run with hashes of its own, which takes the old one's place.
"""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction

from evaluation.evidence.models import EvidenceBook
from evaluation.evidence.sources import stamp
from evaluation.scoring.flow import ADJUSTMENT_FLOW, DROP, SECOND
from evaluation.scoring.models import (
    AdjustmentState,
    EvaluationRun,
    PanelAdjustment,
    RunHubResult,
    RunState,
)
from evaluation.scoring.models.panel import LIMIT
from evaluation.scoring.operations.computing import RunInput, store_run
from evaluation.scoring.operations.giving_way import give_way
from evaluation.scoring.queries import input_of, standing_adjustments
from evaluation.scoring.rules.scheme import read_scheme
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.canonical import sha256_text
from yorozu.core.errors import Conflict, InvalidInput, Missing, NotReady, Problem
from yorozu.core.flow import lock
from yorozu.core.jobs.models import Job
from yorozu.core.jobs.operations import enqueue

ADJUST, APPLY = "evaluation.scoring.adjust", "evaluation.scoring.apply_adjustments"
APPLY_JOB = "evaluation.adjust"
# evaluation.md 2.7.
SHORTEST_REASON = 50
MAX_TEXT = 2_000


def propose_adjustment(
    actor: Scope, *, run: EvaluationRun, hub_code: str, points: str, reason: str, evidence: str
) -> PanelAdjustment:
    """Propose points for one hub; a hub has one adjustment per run. 0.00 takes a standing one back.

    InvalidInput lists every fault; Conflict when the run is not before the panel, or the hub has an
    adjustment already.
    """
    require(actor, ADJUST)
    row = run.hub_results.select_related("hub").filter(hub__code=hub_code).first()
    value, problems = _read_points(points, _limit(run))
    problems += _text_faults(reason, evidence)
    if row is None:
        problems.insert(0, Problem(None, "拠点", "この評価に含まれる拠点を選んでください。"))
    elif row.final is None:
        problems.insert(0, Problem(None, "拠点", "総合点のない拠点は調整できません。"))
    elif not problems and value == _standing_points(run, hub_code):
        problems.append(Problem(None, "調整点", "いま反映されている調整と同じ点です。"))
    if problems or row is None or value is None:
        raise InvalidInput(problems)
    with transaction.atomic():
        held = lock(run)
        require_panel(held)
        made = _propose(actor, held, row, value, (reason.strip(), evidence.strip()))
    return made


def _propose(
    actor: Scope, run: EvaluationRun, row: RunHubResult, value: Decimal, said: tuple[str, str]
) -> PanelAdjustment:
    taken = PanelAdjustment.objects.filter(run=run, hub=row.hub)
    if taken.exclude(state=AdjustmentState.WITHDRAWN).exists():
        text = "この拠点の調整はすでに提案されています。取り下げてから提案し直してください。"
        raise Conflict(text)
    made = PanelAdjustment.objects.create(
        run=run,
        hub=row.hub,
        points=value,
        reason=said[0],
        evidence=said[1],
        proposed_by_id=actor.user_id,
        proposed_by_name=actor.label[:200],
    )
    record(actor, ADJUST, made, after={"points": f"{value:.2f}"}, reason=said[0])
    return made


def _limit(run: EvaluationRun) -> Decimal:
    """Five points, or less where the scheme of the run says less."""
    scheme = read_scheme(input_of(run).get("scheme"))
    return min(LIMIT, scheme.adjust_limit)


def _read_points(text: str, limit: Decimal) -> tuple[Decimal | None, list[Problem]]:
    """Points with at most two decimals; full-width digits and ▲ are read."""
    plain = text.strip().translate(_WIDE)
    hint = f"-{limit}から{limit}までの点を、小数第2位までで入力してください。"
    try:
        value = Decimal(plain)
    except InvalidOperation:
        return None, [Problem(None, "調整点", hint)]
    if not value.is_finite() or abs(value) > limit or value != value.quantize(Decimal("0.01")):
        return None, [Problem(None, "調整点", hint)]
    return value.quantize(Decimal("0.01")) + 0, []


_WIDE = str.maketrans("０１２３４５６７８９．－＋▲△−", "0123456789.-+---")


def _text_faults(reason: str, evidence: str) -> list[Problem]:
    problems = []
    length = len(reason.strip())
    if not SHORTEST_REASON <= length <= MAX_TEXT:
        text = f"{SHORTEST_REASON}字以上、{MAX_TEXT:,}字以内で入力してください（現在{length}字）。"
        problems.append(Problem(None, "理由", text))
    if not evidence.strip() or len(evidence.strip()) > MAX_TEXT:
        problems.append(
            Problem(None, "根拠", f"根拠となる資料や記録を{MAX_TEXT:,}字以内で入力してください。")
        )
    return problems


def _standing_points(run: EvaluationRun, hub_code: str) -> Decimal:
    said = {entry["hub"]: Decimal(entry["points"]) for entry in standing_adjustments(run)}
    return said.get(hub_code, Decimal("0.00"))


def require_panel(run: EvaluationRun) -> None:
    """Conflict unless the run stands before the panel."""
    if run.state == RunState.PANEL:
        return
    text = f"この評価は「{run.get_state_display()}」のため、調整できません。"
    raise Conflict(text, Missing(str(run), "run_detail", link_args=(run.pk,)))


def second_adjustment(actor: Scope, *, adjustment: PanelAdjustment) -> PanelAdjustment:
    """Confirm an adjustment; somebody else than the proposer."""
    confirmed: PanelAdjustment = ADJUSTMENT_FLOW.apply(
        adjustment,
        SECOND,
        actor=actor,
        changes={
            "confirmed_at": clock.now(),
            "confirmed_by_id": actor.user_id,
            "confirmed_by_name": actor.label[:200],
        },
        audit={"points": f"{adjustment.points:.2f}"},
    )
    return confirmed


def drop_adjustment(actor: Scope, *, adjustment: PanelAdjustment) -> PanelAdjustment:
    """Take back a proposal that nobody has confirmed."""
    dropped: PanelAdjustment = ADJUSTMENT_FLOW.apply(adjustment, DROP, actor=actor)
    return dropped


def start_adjusting(actor: Scope, *, run: EvaluationRun) -> Job:
    """Queue the computation of the run with its confirmed adjustments; twice gives one job.

    NotReady while a proposal waits for its second person, or when nothing is confirmed.
    """
    require(actor, APPLY)
    require_panel(run)
    rows = _confirmed(run)
    what = sha256_text("-".join(str(row.pk) for row in rows))[:20]
    with transaction.atomic():
        return enqueue(
            actor,
            kind=APPLY_JOB,
            key=f"{APPLY_JOB}:{run.pk}:{what}",
            label=f"{run} 審査会の調整の反映（{len(rows)}拠点）",
            params={"run_id": run.pk},
        )


def planned_adjustments(run: EvaluationRun) -> tuple[dict[str, Any], dict[str, EvidenceBook]]:
    """The snapshot with the adjustments confirmed now, and the books it reads, by hub code."""
    return adjusted_snapshot(run, _confirmed(run)), _books(run)


def _books(run: EvaluationRun) -> dict[str, EvidenceBook]:
    rows = run.hub_results.select_related("hub", "evidence_book__hub")
    return {row.hub.code: row.evidence_book for row in rows if row.evidence_book is not None}


def apply_adjustments(actor: Scope, *, run: EvaluationRun) -> EvaluationRun:
    """Compute the run with its confirmed adjustments; the new run takes the old one's place.

    NotReady while a proposal waits for its second person, or when nothing is confirmed.
    """
    require(actor, APPLY)
    with transaction.atomic():
        held = lock(run)
        require_panel(held)
        confirmed = _confirmed(held)
        snapshot = adjusted_snapshot(held, confirmed)
        given = RunInput(held.term, held.kind, held.scheme, _books(held), adjusted=held)
        made = store_run(actor, given=given, snapshot=snapshot)
        PanelAdjustment.objects.filter(pk__in=[row.pk for row in confirmed]).update(
            applied_run=made
        )
        give_way(actor, made)
    return made


def _confirmed(run: EvaluationRun) -> list[PanelAdjustment]:
    """Confirmed adjustments that no run carries yet; NotReady when a proposal waits or none is."""
    rows = list(run.adjustments.select_related("hub").order_by("hub__code", "pk"))
    confirmed = [
        row for row in rows if row.state == AdjustmentState.CONFIRMED and row.applied_run_id is None
    ]
    _refuse_unsettled(run, rows, confirmed)
    return confirmed


def _refuse_unsettled(
    run: EvaluationRun, rows: Iterable[PanelAdjustment], confirmed: list[PanelAdjustment]
) -> None:
    args = (run.pk,)
    missing = [
        Missing(f"{row.hub.name}の調整の提案が承認されていません。", "run_panel", link_args=args)
        for row in rows
        if row.state == AdjustmentState.PROPOSED
    ]
    if not missing and not confirmed:
        missing = [Missing("承認された調整がありません。", "run_panel", link_args=args)]
    if missing:
        raise NotReady("まだ調整を反映できません。次を確認してください。", missing)


def adjusted_snapshot(run: EvaluationRun, rows: Iterable[PanelAdjustment]) -> dict[str, Any]:
    """The run's snapshot with these adjustments beside those it already carries.

    Points go into the engine's input, reason, evidence and both names beside it.
    """
    snapshot: dict[str, Any] = json.loads(run.snapshot)
    if "input" not in snapshot:
        snapshot = {"engine": run.engine, "input": snapshot}
    said = {entry["hub"]: entry for entry in snapshot.get("adjustments", [])}
    said |= {row.hub.code: _entry(row) for row in rows}
    kept = [said[code] for code in sorted(said) if Decimal(said[code]["points"])]
    points = {entry["hub"]: entry["points"] for entry in kept}
    hubs = [_hub_input(hub, points) for hub in snapshot["input"]["hubs"]]
    return {
        **snapshot,
        "adjustments": kept,
        "adjusts": {"run": run.number, "result_hash": run.result_hash},
        "input": {**snapshot["input"], "hubs": hubs},
    }


def _hub_input(hub: Mapping[str, Any], points: Mapping[str, str]) -> dict[str, Any]:
    plain = {key: value for key, value in hub.items() if key != "adjust"}
    return {**plain, "adjust": points[hub["code"]]} if hub["code"] in points else plain


def _entry(row: PanelAdjustment) -> dict[str, Any]:
    return {
        "hub": row.hub.code,
        "points": f"{row.points:.2f}",
        "reason": row.reason,
        "evidence": row.evidence,
        "proposed_by": row.proposed_by_name,
        "proposed_at": stamp(row.proposed_at),
        "confirmed_by": row.confirmed_by_name,
        "confirmed_at": stamp(row.confirmed_at),
    }
