"""Cells that a spreadsheet would run as a formula get an apostrophe, undone when read again."""

import re

# Blanks before the sign do not protect: some programs trim them first.
_RISKY = "=+\\-@＝＋－＠−﹦﹢﹣﹫"
_DANGEROUS = re.compile(f"'*(?:[ \u3000\xa0\t\r\n\0]*[{_RISKY}]|[\t\r\n\0])")
_ESCAPED = re.compile(f"'+(?:[ \u3000\xa0\t\r\n\0]*[{_RISKY}]|[\t\r\n\0])")
_LONE_DASHES = frozenset("-－−")


def escape(text: str) -> str:
    """Make a text cell inert; apostrophes already standing there count, so undo is exact.

    A lone dash is left alone: it is the sign for "not applicable" and runs nothing.
    """
    if text in _LONE_DASHES or not _DANGEROUS.match(text):
        return text
    return "'" + text


def unescape(text: str) -> str:
    """Undo escape; text that was never escaped comes back as it is."""
    if text.startswith("'") and _ESCAPED.match(text) and text[1:] not in _LONE_DASHES:
        return text[1:]
    return text


_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_CODED = re.compile("_x(00[01][0-9A-Fa-f]|005[Ff]|[Ff]{3}[EeFf])_")


def to_xml_text(text: str) -> str:
    """Spell characters XML cannot carry the way workbooks do: _x000D_."""
    return _CONTROL.sub(lambda found: f"_x{ord(found.group()):04X}_", text)


def from_xml_text(text: str) -> str:
    """Undo to_xml_text, also for cells written by a spreadsheet program."""
    if "_x" not in text:
        return text
    return _CODED.sub(lambda found: chr(int(found.group(1), 16)), text)
