"""Cell parsers: the text of a cell in, a checked value out, or a Japanese reason."""

import datetime
import difflib
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from yorozu.core.figures import (
    DASHES,
    DIGITS,
    Blank,
    format_count,
    format_decimal,
    parse_count,
    parse_decimal,
)
from yorozu.core.fiscal import parse_date, parse_month
from yorozu.core.sheets.keys import match_key, trim

Value = TypeVar("Value")


class CellError(ValueError):
    """The cell cannot be taken; the message is the Japanese reason."""


@dataclass(frozen=True, slots=True)
class Parser:
    """A reading of one cell. `takes_blank`: an empty cell is an answer, not a gap."""

    read: Callable[[str], Any]
    takes_blank: bool = False

    def __call__(self, cell: str) -> Any:
        """The value of the cell; ValueError carries the reason."""
        return self.read(cell)


def _named(character: str) -> str:
    return f"U+{ord(character):04X}"


def _check_character(character: str, *, multiline: bool) -> None:
    category = unicodedata.category(character)
    if character in "\n\r\t":
        if not multiline:
            raise CellError("途中に改行やタブを含めることはできません。")
    elif category == "Co":
        raise CellError(f"外字（{_named(character)}）は使えません。一般の文字で入力してください。")
    elif character == "\ufffd":
        raise CellError("文字化けした文字（U+FFFD）が含まれています。")
    elif category == "Cf" and character != "\u200d":
        raise CellError(f"目に見えない文字（{_named(character)}）が含まれています。")
    elif category in {"Cc", "Cs"} or character in "\ufffe\uffff":
        raise CellError(f"使えない制御文字（{_named(character)}）が含まれています。")


_SUSPECT = re.compile("[^\u0020-\u007e\u3000-\u303f\u3041-\u30ff\u3400-\u9fff\uff01-\uffee]")


def check_characters(cell: str, *, multiline: bool = False) -> str:
    """Refuse control characters, private-use characters and the mark of lost text."""
    if not cell.isalnum():
        for character in _SUSPECT.findall(cell):
            _check_character(character, multiline=multiline)
    return cell


def text(max_length: int, *, multiline: bool = False) -> Parser:
    """Free text kept as typed; only outer blanks go."""

    def read(cell: str) -> str:
        typed = check_characters(trim(cell), multiline=multiline)
        if multiline:
            typed = typed.replace("\r\n", "\n").replace("\r", "\n")
        if len(typed) > max_length:
            raise CellError(f"{max_length:,}文字以内で入力してください（{len(typed):,}文字）。")
        return typed

    return Parser(read)


def code(width: int) -> Parser:
    """A code of digits; leading zeros a spreadsheet has dropped come back (1 -> 01)."""

    def read(cell: str) -> str:
        typed = trim(cell).translate(DIGITS)
        if not (typed.isascii() and typed.isdigit()):
            raise CellError(f"{width}桁の数字で入力してください。")
        if len(typed) > width:
            raise CellError(f"{width}桁までの数字で入力してください。")
        return typed.zfill(width)

    return Parser(read)


def choice(options: Mapping[str, Value], aliases: Mapping[str, str] | None = None) -> Parser:
    """One of the labels in `options`; `aliases` leads other spellings to a label."""
    known = {match_key(label): value for label, value in options.items()}
    for alias, label in (aliases or {}).items():
        known[match_key(alias)] = options[label]
    labels = list(options)

    def read(cell: str) -> Value:
        key = match_key(cell)
        if key in known:
            return known[key]
        raise CellError(_suggest(trim(cell), labels))

    return Parser(read)


def _suggest(typed: str, labels: list[str]) -> str:
    shown = typed if len(typed) <= 40 else typed[:40] + "…"
    if len(labels) <= 8:
        return f"「{shown}」は選べません。{'、'.join(labels)}のどれかを入力してください。"
    near = difflib.get_close_matches(shown, labels, n=1)
    hint = f"「{near[0]}」ではありませんか。" if near else "一覧にある名称で入力してください。"
    return f"「{shown}」は一覧にありません。{hint}"


def count(minimum: int | None = 0, maximum: int | None = None) -> Parser:
    """A whole number or one of the two blanks; negative only when `minimum` allows it."""

    def read(cell: str) -> int | Blank:
        value = parse_count(cell)
        if not isinstance(value, Blank):
            _check_range(value, minimum, maximum, format_count)
        return value

    return Parser(read, takes_blank=True)


def decimal(
    places: int, minimum: Decimal | None = Decimal(0), maximum: Decimal | None = None
) -> Parser:
    """A decimal with at most `places` decimals, or one of the two blanks."""

    def read(cell: str) -> Decimal | Blank:
        value = parse_decimal(cell, places)
        if not isinstance(value, Blank):
            _check_range(value, minimum, maximum, lambda bound: format_decimal(bound, places))
        return value

    return Parser(read, takes_blank=True)


def _check_range(value: Any, minimum: Any, maximum: Any, printed: Callable[[Any], str]) -> None:
    if minimum is not None and value < minimum:
        if minimum == 0:
            raise CellError("負の数は入力できません。")
        raise CellError(f"{printed(minimum)}以上で入力してください。")
    if maximum is not None and value > maximum:
        raise CellError(f"{printed(maximum)}以下で入力してください。")


def date(earliest: datetime.date | None = None, latest: datetime.date | None = None) -> Parser:
    """A day in any of the usual spellings, within the given days."""

    def read(cell: str) -> datetime.date:
        day = parse_date(cell)
        if earliest is not None and day < earliest:
            raise CellError(f"{earliest:%Y-%m-%d}以後の日付を入力してください。")
        if latest is not None and day > latest:
            raise CellError(f"{latest:%Y-%m-%d}までの日付を入力してください。")
        return day

    return Parser(read)


def month(earliest: datetime.date | None = None, latest: datetime.date | None = None) -> Parser:
    """A month as its first day, within the given months (a future month is refused so)."""

    def read(cell: str) -> datetime.date:
        first = parse_month(cell)
        if earliest is not None and first < earliest.replace(day=1):
            raise CellError(f"{earliest:%Y-%m}より前の月は入力できません。")
        if latest is not None and first > latest:
            raise CellError(f"{latest:%Y-%m}より後の月は入力できません。")
        return first

    return Parser(read)


_YES = frozenset("○◯〇●1✓✔☑xｘレﾚ有") | {"あり", "はい", "true", "yes"}
_NO = frozenset("0×☐□無") | {"", "なし", "いいえ", "false", "no"} | frozenset(DASHES)


def mark() -> Parser:
    """A tick: ○ ◯ 〇 1 ✓ x レ 有 are yes; blank － 0 × are no; anything else is asked back."""

    def read(cell: str) -> bool:
        key = trim(cell).translate(DIGITS).casefold()
        if key in _YES:
            return True
        if key in _NO:
            return False
        raise CellError(f"「{trim(cell)[:20]}」は読めません。○か空欄で入力してください。")

    return Parser(read, takes_blank=True)
