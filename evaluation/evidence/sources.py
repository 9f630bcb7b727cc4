"""How a book says where a value comes from and when something happened."""

from datetime import datetime
from typing import Any

from django.db import models

from yorozu.core import clock


def source(row: models.Model) -> dict[str, Any]:
    """Where a value comes from: table and row, and the line of the imported file if any."""
    return {
        "table": row._meta.db_table,
        "id": row.pk,
        "import_batch": getattr(row, "import_batch_id", None),
        "row": getattr(row, "import_row", None),
    }


def stamp(moment: datetime | None) -> str | None:
    """A moment as books write it, None when it has not come."""
    if moment is None:
        return None
    return moment.astimezone(clock.now().tzinfo).isoformat(timespec="seconds")
