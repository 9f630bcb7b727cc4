"""A file of people and the way it takes through core.imports, for all tests of the import."""

from collections.abc import Callable
from typing import Any

import pytest

from yorozu.core.imports import operations
from yorozu.core.imports.models import ImportBatch
from yorozu.core.sheets import to_csv

PARAMS = {"as_of": "2026-06-01", "name": "令和8年度 保有資格調査", "is_sample": True}


@pytest.fixture
def check(cast: Any, django_capture_on_commit_callbacks: Any) -> Callable[..., ImportBatch]:
    """check(data, params=...) -> the batch after its background check."""

    def go(data: bytes, *, params: dict[str, Any] | None = None, kind: str = "") -> ImportBatch:
        with django_capture_on_commit_callbacks(execute=True):
            batch = operations.upload(
                cast.hq.scope,
                kind=kind or "people.qualifications",
                params=params or PARAMS,
                filename="調査.csv",
                data=data,
            )
        batch.refresh_from_db()
        return batch

    return go


@pytest.fixture
def apply(cast: Any, django_capture_on_commit_callbacks: Any) -> Callable[[ImportBatch], Any]:
    """apply(batch) -> the batch after its background write."""

    def go(batch: ImportBatch) -> ImportBatch:
        with django_capture_on_commit_callbacks(execute=True):
            operations.start_apply(cast.hq.scope, batch=batch)
        batch.refresh_from_db()
        return batch

    return go


HEADER = ["拠点コード", "拠点名", "区分", "氏名", "フリガナ", "保有資格", "その他の内容"]


@pytest.fixture
def people_file() -> Callable[..., bytes]:
    """people_file(rows...) -> CSV with one cell of qualifications per person."""

    def go(*rows: list[str]) -> bytes:
        return to_csv(HEADER, rows)

    return go
