"""Every write to runs: scheme, computing, fact check, panel, fixing, publication, recomputation."""

from evaluation.scoring.operations.asking import (
    ask_facts,
    close_facts,
    confirm_facts,
    due_after,
    remind_hubs,
)
from evaluation.scoring.operations.closing import delete_trial, discard_run, fix_run, publish_run
from evaluation.scoring.operations.computing import (
    RunInput,
    build_snapshot,
    start_run,
    store_run,
)
from evaluation.scoring.operations.panel import (
    apply_adjustments,
    drop_adjustment,
    planned_adjustments,
    propose_adjustment,
    require_panel,
    second_adjustment,
    start_adjusting,
)
from evaluation.scoring.operations.rechecking import faults_of, recheck_runs
from evaluation.scoring.operations.remarks import (
    Evidence,
    Said,
    accept_remark,
    note_remark,
    reject_remark,
    remark_on_fact,
    withdraw_remark,
)
from evaluation.scoring.operations.schemes import adopt_scheme, lock_scheme

__all__ = [
    "Evidence",
    "RunInput",
    "Said",
    "accept_remark",
    "adopt_scheme",
    "apply_adjustments",
    "ask_facts",
    "build_snapshot",
    "close_facts",
    "confirm_facts",
    "delete_trial",
    "discard_run",
    "drop_adjustment",
    "due_after",
    "faults_of",
    "fix_run",
    "lock_scheme",
    "note_remark",
    "planned_adjustments",
    "propose_adjustment",
    "publish_run",
    "recheck_runs",
    "reject_remark",
    "remark_on_fact",
    "remind_hubs",
    "require_panel",
    "second_adjustment",
    "start_adjusting",
    "start_run",
    "store_run",
    "withdraw_remark",
]
