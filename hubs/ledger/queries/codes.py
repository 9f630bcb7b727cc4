"""The coded lists in force in a year: choices of a form, labels of a record, reading of a cell."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from hubs.ledger.models import CodeAlias, CodeItem, CodeKind, CodeList
from yorozu.core.sheets import match_key


@dataclass(frozen=True)
class CodeBook:
    """The lists of all kinds that are in force in one fiscal year.

    ``labels`` by kind and code, in the order of the list; ``spellings`` by kind and folded text:
    the code itself, its label and its aliases.
    """

    fiscal_year: int
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    spellings: dict[str, dict[str, str]] = field(default_factory=dict)

    def label(self, kind: str, code: str) -> str:
        """The label of a code; a code the list does not know is shown as it is."""
        return self.labels.get(kind, {}).get(code, code)

    def options(self, kind: str) -> list[tuple[str, str]]:
        """(code, "code label") in the order of the list: typing the code finds it in a select."""
        return [(code, f"{code} {label}") for code, label in self.labels.get(kind, {}).items()]

    def find(self, kind: str, text: str) -> str | None:
        """The code that a typed text means, None when the list has nothing like it."""
        return self.spellings.get(kind, {}).get(match_key(text))

    def holds(self, kind: str, code: str) -> bool:
        """Is this a code of the list?"""
        return code in self.labels.get(kind, {})


def code_book(fiscal_year: int) -> CodeBook:
    """The lists of a fiscal year, in two queries."""
    return code_books([fiscal_year])[fiscal_year]


def code_books(fiscal_years: Iterable[int]) -> dict[int, CodeBook]:
    """The lists of several fiscal years, in two queries together."""
    aliases = list(CodeAlias.objects.order_by("item__order", "alias"))
    return _books(fiscal_years, aliases)


def code_labels(fiscal_years: Iterable[int]) -> dict[int, CodeBook]:
    """The same for reading only, without other spellings; one query."""
    return _books(fiscal_years, [])


def _books(fiscal_years: Iterable[int], aliases: list[CodeAlias]) -> dict[int, CodeBook]:
    items = list(CodeItem.objects.select_related("code_list").order_by("order"))
    lists = sorted({item.code_list for item in items}, key=lambda row: row.valid_from_fiscal_year)
    books = {}
    for year in fiscal_years:
        force = {row.kind: row.pk for row in lists if row.valid_from_fiscal_year <= year}
        books[year] = _book(year, force, items, aliases)
    return books


def _book(
    year: int, force: dict[str, int], items: list[CodeItem], aliases: list[CodeAlias]
) -> CodeBook:
    book = CodeBook(year, {kind: {} for kind in CodeKind.values}, {})
    for kind, list_id in force.items():
        mine = {item.pk: item for item in items if item.code_list_id == list_id}
        book.labels[kind] = {item.code: item.label for item in mine.values()}
        known = book.spellings.setdefault(kind, {})
        for alias in aliases:
            if alias.item_id in mine:
                known.setdefault(match_key(alias.alias), mine[alias.item_id].code)
        # A code or label wins over an alias, should two ever be spelled alike.
        known |= {match_key(item.label): item.code for item in mine.values()}
        known |= {match_key(item.code): item.code for item in mine.values()}
    return book


def lists_of(kind: str) -> list[CodeList]:
    """The versions of a list with codes and spellings, the newest first."""
    rows = CodeList.objects.filter(kind=kind).order_by("-version")
    return list(rows.prefetch_related("items__aliases"))


def latest_list(kind: str) -> CodeList | None:
    """The newest version of a list, whether in force already or not."""
    return CodeList.objects.filter(kind=kind).order_by("-version").first()
