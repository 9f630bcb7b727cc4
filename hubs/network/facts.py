"""Loads the facts of the network from fixtures/facts; slices above add their own loaders here."""

import csv
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import QuerySet

from hubs.network.models import Block, BlockAssignment, Bureau, Hub, Prefecture

# domain.md 2.1: the composition is inferred; the opening of a later year decides its own.
ASSIGNED_YEARS = range(2024, 2027)

_LATER_LOADERS: list[Callable[[], None]] = []


def add_loader(loader: Callable[[], None]) -> None:
    """Let a slice above the network load its facts with ``load_facts`` (called once, at start)."""
    if loader not in _LATER_LOADERS:
        _LATER_LOADERS.append(loader)


def fact_rows(filename: str) -> list[dict[str, str]]:
    """The rows of one file of fixtures/facts by column name."""
    path = Path(settings.BASE_DIR) / "fixtures/facts" / filename
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def upsert(model: type[models.Model], rows: Sequence[dict[str, Any]], key: str) -> None:
    """Create or correct rows by one unique field; columns the rows do not name stay as they are."""
    if rows:
        model._default_manager.bulk_create(
            [model(**row) for row in rows],
            update_conflicts=True,
            unique_fields=[key],
            update_fields=[name for name in rows[0] if name != key],
        )


def by_code(model: type[models.Model]) -> dict[str, Any]:
    """Rows of a code list by their code."""
    rows: QuerySet[Any] = model._default_manager.all()
    return {row.code: row for row in rows}


def load_facts() -> None:
    """Load or correct all facts in one transaction; a second run changes nothing."""
    with transaction.atomic():
        _load_network()
        for loader in _LATER_LOADERS:
            loader()


def _load_network() -> None:
    upsert(Prefecture, _prefectures(), "jis_code")
    for model, filename in ((Bureau, "bureaus.csv"), (Block, "blocks.csv")):
        rows = [{**row, "order": int(row["order"])} for row in fact_rows(filename)]
        upsert(model, rows, "code")
    hub_rows = fact_rows("hubs.csv")
    upsert(Hub, _hubs(hub_rows), "code")
    _assign_blocks(hub_rows)


def _prefectures() -> list[dict[str, Any]]:
    return [
        {
            "jis_code": row["jis_code"],
            "name": row["name"],
            "grid_row": int(row["grid_row"]),
            "grid_column": int(row["grid_column"]),
        }
        for row in fact_rows("prefectures.csv")
    ]


def _hubs(rows: list[dict[str, str]]) -> list[dict[str, Any]]:
    prefectures = {row.jis_code: row for row in Prefecture.objects.all()}
    bureaus = by_code(Bureau)
    return [
        {
            "code": row["code"],
            "name": row["name"],
            "prefecture": prefectures[row["code"]],
            "bureau": bureaus[row["bureau"]],
            "opened_on": date.fromisoformat(row["opened_on"]),
        }
        for row in rows
    ]


def _assign_blocks(rows: list[dict[str, str]]) -> None:
    hubs, blocks = by_code(Hub), by_code(Block)
    BlockAssignment.objects.bulk_create(
        [
            BlockAssignment(fiscal_year=year, hub=hubs[row["code"]], block=blocks[row["block"]])
            for year in ASSIGNED_YEARS
            for row in rows
        ],
        ignore_conflicts=True,
    )
