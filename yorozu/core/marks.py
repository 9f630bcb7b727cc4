"""Small marks on a slice's pages that lead to what a higher slice knows of the same figures.

A page asks for the marks of its subject without knowing who has any; the higher slice registers
itself (``provides``), because imports go downwards only.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from yorozu.core.access import Scope


@dataclass(frozen=True)
class Mark:
    """One mark: its word, the sentence behind it, and where it leads."""

    word: str
    sentence: str
    url: str


@dataclass(frozen=True)
class Marks:
    """Marks of one hub and year: at a figure (month, column), or on the page as a whole."""

    at_figures: Mapping[tuple[date, str], Mark] = field(default_factory=dict)
    on_page: Sequence[Mark] = ()

    def at(self, month: date, key: str) -> Mark | None:
        """The mark of one figure."""
        return self.at_figures.get((month, key))


Finder = Callable[[Scope, Collection[int], int], Mapping[int, Marks]]
_FINDERS: dict[str, Finder] = {}


def provides(subject: str) -> Callable[[Finder], Finder]:
    """Register the decorated function as the one that knows marks of a subject."""

    def enter(finder: Finder) -> Finder:
        if _FINDERS.setdefault(subject, finder) is not finder:
            raise ValueError(f"two finders of marks for {subject}")
        return finder

    return enter


def marks_for(subject: str, scope: Scope, hub_id: int, fiscal_year: int) -> Marks:
    """The marks of one hub that this scope may see; none when nobody provides any."""
    return marks_of_hubs(subject, scope, [hub_id], fiscal_year).get(hub_id, Marks())


def marks_of_hubs(
    subject: str, scope: Scope, hub_ids: Collection[int], fiscal_year: int
) -> Mapping[int, Marks]:
    """The same for many hubs, by hub id; the finder asks once for all of them."""
    finder = _FINDERS.get(subject)
    return finder(scope, hub_ids, fiscal_year) if finder else {}
