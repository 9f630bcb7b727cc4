"""Allotting receipt numbers: two people who save at once both get one."""

from django.db.models import Model

from hubs.ledger.rules import is_serial, next_serial, serial_range
from hubs.network.models import Hub
from yorozu.core.errors import NotReady

# Network activities count apart from consultations.
ACTIVITY_LETTER = "N"


def lock_series(hub: Hub) -> None:
    """Hold the hub's numbers until the transaction ends (SQLite holds the whole file anyway)."""
    Hub.objects.select_for_update(no_key=True).get(pk=hub.pk)


def propose_number(model: type[Model], hub: Hub, fiscal_year: int, letter: str = "") -> str:
    """The next number of the year's series; NotReady when its numbers are used up.

    Numbers that files brought in another shape are passed over. A proposal alone reserves nothing:
    ``lock_series`` first, where the number is to be used.
    """
    tops = [_top(model, hub, fiscal_year, letter, is_current=flag) for flag in (True, False)]
    found = next_serial(fiscal_year, max((top for top in tops if top), default=None), letter)
    if not found:
        raise NotReady("この年度の受付番号を使い切りました。受付番号を自分で入力してください。")
    return found


def _top(
    model: type[Model], hub: Hub, fiscal_year: int, letter: str, *, is_current: bool
) -> str | None:
    first, last = serial_range(fiscal_year, letter)
    numbers = (
        model._default_manager.filter(
            hub=hub, is_current=is_current, record_no__gte=first, record_no__lte=last
        )
        .order_by("-record_no")
        .values_list("record_no", flat=True)
    )
    return next((one for one in numbers.iterator() if is_serial(one, fiscal_year, letter)), None)
