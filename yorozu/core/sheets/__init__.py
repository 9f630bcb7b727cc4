"""Sheets in and out: bytes -> checked rows, rows -> CSV and XLSX (domain 4.2, 4.3)."""

from yorozu.core.sheets import cells
from yorozu.core.sheets.grid import Grid
from yorozu.core.sheets.header import Column
from yorozu.core.sheets.keys import heading_key, match_key, trim
from yorozu.core.sheets.limits import DEFAULT_LIMITS, Limits, Problems, TooManyProblems
from yorozu.core.sheets.reading import Row, Table, open_grid, read_table
from yorozu.core.sheets.writing import Sheet, to_csv, to_xlsx

__all__ = [
    "DEFAULT_LIMITS",
    "Column",
    "Grid",
    "Limits",
    "Problems",
    "Row",
    "Sheet",
    "Table",
    "TooManyProblems",
    "cells",
    "heading_key",
    "match_key",
    "open_grid",
    "read_table",
    "to_csv",
    "to_xlsx",
    "trim",
]
