"""A slow import kind: it stops for a moment at each stage, so that it can be killed there."""

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.worker_app.models import Line
from yorozu.core.access import Role, Scope, declare, rule
from yorozu.core.imports.kinds import ADDED, UNCHANGED, Change, Comparison, ImportKind, register
from yorozu.core.jobs.registry import handles
from yorozu.core.jobs.runner import JobContext
from yorozu.core.sheets import Column, Table, cells

declare(rule("tests.lines.import", "試験用の取込", {Role.SYSTEM_ADMIN}, writes=True))


def pause(stage: str) -> None:
    """Say where we are, and stay there for a while when a test wants to strike at this stage."""
    folder = Path(os.environ["YOROZU_DATA_DIR"])
    with (folder / "stages.log").open("a") as log:
        log.write(f"{stage}\n")
    slow = folder / f"slow-{stage}"
    end = time.monotonic() + 60
    while slow.exists() and time.monotonic() < end:
        time.sleep(0.1)


class Lines(ImportKind):
    """番号 and 数."""

    code = "tests.lines"
    label = "試験用の行"
    action = "tests.lines.import"

    def columns(self, params: dict[str, Any]) -> list[Column]:
        """Two columns."""
        return [
            Column("code", "番号", cells.text(20), key=True),
            Column("amount", "数", cells.count()),
        ]

    def read(self, data: bytes, filename: str, params: dict[str, Any]) -> Table:
        """The usual reading, with a stop."""
        pause("read")
        return super().read(data, filename, params)

    def compare(self, table: Table, params: dict[str, Any], actor: Scope) -> Comparison:
        """Every line that is not there is added."""
        pause("compare")
        there = set(Line.objects.values_list("code", flat=True))
        changes = [
            Change(
                row.number,
                row["code"],
                UNCHANGED if row["code"] in there else ADDED,
                row["code"],
                (("数", "", str(row["amount"])),),
                {"code": row["code"], "amount": row["amount"]},
            )
            for row in table.rows
        ]
        return Comparison(changes, [])

    def write(
        self, changes: Sequence[Change], params: dict[str, Any], actor: Scope, batch_id: int
    ) -> list[dict[str, Any]]:
        """In two halves, with a stop between them."""
        lines = [Line(**change.data) for change in changes]
        half = len(lines) // 2
        Line.objects.bulk_create(lines[:half])
        pause("half")
        Line.objects.bulk_create(lines[half:])
        pause("whole")
        return [{"code": line.code} for line in lines]

    def revert(
        self, undo: list[dict[str, Any]], params: dict[str, Any], actor: Scope, batch_id: int
    ) -> None:
        """Remove what was added."""
        Line.objects.filter(code__in=[row["code"] for row in undo]).delete()


register(Lines())


@handles("tests.sleep")
def sleep_a_while(context: JobContext) -> dict[str, Any]:
    """Longer than a lease, without a word: the heartbeat must keep the job."""
    time.sleep(float(context.params["seconds"]))
    pause("slept")
    return {}
