"""Keeping the table of holidays: the law may add, move or cancel one."""

from datetime import date

from django.db import IntegrityError, transaction

from hubs.terms.models import Holiday
from hubs.terms.rules.holidays import ESTIMATE, estimated
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, InvalidInput, Problem
from yorozu.core.flow import lock

FIELDS = ("name", "basis", "is_provisional", "is_cancelled")


def add_holiday(
    *, actor: Scope, day: date, name: str, basis: str, is_provisional: bool = False
) -> Holiday:
    """Add a holiday. Conflict when the day is there already (a cancelled one is revived)."""
    require(actor, "hubs.terms.holidays")
    _check(name, basis)
    try:
        with transaction.atomic():
            row = Holiday.objects.create(
                day=day, name=name.strip(), basis=basis.strip(), is_provisional=is_provisional
            )
            record(actor, "hubs.terms.holidays", row, after=_facts(row))
    except IntegrityError as error:
        raise Conflict(
            "この日付の祝日は、すでに登録されています。一覧から訂正してください。"
        ) from error
    return row


# PLR0913: the columns of the row, by name only.
def correct_holiday(
    *,
    actor: Scope,
    holiday: Holiday,
    name: str,
    basis: str,
    is_provisional: bool,
    is_cancelled: bool,
) -> Holiday:
    """Correct or cancel a holiday; deadlines laid with it stay until somebody moves them."""
    require(actor, "hubs.terms.holidays")
    _check(name, basis)
    with transaction.atomic():
        row = lock(holiday)
        before = _facts(row)
        row.name, row.basis = name.strip(), basis.strip()
        row.is_provisional, row.is_cancelled = is_provisional, is_cancelled
        if _facts(row) == before:
            return row
        row.save()
        record(actor, "hubs.terms.holidays", row, before=before, after=_facts(row))
    return row


def take_over_holidays(*, actor: Scope, year: int) -> list[Holiday]:
    """Enter the holidays of a year not in the table yet, as estimated by the present law.

    They are marked 見込み until the equinox days are announced. Conflict when the year is there.
    """
    require(actor, "hubs.terms.holidays")
    with transaction.atomic():
        if Holiday.objects.filter(day__year=year).exists():
            raise Conflict(f"{year}年の祝日は、すでに登録されています。")
        rows = [
            Holiday(day=day, name=name, basis=ESTIMATE, is_provisional=True)
            for day, name in estimated(year)
        ]
        Holiday.objects.bulk_create(rows)
        for row in rows:
            record(actor, "hubs.terms.holidays", row, after=_facts(row))
    return rows


def _check(name: str, basis: str) -> None:
    problems = []
    if not name.strip():
        problems.append(Problem(None, "祝日", "祝日の名前を入力してください。"))
    if not basis.strip():
        problems.append(Problem(None, "根拠", "根拠となる法律や官報を入力してください。"))
    if problems:
        raise InvalidInput(problems)


def _facts(row: Holiday) -> dict[str, object]:
    return {"day": row.day.isoformat(), **{name: getattr(row, name) for name in FIELDS}}
