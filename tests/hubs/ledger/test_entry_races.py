"""Coordinators who save in the same moment (PostgreSQL; SQLite has one writer)."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from hubs.ledger.models import IndividualConsultation
from hubs.ledger.operations import RecordConflict, correct_consultation
from hubs.ledger.queries import values_of
from tests.at_once import at_once
from tests.hubs.ledger_ground import GOOD, entered

pytestmark = [
    pytest.mark.services,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("november"),
]


def test_two_who_save_at_once_both_get_a_number(cast):
    scopes = [cast.cc_tokyo.scope, cast.co_tokyo.scope]

    def save(writer: int) -> Callable[[], None]:
        def go() -> None:
            for place in range(5):
                entered(scopes[writer % 2], client_key=f"W{writer}-{place}")

        return go

    assert at_once(*(save(writer) for writer in range(4))) == []
    numbers = sorted(IndividualConsultation.objects.values_list("record_no", flat=True))
    assert numbers == [f"2026-{number:05d}" for number in range(1, 21)]


def test_of_two_corrections_at_once_one_is_told(cast):
    row = entered(cast.cc_tokyo.scope)
    scopes = [cast.cc_tokyo.scope, cast.co_tokyo.scope]

    def correct(place: int) -> Callable[[], None]:
        wanted = replace(values_of(row), minutes=GOOD.minutes + place + 1)
        return lambda: (
            correct_consultation(actor=scopes[place], row=row, values=wanted, reason="誤り"),
            None,
        )[1]

    raised = at_once(correct(0), correct(1))
    assert [type(error) for error in raised] == [RecordConflict]
    assert IndividualConsultation.objects.filter(is_current=True).count() == 1
    assert IndividualConsultation.objects.count() == 2
