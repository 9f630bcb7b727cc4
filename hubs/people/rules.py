"""Rules of people and qualifications: match keys, ticks in one cell, engagements, the table."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from yorozu.core.sheets.keys import heading_key, match_key, trim

CC, CO = "CC", "CO"
ROLES = (CC, CO)
_KANA = re.compile(r"[ぁ-ゖァ-ヺー・ ]+")
_TO_KATAKANA = {code: code + 0x60 for code in range(ord("ぁ"), ord("ゖ") + 1)}
_NOTHING = frozenset(map(heading_key, ("なし", "無し", "無", "該当なし", "特になし", "－", "―")))
_HARD = re.compile(r"[、,，;；/／\n\r]+")
_SOFT = re.compile(r"[・･]")
_BRACKETS = re.compile(r"[（(][^（()）]*[)）]")
_OTHER = re.compile(r"(?P<name>[^（(]+)[（(](?P<text>[^（()）]+)[)）]")


def name_key(name: str) -> str:
    """The name for comparison only: folded, without blanks (domain.md 4.2)."""
    return match_key(name).replace(" ", "")


def kana_key(kana: str) -> str:
    """Reading for comparison: katakana without blanks and dots."""
    folded = match_key(kana).translate(_TO_KATAKANA)
    return folded.replace(" ", "").replace("・", "")


def kana_fault(kana: str) -> str:
    """Why a reading cannot be taken; empty when it can."""
    if _KANA.fullmatch(unicodedata.normalize("NFKC", kana)):
        return ""
    return "フリガナはカタカナかひらがなで入力してください。"


@dataclass(frozen=True)
class Candidate:
    """A person already known at the hub under the same name."""

    person_id: int
    kana_key: str


def find_person(candidates: Sequence[Candidate], kana: str) -> tuple[int | None, bool]:
    """(person, False), (None, False) for a new one, (None, True) when the reading must decide.

    A missing reading on either side is filled by the other, as long as only one person fits.
    """
    exact = [one for one in candidates if one.kana_key == kana]
    open_ones = candidates if not kana else [one for one in candidates if not one.kana_key]
    fitting = exact or open_ones
    if len(fitting) > 1:
        return None, True
    return (fitting[0].person_id, False) if fitting else (None, False)


class CategoryNames:
    """All spellings of the categories; looks a text up whatever its width, dots or long vowels."""

    def __init__(self, spellings: Iterable[tuple[str, str]], other: str) -> None:
        self._codes: dict[str, str] = {}
        for code, spelling in spellings:
            self._codes.setdefault(heading_key(spelling), code)
        self.other = other

    def find(self, text: str) -> str | None:
        """Code of the category, or None."""
        return self._codes.get(heading_key(text))

    def spellings_apart_from(self, taken: Iterable[str]) -> dict[str, str]:
        """Normalised spelling -> code, without those that mean something else in the file."""
        closed = {heading_key(heading) for heading in taken}
        return {key: code for key, code in self._codes.items() if key not in closed}


@dataclass(frozen=True)
class Held:
    """What one cell 保有資格 says: codes found, the text of その他, and words nobody knows."""

    codes: frozenset[str]
    other_text: str
    unknown: tuple[str, ...]


def read_held(cell: str, names: CategoryNames) -> Held:
    """Read several qualifications from one cell, separated by 、,;・/ or a line break.

    A name may itself hold the dot (ファイナンシャル・プランニング技能士); the longest run wins.
    「その他（宅地建物取引士）」 ticks その他 with its text.
    """
    codes: set[str] = set()
    texts: list[str] = []
    unknown: list[str] = []
    for token in _tokens(cell):
        other = _OTHER.fullmatch(token)
        if other and names.find(other["name"]) == names.other:
            codes.add(names.other)
            texts.append(trim(other["text"]))
        elif heading_key(token) not in _NOTHING:
            _read_token(token, names, codes, unknown)
    return Held(frozenset(codes), "、".join(texts), tuple(unknown))


def _tokens(cell: str) -> list[str]:
    """Split outside brackets only."""
    kept = [found.group() for found in _BRACKETS.finditer(cell)]
    marked = _BRACKETS.sub("\x00", cell)
    tokens = []
    rest = iter(kept)
    for part in _HARD.split(marked):
        whole = "".join(next(rest) if ch == "\x00" else ch for ch in part)
        if trim(whole):
            tokens.append(trim(whole))
    return tokens


def _read_token(token: str, names: CategoryNames, codes: set[str], unknown: list[str]) -> None:
    whole = names.find(token)
    if whole:
        codes.add(whole)
        return
    pieces = [piece for piece in _SOFT.split(token) if trim(piece)]
    start = 0
    while start < len(pieces):
        end, code = _longest(pieces, start, names)
        if code:
            codes.add(code)
        else:
            unknown.append(trim(pieces[start]))
        start = end


def _longest(pieces: list[str], start: int, names: CategoryNames) -> tuple[int, str | None]:
    for end in range(len(pieces), start, -1):
        code = names.find("・".join(pieces[start:end]))
        if code:
            return end, code
    return start + 1, None


@dataclass(frozen=True)
class Stint:
    """An engagement as the rules need it."""

    id: int
    role: str
    starts_on: date
    ends_on: date | None

    def covers(self, day: date) -> bool:
        """In office on this day?"""
        return self.starts_on <= day and (self.ends_on is None or self.ends_on >= day)


@dataclass(frozen=True)
class Step:
    """What an answer does to the engagements: none, create, switch (end and create), correct."""

    kind: str
    stint_id: int | None = None
    ends_on: date | None = None
    previous_role: str = ""


NO_STEP = Step("none")


def engagement_step(
    stints: Sequence[Stint], role: str, as_of: date, later_chief: date | None = None
) -> Step | None:
    """How a person becomes ``role`` as of a day; None when the history says otherwise.

    A survey of an earlier day never opens an engagement that overlaps a later one.
    """
    covering = [stint for stint in stints if stint.covers(as_of)]
    if any(stint.role == role for stint in covering):
        return NO_STEP
    if covering:
        return _change_of_role(covering[0], as_of)
    later = [stint.starts_on for stint in stints if stint.starts_on > as_of]
    if role == CC and later_chief is not None:
        later.append(later_chief)
    return Step("create", ends_on=min(later) - timedelta(days=1) if later else None)


def _change_of_role(stint: Stint, as_of: date) -> Step | None:
    if stint.starts_on == as_of:
        return Step("correct", stint.id, previous_role=stint.role)
    if stint.ends_on is None:
        return Step("switch", stint.id, as_of - timedelta(days=1), stint.role)
    return None


@dataclass(frozen=True)
class SummaryRow:
    """One category of the table: ticks of CC and CO (S44, S45)."""

    code: str
    name: str
    block: int
    cc: int
    co: int

    @property
    def total(self) -> int:
        """CC and CO together."""
        return self.cc + self.co


@dataclass(frozen=True)
class Summary:
    """The table in the paper's order; a category nobody ticked stays as a row of zeros."""

    rows: tuple[SummaryRow, ...]

    def of_block(self, block: int) -> tuple[SummaryRow, ...]:
        """Rows of the upper (1) or lower (2) half."""
        return tuple(row for row in self.rows if row.block == block)

    def block_total(self, block: int) -> SummaryRow:
        """Sum of a half."""
        return _sum(self.of_block(block), "小計")

    @property
    def total(self) -> SummaryRow:
        """Sum of all ticks; not a number of people (several answers each)."""
        return _sum(self.rows, "合計")


def _sum(rows: Iterable[SummaryRow], name: str) -> SummaryRow:
    kept = tuple(rows)
    return SummaryRow("", name, 0, sum(row.cc for row in kept), sum(row.co for row in kept))


def summarize(
    categories: Iterable[tuple[str, str, int]], counts: Mapping[tuple[str, str], int]
) -> Summary:
    """Build the table from (code, name, block) in order and ticks by (role, code)."""
    return Summary(
        tuple(
            SummaryRow(code, name, block, counts.get((CC, code), 0), counts.get((CO, code), 0))
            for code, name, block in categories
        )
    )


def difference(this: SummaryRow, other: SummaryRow) -> tuple[int, int, int]:
    """Change from ``other`` to ``this``: CC, CO, together."""
    return this.cc - other.cc, this.co - other.co, this.total - other.total


def days_within(starts_on: date, ends_on: date | None, first: date, last: date) -> int:
    """Calendar days of a contract from ``first`` to ``last``; 0 when it lies outside."""
    return max((min(ends_on or last, last) - max(starts_on, first)).days + 1, 0)
