"""Fixing, publishing, and taking a run away that nobody uses."""

from django.db import transaction
from django.urls import reverse

from evaluation.scoring.flow import DISCARD, FIX, FLOW, PUBLISH, unanswered
from evaluation.scoring.models import EvaluationRun, RunKind, RunState
from evaluation.scoring.operations.giving_way import give_way
from evaluation.scoring.queries import HUB_SIDE, people_of
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, Missing, NotReady
from yorozu.core.notices.operations import notify

DELETE = "evaluation.scoring.run"


def fix_run(actor: Scope, *, run: EvaluationRun, reason: str = "") -> EvaluationRun:
    """Fix a run by a second person. Unanswered checklist items need a reason.

    NotReady names what stands in the way: no fact check, an open flag, an unsettled adjustment.
    """
    open_items = unanswered(run)
    if open_items and not reason.strip():
        raise NotReady(
            "採点されていない項目（0点）があります。このまま確定する理由を入力してください。",
            [Missing(text) for text in open_items],
        )
    with transaction.atomic():
        fixed: EvaluationRun = FLOW.apply(
            run,
            FIX,
            actor=actor,
            reason=reason,
            changes={"fixed_at": clock.now(), "fixed_by_id": actor.user_id},
            audit={"result_hash": run.result_hash},
        )
        give_way(actor, fixed)
    return fixed


def publish_run(actor: Scope, *, run: EvaluationRun) -> EvaluationRun:
    """Publish a fixed run to all hubs in one transaction; it supersedes the one before."""
    with transaction.atomic():
        published: EvaluationRun = FLOW.apply(
            run,
            PUBLISH,
            actor=actor,
            changes={"published_at": clock.now()},
            audit={"result_hash": run.result_hash},
        )
        gone = give_way(actor, published, published=True)
        said = "訂正されました" if gone else "公表されました"
        notify(
            people_of(*HUB_SIDE),
            key=f"run-published-{run.pk}",
            text=f"{run.term}の評価結果が{said}。",
            url=reverse("report_changes" if gone else "run_detail", args=[run.pk]),
        )
    return published


def discard_run(actor: Scope, *, run: EvaluationRun, reason: str) -> EvaluationRun:
    """Lay a computed run aside that nobody will use; the row stays, with the reason in the trail.

    The run it was to correct goes on as if it had not been computed.
    """
    discarded: EvaluationRun = FLOW.apply(run, DISCARD, actor=actor, reason=reason)
    return discarded


def delete_trial(actor: Scope, *, run: EvaluationRun) -> None:
    """Delete a trial run; every other run is refused (and held by triggers)."""
    require(actor, DELETE)
    if run.kind != RunKind.TRIAL or run.state != RunState.COMPUTED:
        raise Conflict("削除できるのは試行の評価だけです。")
    with transaction.atomic():
        record(actor, DELETE, run, before={"result_hash": run.result_hash})
        run.delete()
