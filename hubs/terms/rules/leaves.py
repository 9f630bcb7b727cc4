"""The leaves of a content: every single value of a nested JSON value by its path, and editing it.

A scheme or a checklist keeps its shape; only its values are edited. A path names the entries of a
list by their own code, so that it stays the same from year to year.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

SEPARATOR = "/"
NAMES = ("code", "rule")
NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,12})?")
TRUE, FALSE = "はい", "いいえ"


@dataclass(frozen=True)
class Leaf:
    """One value with its path: ("components", "IND", "weight") -> "40"."""

    path: tuple[str, ...]
    value: Any

    @property
    def key(self) -> str:
        """The path as one text."""
        return SEPARATOR.join(self.path)

    @property
    def kind(self) -> str:
        """How it is typed: choice, number (whole), decimal, text."""
        if isinstance(self.value, bool):
            return "choice"
        if isinstance(self.value, int):
            return "number"
        return "decimal" if NUMBER.fullmatch(str(self.value)) else "text"

    @property
    def text(self) -> str:
        """As people read it."""
        if isinstance(self.value, bool):
            return TRUE if self.value else FALSE
        return "" if self.value is None else str(self.value)


def leaves(content: Any) -> list[Leaf]:
    """All values in the order of the content."""
    return list(_walk(content, ()))


def _walk(content: Any, path: tuple[str, ...]) -> Iterator[Leaf]:
    if isinstance(content, Mapping | list | tuple):
        for name, inner in _entries(content):
            yield from _walk(inner, (*path, name))
    else:
        yield Leaf(path, content)


def _entries(content: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(content, Mapping):
        yield from content.items()
        return
    for place, inner in enumerate(content):
        yield _name_of(inner, place), inner


def _name_of(entry: Any, place: int) -> str:
    if isinstance(entry, Mapping):
        for name in NAMES:
            if name in entry:
                return str(entry[name])
    return str(place)


def replaced(content: Any, typed: Mapping[str, str]) -> tuple[Any, dict[str, str]]:
    """A copy with the typed texts in the place of their leaves, and the faults by key.

    Values keep their type; keys that are not there are ignored; spaces around are dropped.
    """
    faults: dict[str, str] = {}

    def rebuilt(inner: Any, path: tuple[str, ...]) -> Any:
        if isinstance(inner, Mapping):
            return {name: rebuilt(one, (*path, name)) for name, one in inner.items()}
        if isinstance(inner, list | tuple):
            return [rebuilt(one, (*path, name)) for name, one in _entries(inner)]
        leaf = Leaf(path, inner)
        if leaf.key not in typed:
            return deepcopy(inner)
        try:
            return read_value(leaf, typed[leaf.key])
        except ValueError as error:
            faults[leaf.key] = str(error)
            return inner

    return rebuilt(content, ()), faults


def read_value(leaf: Leaf, typed: str) -> Any:
    """A typed text as a value of the leaf's kind. ValueError says what to do."""
    text = typed.strip()
    if leaf.kind in {"number", "decimal"}:
        text = unicodedata.normalize("NFKC", text).replace(",", "").replace("−", "-")
    if leaf.kind == "choice":
        return text == TRUE
    if leaf.kind == "number":
        if not re.fullmatch(r"[0-9]{1,9}", text):
            raise ValueError("0以上の整数で入力してください。")
        return int(text)
    if leaf.kind == "decimal" and not NUMBER.fullmatch(text):
        raise ValueError("数値で入力してください（例：12.5）。")
    return text.replace("\r\n", "\n")
