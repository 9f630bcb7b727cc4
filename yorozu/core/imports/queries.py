"""What the import screens show: kinds, earlier imports of the same file, differences, problems."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from yorozu.core.access import Scope, decide
from yorozu.core.errors import Problem
from yorozu.core.imports.bulk.files import PROBLEMS, WARNED
from yorozu.core.imports.kinds import ADDED, FileKind, all_kinds, find
from yorozu.core.imports.models import BatchState, ImportBatch


@dataclass(frozen=True)
class ShownChange:
    """One difference of the preview."""

    row: int
    word: str
    label: str
    fields: list[tuple[str, str, str]]


def kinds_for(actor: Scope) -> list[FileKind]:
    """The kinds of file this person may import."""
    return [kind for kind in all_kinds() if decide(actor, kind.action).allowed]


def kind_label(code: str) -> str:
    """The kind in Japanese; the bare code for a kind of an older version."""
    try:
        return find(code).label
    except KeyError:
        return code


def params_text(batch: ImportBatch) -> list[tuple[str, str]]:
    """The conditions the person chose, with the words of the form."""
    form_class = find(batch.kind).params_form
    if form_class is None:
        return []
    shown = []
    for name, field in form_class().fields.items():
        value = batch.params.get(name)
        words = dict(_flat(getattr(field, "choices", ())))
        shown.append(
            (str(field.label or name), str(words.get(str(value), "" if value is None else value)))
        )
    return shown


def _flat(choices: Any) -> list[tuple[str, str]]:
    return [(str(value), str(label)) for value, label in choices]


def applied_before(batch: ImportBatch) -> ImportBatch | None:
    """The last import of the same bytes for the same conditions that still stands, or None."""
    same = ImportBatch.objects.light().filter(
        kind=batch.kind, sha256=batch.sha256, state=BatchState.APPLIED
    )
    earlier = same.exclude(pk=batch.pk).order_by("-applied_at")
    return next((row for row in earlier if row.params == batch.params), None)


def shown_changes(changes: list[dict[str, Any]]) -> list[ShownChange]:
    """Stored differences with the word for what would happen."""
    return [
        ShownChange(
            row=change["row"],
            word="追加" if change["kind"] == ADDED else "変更",
            label=change["label"],
            fields=[(name, before, after) for name, before, after in change["fields"]],
        )
        for change in changes
    ]


def column_names(batch: ImportBatch, changes: Iterable[ShownChange]) -> list[str]:
    """The headings that the rows fill, in the order of the file."""
    filled = {name for change in changes for name, _, _ in change.fields}
    columns = find(batch.kind).columns(batch.params)
    return [column.heading for column in columns if column.heading in filled]


def as_rows(
    changes: Iterable[ShownChange], names: Sequence[str]
) -> list[tuple[int, str, list[str]]]:
    """Added rows as they stand in the file: row, label, and a text for each column."""
    rows = []
    for change in changes:
        texts = {name: after for name, _, after in change.fields}
        rows.append((change.row, change.label, [texts.get(name, "") for name in names]))
    return rows


def problems_of(batch: ImportBatch) -> list[Problem]:
    """The stored problems as they were found, by row."""
    return [Problem(row, column, message) for row, column, message in batch.problems]


def stored_problems(batch: ImportBatch) -> str:
    """The file of all problems and warnings of a bulk import in the storage; "" when none."""
    if not batch.work or not (batch.problems_total or _warned(batch)):
        return ""
    return f"{batch.folder}/{batch.work}/{PROBLEMS}"


def _warned(batch: ImportBatch) -> int:
    return int(dict(batch.summary).get(WARNED, 0))
