"""Loads the statutory holidays; part of ``load_facts``."""

from datetime import date

from hubs.network.facts import add_loader, fact_rows
from hubs.terms.models import Holiday


def load_holidays() -> None:
    """Add the holidays that are missing; what users corrected or cancelled stays."""
    Holiday.objects.bulk_create(
        [
            Holiday(
                day=date.fromisoformat(row["day"]),
                name=row["name"],
                basis=row["basis"],
                is_provisional=row["status"] == "見込み",
            )
            for row in fact_rows("holidays.csv")
        ],
        ignore_conflicts=True,
    )


add_loader(load_holidays)
