"""What differs between two contents of a plan: words of a text, numbers of a target."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from hubs.plans.rules.agreed import Agreed, AgreedArea, AgreedTarget

Content = Mapping[str, Any]
Kind = Literal["same", "removed", "added"]
# Japanese has no blanks between words: a run of one kind of letter comes near to a word.
_WORDS = re.compile(
    r"[0-9０-９][0-9０-９,，.．]*|[A-Za-zＡ-Ｚａ-ｚ]+|[一-鿿々〆]+|[ァ-ヿー]+|[ぁ-ゟ]+|\s|.",
    re.DOTALL,
)
_SENTENCES = re.compile(r"[^。\n]*[。\n]?", re.DOTALL)
# Above this many pairs a passage is shown as replaced as a whole: comparing would take long.
MAX_PAIRS = 500_000
_LAST_YEAR = "L-"


@dataclass(frozen=True)
class Piece:
    """A piece of text and what happened to it."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class TextDifference:
    """Two texts side by side: ``old`` holds same and removed pieces, ``new`` same and added."""

    old: tuple[Piece, ...]
    new: tuple[Piece, ...]

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return all(piece.kind == "same" for piece in (*self.old, *self.new))


@dataclass(frozen=True)
class NumberDifference:
    """One number of two contents; None where a content does not have it."""

    key: str
    label: str
    unit: str
    old: int | None
    new: int | None

    @property
    def change(self) -> int | None:
        """New less old, None when one of them is not there."""
        return None if self.old is None or self.new is None else self.new - self.old

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return self.old == self.new


@dataclass(frozen=True)
class WordDifference:
    """One short entry of two contents (name, weight, way of counting)."""

    label: str
    old: str
    new: str

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return self.old == self.new


def compare_texts(old: str, new: str) -> TextDifference:
    """Mark removed and added words; sentence by sentence first, then inside what changed."""
    left, right = _lines(old), _lines(new)
    olds: list[Piece] = []
    news: list[Piece] = []
    if left != right and len(left) * len(right) > MAX_PAIRS:
        return TextDifference((Piece("removed", old),), (Piece("added", new),))
    for tag, (i1, i2, j1, j2) in _steps(left, right):
        before, after = "".join(left[i1:i2]), "".join(right[j1:j2])
        if tag == "equal":
            olds.append(Piece("same", before))
            news.append(Piece("same", after))
        else:
            _compare_words(before, after, olds, news)
    return TextDifference(_joined(olds), _joined(news))


def _lines(text: str) -> list[str]:
    return [part for part in _SENTENCES.findall(text.replace("\r\n", "\n")) if part]


def _steps(
    left: Sequence[str], right: Sequence[str]
) -> Iterator[tuple[str, tuple[int, int, int, int]]]:
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
    for tag, *place in matcher.get_opcodes():
        yield tag, (place[0], place[1], place[2], place[3])


def _compare_words(before: str, after: str, olds: list[Piece], news: list[Piece]) -> None:
    left, right = _WORDS.findall(before), _WORDS.findall(after)
    if len(left) * len(right) > MAX_PAIRS:
        olds.append(Piece("removed", before))
        news.append(Piece("added", after))
        return
    for tag, (i1, i2, j1, j2) in _steps(left, right):
        kinds: tuple[Kind, Kind] = ("same", "same") if tag == "equal" else ("removed", "added")
        olds.append(Piece(kinds[0], "".join(left[i1:i2])))
        news.append(Piece(kinds[1], "".join(right[j1:j2])))


def _joined(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Neighbours of one kind as one piece, empty ones left out."""
    joined: list[Piece] = []
    for piece in pieces:
        if not piece.text:
            continue
        if joined and joined[-1].kind == piece.kind:
            joined[-1] = Piece(piece.kind, joined[-1].text + piece.text)
        else:
            joined.append(piece)
    return tuple(joined)


def aligned(old: Agreed, new: Agreed) -> Agreed:
    """The old content with its focus areas under the codes of the new one's of the same name.

    For plans of two years: a code is a place in a form, not the same area.
    """
    codes = {row.name: row.code for row in new.areas}
    areas = [replace(row, code=codes.get(row.name, f"{_LAST_YEAR}{row.code}")) for row in old.areas]
    return Agreed(old.targets, tuple(areas))


def compare_targets(old: Agreed, new: Agreed) -> list[NumberDifference]:
    """The year's targets of indicators and focus areas, in the order of the new content."""
    return [
        NumberDifference(key, label, unit, old.year_target(key), new.year_target(key))
        for key, label, unit in _rows(old, new)
    ]


def compare_months(old: Agreed, new: Agreed) -> list[tuple[str, str, tuple[NumberDifference, ...]]]:
    """(label, unit, twelve months) of every target that has months in one of the contents."""
    found = []
    for key, label, unit in _rows(old, new):
        before, after = old.month_targets(key), new.month_targets(key)
        if before or after:
            months = tuple(
                NumberDifference(key, label, unit, _at(before, place), _at(after, place))
                for place in range(12)
            )
            found.append((label, unit, months))
    return found


def _at(months: Sequence[int], place: int) -> int | None:
    return months[place] if months else None


def _rows(old: Agreed, new: Agreed) -> list[tuple[str, str, str]]:
    """(code, name, unit) of everything in either content, the new one's names first."""
    found: dict[str, tuple[str, str, str]] = {}
    for agreed in (new, old):
        rows: list[AgreedTarget | AgreedArea] = [*agreed.targets, *agreed.areas]
        for row in rows:
            found.setdefault(row.code, (row.code, row.name, row.unit))
    return list(found.values())


def compare_figures(old: Sequence[Content], new: Sequence[Content]) -> list[NumberDifference]:
    """Public figures of the region by kind and industry, in the order of the new content."""
    before = {(row["code"], row["industry"]): row for row in old}
    after = {(row["code"], row["industry"]): row for row in new}
    found = []
    for key in {**after, **before}:
        row = after.get(key) or before[key]
        label = f"{row['label']}　うち{row['industry_label']}" if row["industry"] else row["label"]
        values = [rows[key]["value"] if key in rows else None for rows in (before, after)]
        found.append(NumberDifference("/".join(key), label, row["unit"], values[0], values[1]))
    return found


def compare_areas(old: Agreed, new: Agreed) -> list[tuple[str, list[WordDifference]]]:
    """(name, changed entries) of every focus area in either content, in the order of the codes."""
    codes = sorted({row.code for row in (*old.areas, *new.areas)})
    found = []
    for code in codes:
        before, after = old.area(code), new.area(code)
        words = [
            WordDifference(label, one, other)
            for (label, one), (_, other) in zip(
                _area_words(before), _area_words(after), strict=True
            )
        ]
        named = after or before
        found.append((named.name if named else code, [row for row in words if not row.is_same]))
    return [(name, words) for name, words in found if words]


def _area_words(area: AgreedArea | None) -> list[tuple[str, str]]:
    return [
        ("名称", area.name if area else ""),
        ("内容", area.description if area else ""),
        ("数え方", (area.indicator or area.measure) if area else ""),
        ("根拠の定め", area.evidence_rule if area else ""),
        ("重み", ("均等" if area.weight is None else str(area.weight)) if area else ""),
        ("挑戦係数", str(area.challenge) if area else ""),
    ]


def compare_factors(
    old: Mapping[str, AgreedTarget], new: Mapping[str, AgreedTarget]
) -> list[WordDifference]:
    """Challenge factors of the indicators that differ."""
    rows = [
        WordDifference(
            row.name, str(old[code].challenge) if code in old else "", str(row.challenge)
        )
        for code, row in new.items()
    ]
    return [row for row in rows if not row.is_same]
