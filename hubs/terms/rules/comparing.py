"""Two versions side by side: rows with a key, paired, differences marked."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of a part as people read it; ``note`` follows from the text and is not compared."""

    key: str
    group: str
    label: str
    text: str
    note: str = ""


@dataclass(frozen=True)
class Pair:
    """The same line before and after; None where it is not there."""

    key: str
    group: str
    label: str
    before: Row | None
    after: Row | None

    @property
    def differs(self) -> bool:
        """True when label or text changed, or the line is new or gone."""
        if self.before is None or self.after is None:
            return True
        return (self.before.label, self.before.text) != (self.after.label, self.after.text)


def pairs(before: Iterable[Row], after: Iterable[Row]) -> list[Pair]:
    """Lines of both in the order of ``after``; lines that are gone stand at the end."""
    old, new = {row.key: row for row in before}, {row.key: row for row in after}
    keys = [*new, *(key for key in old if key not in new)]
    found = []
    for key in keys:
        row = new.get(key) or old[key]
        found.append(Pair(key, row.group, row.label, old.get(key), new.get(key)))
    return found


def differing(rows: Sequence[Pair]) -> list[Pair]:
    """Only the lines that differ."""
    return [row for row in rows if row.differs]


def text_pairs(before: str, after: str) -> list[Pair]:
    """Two texts line by line; equal lines face each other, changed ones differ."""
    old, new = before.splitlines(), after.splitlines()
    found: list[Pair] = []
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    for _, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        left, right = old[old_from:old_to], new[new_from:new_to]
        for place in range(max(len(left), len(right))):
            found.append(_text_pair(len(found), _at(left, place), _at(right, place)))
    return found


def _at(lines: Sequence[str], place: int) -> str | None:
    return lines[place] if place < len(lines) else None


def _text_pair(number: int, left: str | None, right: str | None) -> Pair:
    key = str(number)
    before = None if left is None else Row(key, "", "", left)
    after = None if right is None else Row(key, "", "", right)
    return Pair(key, "", "", before, after)
