"""Rows as a file in the browser: CSV (UTF-8 with BOM, CP932 on request) or XLSX of one query."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse

from yorozu.core.sheets import Sheet, to_csv, to_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def attachment(data: bytes, filename: str, content_type: str) -> HttpResponse:
    """A response the browser saves under a Japanese file name."""
    response = HttpResponse(data, content_type=content_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(filename)}"
    return response


def sheet_file(
    request: HttpRequest,
    *,
    kind: str,
    name: str,
    header: Sequence[str],
    rows: Sequence[Sequence[Any]],
) -> HttpResponse:
    """The rows as ``kind`` ("csv" or "xlsx"); ?encoding=cp932 gives CP932, 〓 for what it lacks."""
    if kind == "xlsx":
        book = to_xlsx([Sheet(name, header, rows, caption=name)])
        return attachment(book, f"{name}.xlsx", XLSX)
    if kind != "csv":
        raise Http404
    if request.GET.get("encoding") == "cp932":
        data = to_csv(header, rows, "cp932", replace=True)
        return attachment(data, f"{name}.csv", "text/csv; charset=cp932")
    return attachment(to_csv(header, rows), f"{name}.csv", "text/csv; charset=utf-8")
