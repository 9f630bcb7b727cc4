"""The only clock: every other module asks here, so that tests and jobs can fix the time."""

from datetime import date, datetime

from django.utils import timezone


def now() -> datetime:
    """The present moment, aware, in the project's time zone (Asia/Tokyo)."""
    # Straight into the zone: asking for an activated one costs more than the moment itself.
    return datetime.now(tz=timezone.get_default_timezone())


def today() -> date:
    """Today's date in Asia/Tokyo."""
    return now().date()
