"""Rows of a ledger for tests, written as the product writes them: appended, each write noted."""

from datetime import date
from itertools import count

from hubs.ledger.models import (
    IndividualConsultation,
    NetworkActivity,
    NetworkParticipation,
    SampleCheck,
    SampleDraw,
)
from hubs.ledger.operations import mark_dirty
from hubs.network.models import Hub
from yorozu.core import clock

_numbers = count(1)


def hub_id(code: str) -> int:
    """Primary key of a hub."""
    return int(Hub.objects.values_list("pk", flat=True).get(code=code))


def consultation(code: str, held_on: date, **values: object) -> IndividualConsultation:
    """A record of a consultation."""
    row = IndividualConsultation.objects.create(
        **{
            "hub_id": hub_id(code),
            "record_no": f"T{next(_numbers):06d}",
            "held_on": held_on,
            "channel": "1",
            "theme": "1",
            "industry": "E",
            "employees_band": "1",
            "coordinator_name": "担当",
            "client_key": "C1",
            "minutes": 60,
            "created_by_name": "試験",
            "created_at": clock.now(),
            **values,
        }
    )
    mark_dirty([(row.hub_id, row.held_on), (row.hub_id, row.resolved_on)])
    return row


def corrected(
    row: IndividualConsultation, *, withdrawn: bool = False, **changes: object
) -> IndividualConsultation:
    """The next version of a record; the old one stays and counts no longer."""
    IndividualConsultation.objects.filter(pk=row.pk).update(is_current=False)
    mark_dirty([(row.hub_id, row.held_on), (row.hub_id, row.resolved_on)])
    names = [field.attname for field in row._meta.concrete_fields if field.attname != "id"]
    values = {name: getattr(row, name) for name in names} | changes
    values |= {
        "revision": row.revision + 1,
        "correction_reason": "試験",
        "is_current": not withdrawn,
        "is_withdrawn": withdrawn,
        "import_batch_id": None,
        "import_line": None,
    }
    new = IndividualConsultation.objects.create(**values)
    mark_dirty([(new.hub_id, new.held_on), (new.hub_id, new.resolved_on)])
    return new


def activity(code: str, held_on: date, *joined: str) -> NetworkActivity:
    """A network activity, perhaps with hubs that joined."""
    row = NetworkActivity.objects.create(
        hub_id=hub_id(code),
        record_no=f"N{next(_numbers):06d}",
        held_on=held_on,
        kind="1",
        title="合同相談会",
        coordinator_name="担当",
        created_by_name="試験",
        created_at=clock.now(),
    )
    for other in joined:
        NetworkParticipation.objects.create(activity=row, hub_id=hub_id(other))
    mark_dirty([(row.hub_id, held_on), *((hub_id(other), held_on) for other in joined)])
    return row


def checked(row: IndividualConsultation, outcome: str) -> SampleCheck:
    """A drawn record with what the check found."""
    assert row.resolved_on is not None
    draw = SampleDraw.objects.create(
        hub_id=row.hub_id,
        month=row.resolved_on.replace(day=1),
        seed="1",
        population=1,
        drawn_by_name="試験",
        drawn_at=clock.now(),
    )
    check = SampleCheck.objects.create(
        draw=draw,
        consultation=row,
        outcome=outcome,
        checked_on=row.resolved_on,
        checked_by_name="試験",
    )
    mark_dirty([(row.hub_id, row.resolved_on)])
    return check
