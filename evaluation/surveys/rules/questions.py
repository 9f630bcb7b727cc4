"""The words of a questionnaire that the method fixes, and the numbers on its letters."""

import re
import unicodedata
from collections.abc import Iterable

MOST_REASONS = 8
# A letter is one sheet: so many characters a line, and lines before the type gets smaller.
LINE_LENGTH, ROOMY_LINES = 50, 16
TEXT_LENGTH = 400
SATISFACTION_LEVELS = (
    (5, "大変満足"),
    (4, "満足"),
    (3, "どちらともいえない"),
    (2, "やや不満"),
    (1, "不満"),
)
PARTNER_LEVELS = (
    (5, "大変よい"),
    (4, "よい"),
    (3, "どちらともいえない"),
    (2, "あまりよくない"),
    (1, "よくない"),
)
# What became of the proposal: carried out, and with which result.
OUTCOMES = (
    ("good", "実行し、成果があった"),
    ("none_yet", "実行したが、成果はまだない"),
    ("under_way", "実行している途中である"),
    ("not_done", "実行していない"),
    ("no_proposal", "提案は受けていない"),
)
_NUMBER = re.compile(r"([0-9]{5})-?([0-9])")


def reason_lines(text: str) -> list[str]:
    """The reasons to choose from, one a line, without empty lines."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def reason_problem(text: str) -> str:
    """Why these reasons cannot be offered; empty when they can."""
    lines = reason_lines(text)
    if len(lines) > MOST_REASONS:
        return f"理由の選択肢は{MOST_REASONS}個までです（現在{len(lines)}個）。"
    if len(set(lines)) != len(lines):
        return "同じ理由が2回あります。1行に1つずつ、違う理由を書いてください。"
    long = [line for line in lines if len(line) > 40]
    return f"「{long[0][:20]}…」は40文字を超えています。短くしてください。" if long else ""


def sheet_lines(texts: Iterable[str]) -> int:
    """About how many lines these texts take on the sheet of a letter in its usual size."""
    lines = (line for text in texts for line in text.splitlines())
    return sum(max(1, -(-len(line) // LINE_LENGTH)) for line in lines)


def letter_number(serial: int) -> str:
    """The number on a letter: five digits and a check digit, 00123-0."""
    digits = f"{serial:05d}"
    return f"{digits}-{_check_digit(digits)}"


def read_number(text: str) -> str | None:
    """The number as it is stored, None for what cannot be one (a slip of a digit included)."""
    plain = unicodedata.normalize("NFKC", text).strip().replace(" ", "")
    plain = re.sub(r"[‐‑‒–—―−ー]", "-", plain)
    found = _NUMBER.fullmatch(plain)
    if found is None or str(_check_digit(found[1])) != found[2]:
        return None
    return f"{found[1]}-{found[2]}"


def _check_digit(digits: str) -> int:
    """Luhn: finds every single wrong digit and nearly every swap of two neighbours."""
    total = 0
    for place, character in enumerate(reversed(digits)):
        value = int(character) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return -total % 10
