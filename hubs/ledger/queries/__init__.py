"""Reads of the ledger."""

from hubs.ledger.queries.codes import CodeBook, code_book, code_books
from hubs.ledger.queries.months import CountedMonth, fresh_month, fresh_months, stored_months

__all__ = [
    "CodeBook",
    "CountedMonth",
    "code_book",
    "code_books",
    "fresh_month",
    "fresh_months",
    "stored_months",
]
