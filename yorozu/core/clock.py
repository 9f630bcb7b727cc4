"""The only clock: every other module asks here, so that tests and jobs can fix the time."""

from datetime import date, datetime

from django.utils import timezone


def now() -> datetime:
    """The present moment, aware, in the project's time zone (Asia/Tokyo)."""
    return timezone.localtime(timezone.now())


def today() -> date:
    """Today's date in Asia/Tokyo."""
    return now().date()
