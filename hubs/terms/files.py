"""The note on a year's changed rules in the files of its results.

A CSV stays a plain table that programs and the imports of this portal read: the note is one more
column at the end, in every row, and only in a year whose rules were changed. A workbook gets one
more sheet at the end.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from hubs.terms.queries import RulesNote
from yorozu.core.sheets import Sheet

HEADING = "年度の規則の変更"


def noted(
    header: Sequence[str], rows: Iterable[Sequence[Any]], note: RulesNote | None
) -> tuple[list[str], list[list[Any]]]:
    """Header and rows of a CSV, with the note in a last column where there is one."""
    if note is None:
        return list(header), [list(row) for row in rows]
    return [*header, HEADING], [[*row, note.line] for row in rows]


def note_sheets(note: RulesNote | None) -> list[Sheet]:
    """The last sheet of a workbook; none while the first registration stands."""
    if note is None:
        return []
    rows = [["変更", note.text], ["理由", note.reason], ["版", f"第{note.version}版"]]
    return [Sheet(HEADING, ["項目", "内容"], rows)]
