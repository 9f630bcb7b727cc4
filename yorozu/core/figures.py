"""Figures without floats: rounding, percent, sums that know gaps, strict reading, printing."""

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, localcontext
from enum import Enum
from typing import TypeVar

PRECISION = 60
MAX_DIGITS = 15
MAX_TYPED_LENGTH = 60

Number = TypeVar("Number", int, Decimal)


class Blank(Enum):
    """Why a cell holds no number; neither of the two is zero (domain 4.3)."""

    NOT_REPORTED = ""
    NOT_APPLICABLE = "－"


class FigureError(ValueError):
    """The text is no figure we take; the message is the Japanese reason."""


def q(value: Decimal | int, places: int) -> Decimal:
    """Round half up to `places` decimals, whatever context the caller runs in."""
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise TypeError("figures are int or Decimal")
    with localcontext() as context:
        context.prec = PRECISION
        rounded = Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
        # Adding zero turns -0.0 into 0.0, so that equal figures print and hash alike.
        return rounded + 0


def percent(
    numerator: Decimal | int | None, denominator: Decimal | int | None, places: int = 1
) -> Decimal | None:
    """Numerator in percent of the denominator; None when it cannot be said (gap, zero)."""
    if numerator is None or denominator is None or denominator == 0:
        return None
    with localcontext() as context:
        context.prec = PRECISION
        ratio = Decimal(numerator) * 100 / Decimal(denominator)
    return q(ratio, places)


def total(values: Iterable[Number | Blank | None]) -> Number | None:
    """Sum of what was reported; None when nothing was (a reported 0 stays 0)."""
    reported = [value for value in values if value is not None and not isinstance(value, Blank)]
    if not reported:
        return None
    result = reported[0]
    for value in reported[1:]:
        result += value
    return result


def count_missing(values: Iterable[Decimal | int | Blank | None]) -> int:
    """How many of the values were not reported (not applicable is an answer, not a gap)."""
    return sum(1 for value in values if value is None or value is Blank.NOT_REPORTED)


DIGITS = str.maketrans("０１２３４５６７８９，．", "0123456789,.")
DASHES = "-－−‐‑‒–—―ーｰ"
MINUS = "-－−▲△"

_SIGN = re.compile(f"([{MINUS}])[ \u3000]*(?=[0-9.,])")
_INTEGER = re.compile(r"(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)")
_DECIMAL = re.compile(r"(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?")

# First match wins, so the narrow reasons stand before the wide ones.
_REASONS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile("[\u200b-\u200f\u2060\ufeff\xad]"), "目に見えない文字が含まれています。"),
    (re.compile(r"(?i)true|false"), "真偽値（TRUE／FALSE）は数として扱えません。"),
    (re.compile(r"^[=＝]"), "数式は使えません。値を入力してください。"),
    (
        re.compile(r"(?i)^[-+.,0-9]+[eｅＥ][-+]?[0-9]+$"),
        "指数表記（1e3など）は使えません。桁を省略せずに入力してください。",
    ),
    (re.compile("_|＿"), "数字の間に下線（_）は使えません。"),
    (
        re.compile("[\u2460-\u24ff\u2776-\u2793\u3251-\u325f\u32b1-\u32bf\u3220-\u3243]"),
        "丸数字・囲み数字（①など）は使えません。算用数字で入力してください。",
    ),
    (
        re.compile("[\u2150-\u2188]"),
        "ローマ数字・分数の文字（Ⅲ、½など）は使えません。算用数字で入力してください。",
    ),
    (
        re.compile("[\u00b2\u00b3\u00b9\u2070-\u209c\xbc-\xbe]"),
        "上付き・下付きの数字や分数の文字は使えません。算用数字で入力してください。",
    ),
    (
        re.compile("[一二三四五六七八九十百千万億〇零]"),
        "漢数字は使えません。算用数字で入力してください。",
    ),
    (re.compile(r"^[+＋]"), "「＋」の符号は付けずに入力してください。"),
    (re.compile("[%％]"), "「％」は付けずに数だけを入力してください。"),
    (
        re.compile(r"^[¥￥\\]|[件者人名回円年月日社]$"),
        "単位（件、円など）は付けずに入力してください。",
    ),
    (re.compile(r"[0-9][ \u3000\xa0\t\n]+[0-9]"), "数字の間に空白があります。"),
    (re.compile("[、､]"), "桁区切りは「,」で入力してください。"),
    (re.compile(r"^\(.*\)$|^（.*）$"), "負の数は括弧ではなく「▲」か「-」で入力してください。"),
    (re.compile(f"^[{MINUS}][ \u3000]*[{MINUS}]"), "負の符号が重なっています。"),
)


def _reason(text: str) -> str:
    for pattern, message in _REASONS:
        if pattern.search(text):
            return message
    if any(ch.isdigit() and ch not in "0123456789" for ch in text):
        return "算用数字（0～9）以外の数字が含まれています。"
    if "," in text and re.fullmatch(r"[0-9.,]+", _SIGN.sub("", text)):
        return "桁区切りの「,」の位置が正しくありません（例：1,234）。"
    return "数として読めません。"


def _prepare(text: str) -> str | Blank:
    """Outer blanks off, full-width digits folded; the two empty states told apart."""
    typed = text.strip()
    if not typed:
        return Blank.NOT_REPORTED
    if len(typed) == 1 and typed in DASHES:
        return Blank.NOT_APPLICABLE
    if len(typed) > MAX_TYPED_LENGTH:
        raise FigureError(f"数は{MAX_DIGITS}桁までです。")
    return typed.translate(DIGITS)


def _split_sign(typed: str) -> tuple[int, str]:
    match = _SIGN.match(typed)
    return (-1, typed[match.end() :]) if match else (1, typed)


def parse_count(text: str) -> int | Blank:
    """Read a whole number strictly; blank, 0 and － stay three different answers."""
    if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS:
        return int(text)
    typed = _prepare(text)
    if isinstance(typed, Blank):
        return typed
    sign, body = _split_sign(typed)
    if not _INTEGER.fullmatch(body):
        if _DECIMAL.fullmatch(body):
            raise FigureError("小数は使えません。整数で入力してください。")
        raise FigureError(_reason(typed))
    digits = body.replace(",", "")
    if len(digits) > MAX_DIGITS:
        raise FigureError(f"数は{MAX_DIGITS}桁までです。")
    return sign * int(digits)


def parse_decimal(text: str, places: int | None = None) -> Decimal | Blank:
    """Read a decimal strictly; `places` is the most decimals allowed."""
    typed = _prepare(text)
    if isinstance(typed, Blank):
        return typed
    sign, body = _split_sign(typed)
    if not _DECIMAL.fullmatch(body):
        raise FigureError(_reason(typed))
    whole, _, fraction = body.replace(",", "").partition(".")
    if places is not None and len(fraction) > places:
        allowed = f"小数は第{places}位までです。" if places else "小数は使えません。"
        raise FigureError(allowed)
    if len(whole) + len(fraction) > MAX_DIGITS:
        raise FigureError(f"数は{MAX_DIGITS}桁までです。")
    return sign * Decimal(f"{whole}.{fraction or 0}" if fraction else whole) + 0


def _format(value: Decimal | int | Blank | None, places: int) -> str:
    if value is None or isinstance(value, Blank):
        return "" if value is None else value.value
    text = f"{q(Decimal(value).copy_abs(), places):,f}"
    return f"▲{text}" if value < 0 and q(value, places) != 0 else text


def format_count(value: int | Blank | None) -> str:
    """Thousands by comma, negative with ▲, not reported empty, not applicable －."""
    if isinstance(value, int):
        # Whole already: nothing to round. Most cells of most tables come this way.
        return f"▲{-value:,d}" if value < 0 else f"{value:,d}"
    return _format(value, 0)


def format_decimal(value: Decimal | Blank | None, places: int = 1) -> str:
    """As format_count, with a fixed number of decimals."""
    return _format(value, places)


def format_percent(value: Decimal | None) -> str:
    """One decimal and ％; － when it cannot be said, for instance a denominator of 0."""
    return Blank.NOT_APPLICABLE.value if value is None else f"{_format(value, 1)}%"


def thousand_yen(yen: int) -> int:
    """Yen in 千円, rounded half up; sums of rounded figures may differ from the rounded sum."""
    return int(q(Decimal(yen) / 1000, 0))


def format_yen(yen: int | None) -> str:
    """Whole yen with commas and the unit; － when there is none."""
    return Blank.NOT_APPLICABLE.value if yen is None else f"{_format(yen, 0)}円"


def format_thousand_yen(yen: int | None, *, unit: bool = False) -> str:
    """Yen printed in 千円; the unit normally stands in the caption （単位：千円）."""
    if yen is None:
        return Blank.NOT_APPLICABLE.value
    return _format(thousand_yen(yen), 0) + ("千円" if unit else "")
