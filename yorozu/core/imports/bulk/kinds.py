"""What a bulk kind must offer: its table, a reader of its rows, and what surrounds the loading."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.db import models

from yorozu.core.access import Scope
from yorozu.core.errors import Problem
from yorozu.core.imports.kinds import FileKind, find
from yorozu.core.sheets.columnwise import ColumnReader

Texts = Mapping[str, Sequence[str]]
Facts = dict[str, Any]
ALL_OR_NOTHING, WITHOUT_FAULTS = "refuse", "leave_out"


class FaultsForm(forms.Form):
    """What becomes of a file of which some rows cannot be taken."""

    faults = forms.ChoiceField(
        label="誤りのある行",
        choices=[
            (ALL_OR_NOTHING, "誤りが1行でもあれば、取り込まない"),
            (WITHOUT_FAULTS, "誤りのある行を除いて、正しい行だけを取り込む"),
        ],
        initial=ALL_OR_NOTHING,
        widget=forms.RadioSelect,
        help_text="除いた行は、次の画面で一覧とCSVで確認できます。",
    )


class RowReader:
    """Reads the rows of one file for one check; made anew by the kind for each.

    A large file is read by two readers in two processes, the second one behind the first. So what
    becomes of a row may depend on the row and the ground alone.

    ``readers`` are by name of the column, in the order of ``BulkImportKind.stored``; further ones
    are only checked. ``noted`` names the columns that ``warnings`` and ``accept`` look at.
    All texts are those of COPY (core.sheets.columnwise).
    """

    noted: tuple[str, ...] = ()

    def __init__(self, readers: Mapping[str, ColumnReader]) -> None:
        self.readers = dict(readers)

    def read_as(self, *, csv: bool) -> None:
        """The cells are those of a CSV, or of a workbook."""
        for reader in self.readers.values():
            reader.read_as(csv=csv)

    def read(self, cells: Mapping[str, Sequence[Any]]) -> dict[str, Sequence[str]]:
        """The columns of a chunk as stored, FAULT where a cell cannot be taken."""
        return {name: reader.read(cells[name]) for name, reader in self.readers.items()}

    def suspects(self, texts: Texts) -> Iterable[int]:
        """Places of rows that may break a rule between columns: each is then looked at alone."""
        return ()

    def row_problems(self, number: int, row: Mapping[str, str]) -> list[Problem]:
        """What is wrong with a row as a whole; FAULT stands where a cell is at fault by itself."""
        return []

    def warnings(self, numbers: Sequence[str], texts: Texts) -> list[Problem]:
        """What should be looked at in good rows but hinders nothing; their numbers come along."""
        return []

    def accept(self, texts: Texts) -> None:
        """Take note of the good rows of a chunk, for ``facts``."""

    def facts(self) -> Facts:
        """What applying must know of all good rows (JSON-able): months, hubs."""
        return {}

    def take_over(self, facts: Facts) -> None:
        """Take note of the facts of rows that another reader has read, for ``facts``."""

    def shown(self, name: str, text: str) -> str:
        """A stored text as people read it."""
        return text


class BulkImportKind(FileKind):
    """A kind of file that may have a million rows, each of which is added or left out.

    ``stored`` names the columns of ``model`` that the file brings, in the order of COPY;
    ``key`` those that tell two rows apart. ``current`` is the SQL, over the table as ``t``, that
    the row standing for a key satisfies; rows of the key that do not are of the past.
    """

    is_bulk = True
    params_form: type[forms.Form] | None = FaultsForm
    model: type[models.Model]
    stored: tuple[str, ...]
    key: tuple[str, ...]
    line_column = "import_line"
    batch_column = "import_batch_id"
    current = "1 = 1"
    stands_message: str
    past_message: str

    @property
    def table(self) -> str:
        """Name of the table."""
        return self.model._meta.db_table

    @abstractmethod
    def ground(self, params: Facts, actor: Scope) -> Any:
        """Everything the rows are checked against, read from the database once; can be pickled."""

    @abstractmethod
    def reader(self, ground: Any) -> RowReader:
        """A new reader of rows on this ground. Asks neither the database nor the clock."""

    @abstractmethod
    def constants(self, batch_id: int, actor: Scope) -> dict[str, Any]:
        """Values that all rows share, by column."""

    @abstractmethod
    def recheck(self, facts: Facts, actor: Scope) -> None:
        """Just before the rows are written: raises Conflict when the check no longer holds."""

    def written(self, facts: Facts) -> None:
        """After the rows are written, in the same transaction."""

    @abstractmethod
    def revert(self, batch_id: int, actor: Scope) -> int:
        """Delete exactly the rows of the batch; how many. Conflict when one must stay."""

    def leaves_out(self, params: Facts) -> bool:
        """True when faulty rows are left out instead of the whole file."""
        return bool(params.get("faults") == WITHOUT_FAULTS)


def bulk_kind(code: str) -> BulkImportKind:
    """The bulk kind of this code; TypeError for one of the other sort."""
    kind = find(code)
    if not isinstance(kind, BulkImportKind):
        raise TypeError(f"{code} is no bulk kind")
    return kind
