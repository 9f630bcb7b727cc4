"""The parts of a year: what a new year takes over or changes one by one, and what is registered.

Slices subclass ``YearPart`` in their ``resources`` and register it, as they do with import kinds;
the scheme, the checklist and the budget rule live above this slice.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hubs.terms.models import PART_LABELS, Term
from hubs.terms.rules.comparing import Row
from hubs.terms.rules.leaves import FALSE, TRUE, Leaf, leaves, replaced
from yorozu.core.access import Scope
from yorozu.core.errors import InvalidInput, Problem

# JSON-able without floats, so that equal content has an equal hash (core.canonical).
Content = Any


@dataclass(frozen=True)
class Entry:
    """One control of the edit page; ``kind``: text, long, number, decimal, choice, time, flag."""

    key: str
    group: str
    label: str
    kind: str
    value: str
    options: Sequence[tuple[str, str]] = ()
    hint: str = ""
    unit: str = ""


class PartFaults(InvalidInput):
    """What was typed cannot be taken; ``by_key`` places each fault at its control."""

    def __init__(self, by_key: Mapping[str, str], labels: Mapping[str, str]) -> None:
        self.by_key = dict(by_key)
        problems = [Problem(None, labels.get(key, ""), text) for key, text in by_key.items()]
        super().__init__(problems)


class YearPart(ABC):
    """One part of a year. ``required`` parts are decided before the term starts.

    ``in_rules`` parts are registered with the year's rules. ``write`` runs inside the transaction
    of the act that decided it and records no event of its own. ``layout``: one control a row
    ("table"), or the controls of a group in one row ("lines").
    """

    code: str
    label: str
    order: int
    hint: str = ""
    required: bool = True
    in_rules: bool = True
    layout: str = "table"

    @abstractmethod
    def stands(self, term: Term) -> Content | None:
        """What holds for the term now; None when nothing does."""

    @abstractmethod
    def default(self, term: Term) -> Content | None:
        """The product's default for the term; None when there is none."""

    def blank(self, term: Term) -> Content:
        """What the edit page starts from when there is nothing to take over."""
        return self.default(term)

    def carried(self, content: Content, term: Term) -> Content:
        """Last year's content made ready for the new term."""
        return content

    def propose(self, term: Term, previous: Term | None) -> Content | None:
        """What taking over would write: last year's content, else the product's default."""
        last = self.stands(previous) if previous is not None else None
        return self.default(term) if last is None else self.carried(last, term)

    @abstractmethod
    def write(self, actor: Scope, term: Term, content: Content) -> None:
        """Make the content hold for the term."""

    @abstractmethod
    def rows(self, content: Content) -> list[Row]:
        """The content as lines to read and compare; keys stay the same from year to year."""

    @abstractmethod
    def entries(self, term: Term, content: Content) -> list[Entry]:
        """The controls of the edit page."""

    @abstractmethod
    def read(self, term: Term, content: Content, typed: Mapping[str, str]) -> Content:
        """The content changed by what was typed. PartFaults for what cannot be taken."""


class LeafPart(YearPart):
    """A part whose shape is fixed and whose single values are edited (scheme, checklist ...).

    ``names`` gives the Japanese word of a path segment, ``depth`` the segments that name the group.
    Leaves whose last segment is in ``fixed`` belong to the shape; those in ``long`` are texts of
    several lines.
    """

    names: Mapping[str, str] = {}
    fixed: frozenset[str] = frozenset()
    long: frozenset[str] = frozenset()
    depth: int = 1

    def word(self, path: tuple[str, ...], place: int) -> str:
        """The Japanese word of one segment of a path."""
        return self.names.get(path[place], path[place])

    def group_of(self, leaf: Leaf) -> str:
        """Heading over the leaf."""
        places = range(min(self.depth, len(leaf.path) - 1))
        return " ".join(filter(None, (self.word(leaf.path, place) for place in places)))

    def label_of(self, leaf: Leaf) -> str:
        """Name of the leaf under its heading."""
        places = range(min(self.depth, len(leaf.path) - 1), len(leaf.path))
        return " ".join(filter(None, (self.word(leaf.path, place) for place in places)))

    def faults(self, content: Content) -> list[str]:
        """What forbids the content as a whole; empty when it may be decided."""
        return []

    def _leaves(self, content: Content) -> list[Leaf]:
        return [leaf for leaf in leaves(content) if leaf.path[-1] not in self.fixed]

    def rows(self, content: Content) -> list[Row]:
        """One line per value."""
        return [
            Row(leaf.key, self.group_of(leaf), self.label_of(leaf), leaf.text)
            for leaf in self._leaves(content)
        ]

    def entries(self, term: Term, content: Content) -> list[Entry]:
        """One control per value."""
        return [self._entry(leaf) for leaf in self._leaves(content)]

    def _entry(self, leaf: Leaf) -> Entry:
        kind = "long" if leaf.path[-1] in self.long else leaf.kind
        options = ((TRUE, TRUE), (FALSE, FALSE)) if kind == "choice" else ()
        return Entry(leaf.key, self.group_of(leaf), self.label_of(leaf), kind, leaf.text, options)

    def read(self, term: Term, content: Content, typed: Mapping[str, str]) -> Content:
        """The content with the typed values; PartFaults names each control, or the whole."""
        labels = {leaf.key: self._place(leaf) for leaf in self._leaves(content)}
        wanted = {key: text for key, text in typed.items() if key in labels}
        changed, faults = replaced(content, wanted)
        if not faults:
            whole = self.faults(changed)
            faults = {"": " / ".join(whole)} if whole else {}
        if faults:
            raise PartFaults(faults, labels)
        return changed

    def _place(self, leaf: Leaf) -> str:
        return f"{self.group_of(leaf)} {self.label_of(leaf)}".strip()


_PARTS: dict[str, YearPart] = {}


def register(part: YearPart) -> None:
    """Enter a part; a code may be entered once only."""
    if part.code in _PARTS:
        raise ValueError(f"year part registered twice: {part.code}")
    _PARTS[part.code] = part
    PART_LABELS[part.code] = part.label


def parts() -> list[YearPart]:
    """All parts in the order of the steps."""
    return sorted(_PARTS.values(), key=lambda part: part.order)


def find(code: str) -> YearPart:
    """The part of a code; KeyError for an unknown one."""
    return _PARTS[code]


def rule_parts() -> list[YearPart]:
    """The parts that are registered with the year's rules."""
    return [part for part in parts() if part.in_rules]
