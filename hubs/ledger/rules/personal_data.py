"""Finds what may be personal data in Japanese free text: telephone, mail, address, long numbers.

A warning, not a proof: the writer confirms or changes. The entry screen and the import of files ask
the same rule. Full-width characters count like half-width ones; places are those of the given text.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

PHONE, MAIL, POSTAL, ADDRESS = "電話番号", "メールアドレス", "郵便番号", "住所"
PERSONAL_NUMBER, CORPORATE_NUMBER = "12桁の番号（個人番号など）", "13桁の番号（法人番号など）"


@dataclass(frozen=True, slots=True)
class Finding:
    """One suspicious place: what it looks like, the words, and where they stand."""

    kind: str
    text: str
    start: int
    end: int


# One character for one character, so that places stay what they are in the typed text.
_FOLD: dict[int, str] = {
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys(map(ord, "‐‑‒–—―−－﹣"), "-"),
    **dict.fromkeys(map(ord, "\u3000\xa0"), " "),
}
# Between two digits the long vowel sign is a dash that was typed with the wrong key.
_LONG_VOWEL = re.compile(r"(?<=[0-9])[ーｰ](?=[0-9])")
# What may follow a plain number: an amount, not a postal code or a house number.
_COUNTED = (
    r"(?!\s*(?:[0-9]|万|億|千|百|円|人|件|名|者|社|店|台|個|点|枚|本|回|割|倍|度|歳|位|%|年|月|日"
    r"|週|時間|分|か月|ヶ月|カ月|㎡|m|kg|cm|km|平米|坪|t))"
)
_KANJI_DIGITS = "0-9一二三四五六七八九十"
_CANDIDATE = re.compile(r"[0-9０-９@＠〒丁番]")

_MAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_LONG = re.compile(r"(?<![0-9.])(?:[0-9]{12,13}|[0-9]{4}[- ][0-9]{4}[- ][0-9]{4})(?![0-9]|\.[0-9])")
_PHONE = re.compile(
    r"(?<![0-9A-Za-z-])(?:\+81[- ]?(?:\(0\))?[0-9]|\(?0[0-9])"
    r"[0-9]{0,3}[-(). ]{0,2}[0-9]{1,4}[-(). ]{0,2}[0-9]{3,4}(?![0-9-])"
)
_LOCAL_PHONE = re.compile(
    r"(?:電話|携帯|ケータイ|(?i:tel|fax)|℡|☎|内線)(?:番号)?[はが:\s.]{0,3}"
    r"([0-9]{2,4}[- ][0-9]{4}|[0-9]{6,11})(?![0-9])"
)
_POSTAL = re.compile(
    rf"〒\s*[0-9]{{3}}-?[0-9]{{4}}|(?<![0-9-])[0-9]{{3}}-[0-9]{{4}}(?!-){_COUNTED}"
)
_ADDRESSES = (
    re.compile(rf"[{_KANJI_DIGITS}]+丁目(?:\s*[{_KANJI_DIGITS}]+番(?:地|[0-9]+号)?)?"),
    re.compile(rf"[{_KANJI_DIGITS}]+番地(?:の?[0-9]+)?"),
    re.compile(r"[0-9]+番[0-9]+号?"),
    re.compile(
        r"[都道府県市区町村郡][^\s、。,.0-9をはへもやで]{0,15}[0-9]{1,4}-[0-9]{1,4}"
        rf"(?:-[0-9]{{1,5}})?(?!-){_COUNTED}"
    ),
)


def may_hold_personal_data(text: str) -> bool:
    """A quick look for files of a million rows: without these characters there is nothing."""
    return _CANDIDATE.search(text) is not None


def personal_data_in(text: str) -> tuple[Finding, ...]:
    """The suspicious places of a text from front to back, none within another."""
    if not may_hold_personal_data(text):
        return ()
    folded = _LONG_VOWEL.sub("-", text.translate(_FOLD))
    found: list[Finding] = []
    for kind, start, end in _places(folded):
        if all(end <= one.start or start >= one.end for one in found):
            found.append(Finding(kind, text[start:end], start, end))
    return tuple(sorted(found, key=lambda one: one.start))


def _places(folded: str) -> Iterator[tuple[str, int, int]]:
    """Kind, start, end; the more certain kinds first, since a place is named only once."""
    yield from ((MAIL, *match.span()) for match in _MAIL.finditer(folded))
    for match in _LONG.finditer(folded):
        digits = sum(character.isdigit() for character in match.group())
        yield (PERSONAL_NUMBER if digits == 12 else CORPORATE_NUMBER, *match.span())
    for match in _PHONE.finditer(folded):
        if _is_phone(match.group()):
            yield (PHONE, *match.span())
    yield from ((PHONE, *match.span(1)) for match in _LOCAL_PHONE.finditer(folded))
    yield from ((POSTAL, *match.span()) for match in _POSTAL.finditer(folded))
    for pattern in _ADDRESSES:
        yield from ((ADDRESS, *match.span()) for match in pattern.finditer(folded))


def _is_phone(matched: str) -> bool:
    """Ten or eleven digits with a leading 0, or the same from abroad."""
    digits = re.sub(r"[^0-9]", "", matched)
    if matched.startswith("+81"):
        rest = digits[2:].removeprefix("0")
        return len(rest) in {9, 10}
    return len(digits) in {10, 11}


def fingerprint(findings: Iterable[Finding]) -> str:
    """What the writer confirms: these words and no others. "" when there is nothing to confirm."""
    words = "\n".join(f"{one.kind}\t{one.text}" for one in findings)
    return hashlib.sha256(words.encode()).hexdigest()[:16] if words else ""
