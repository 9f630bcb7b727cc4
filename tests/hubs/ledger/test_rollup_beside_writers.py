"""A roll-up beside writers that have not committed yet (PostgreSQL; SQLite has one writer)."""

import threading
from datetime import date

import pytest
from django.db import connection, transaction

from hubs.ledger.models import DirtyMonth, LedgerMonth
from hubs.ledger.operations import dirty
from hubs.ledger.operations.rollup import compare_months, roll_up
from tests.hubs.ledger.rows import consultation

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
APRIL = date(2026, 4, 1)


@pytest.fixture(autouse=True)
def _no_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """The roll-ups of this module are called by hand; no commit starts one of its own."""
    monkeypatch.setattr(dirty, "ask_for_roll_up", lambda: None)


def _count() -> int:
    return int(LedgerMonth.objects.get(month=APRIL).consultations)


@pytest.mark.usefixtures("facts")
def test_a_writer_whose_month_is_already_noted_is_not_forgotten():
    """The writer leans on no note of others: its own becomes visible together with its row."""
    consultation("13", APRIL)
    written, counted = threading.Event(), threading.Event()

    def write() -> None:
        try:
            with transaction.atomic():
                consultation("13", date(2026, 4, 2))
                written.set()
                assert counted.wait(20)
        finally:
            connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    assert written.wait(20)
    assert roll_up() == 1
    counted.set()
    writer.join(20)
    assert _count() == 1
    assert compare_months() == []
    assert roll_up() == 1
    assert _count() == 2
    assert not DirtyMonth.objects.exists()


@pytest.mark.usefixtures("facts")
def test_two_roll_ups_at_once_take_turns():
    """An older count is never written over a newer one."""
    for day in range(1, 6):
        consultation("13", date(2026, 4, day))
    done: list[int] = []

    def work(day: int) -> None:
        try:
            for _ in range(10):
                consultation("13", date(2026, 4, day))
                roll_up()
            done.append(day)
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=(day,)) for day in (10, 11, 12)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert sorted(done) == [10, 11, 12]
    roll_up()
    assert _count() == 35
    assert compare_months() == []
