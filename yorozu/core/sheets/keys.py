"""Folding of text for comparison only: what was typed is stored as typed (domain 4.2)."""

import re
import unicodedata

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−－﹣⁃"), "-")
_TILDES = dict.fromkeys(map(ord, "〜～∼˜"), "~")
_FOLD = {**_DASHES, **_TILDES}
_VARIATION = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef\u200b-\u200d\ufeff\u2060]")
_NOTE = re.compile(r"\((?:注|※|必須|任意|\*)[^()]*\)|※[0-9]*|\*+[0-9]*|注[0-9]+$")
_IN_HEADING = re.compile(r"[\s・･ー\-_、,.:]")

BLANKS = " \t\r\n\u3000\xa0\u200b\ufeff"


def match_key(text: str) -> str:
    """NFKC, casefold, one kind of dash and tilde, single spaces, no variation selectors."""
    if text.isascii():
        return " ".join(text.casefold().split())
    folded = unicodedata.normalize("NFKC", _VARIATION.sub("", text).translate(_FOLD))
    return " ".join(folded.translate(_FOLD).casefold().split())


def heading_key(text: str) -> str:
    """match_key without spaces, line breaks, notes such as （注1）, long vowels and dots."""
    return _IN_HEADING.sub("", _NOTE.sub("", match_key(text).replace(" ", "")))


def trim(text: str) -> str:
    """Outer blanks off, full-width and no-break ones too; nothing inside is touched."""
    return text.strip(BLANKS)
