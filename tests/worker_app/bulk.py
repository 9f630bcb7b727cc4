"""A slow bulk kind: it stops for a moment at each stage, so that it can be killed there."""

from typing import Any

from tests.worker_app.kinds import pause
from tests.worker_app.models import Line
from yorozu.core.access import Scope
from yorozu.core.imports.bulk.kinds import BulkImportKind, Facts, RowReader, Texts
from yorozu.core.imports.kinds import register
from yorozu.core.sheets import Column, cells
from yorozu.core.sheets.columnwise import ClosedReader


class SlowReader(RowReader):
    """Stops once while the file is read."""

    stopped = False

    def accept(self, texts: Texts) -> None:
        """A stop after the first rows."""
        if not self.stopped:
            self.stopped = True
            pause("read")

    def facts(self) -> Facts:
        """A stop when all rows have been read and compared."""
        pause("compare")
        return {}


class BulkLines(BulkImportKind):
    """番号 and 数, in any number."""

    code = "tests.bulk"
    label = "試験用の多くの行"
    action = "tests.lines.import"
    model = Line
    stored = ("code", "amount")
    key = ("code",)
    stands_message = "{key}：{theirs}、{mine}"
    past_message = "{value}"

    def columns(self, params: Facts) -> list[Column]:
        """Two columns."""
        return [
            Column("code", "番号", cells.text(20), key=True),
            Column("amount", "数", cells.count()),
        ]

    def ground(self, params: Facts, actor: Scope) -> Facts:
        """The rows are held against nothing."""
        return params

    def reader(self, ground: Facts) -> RowReader:
        """Both columns through memos."""
        return SlowReader({column.name: ClosedReader(column) for column in self.columns(ground)})

    def constants(self, batch_id: int, actor: Scope) -> dict[str, Any]:
        """The batch."""
        return {"import_batch_id": batch_id}

    def recheck(self, facts: Facts, actor: Scope) -> None:
        """A stop before anything is written."""
        pause("half")

    def written(self, facts: Facts) -> None:
        """A stop when all is written and nothing committed."""
        pause("whole")

    def revert(self, batch_id: int, actor: Scope) -> int:
        """Delete the rows, and stop before the end."""
        deleted, _ = Line.objects.filter(import_batch_id=batch_id).delete()
        pause("undo")
        return deleted


register(BulkLines())
