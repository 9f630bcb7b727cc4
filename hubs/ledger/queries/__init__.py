"""Reads of the ledger."""

from hubs.ledger.queries.codes import CodeBook, code_book, code_books

__all__ = ["CodeBook", "code_book", "code_books"]
