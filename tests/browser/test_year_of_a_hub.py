"""One hub's whole year through the browser, by everybody who has a part in it.

From the preparation of the year to the last accepted month, the figures checked on the screens. It
runs on SQLite and on PostgreSQL alike (marker ``both_worlds``): what is written by one person is
read by the next, and no database may see the year otherwise.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from pytest_django.live_server_helper import LiveServer

from hubs.network.facts import load_facts
from hubs.network.models import Hub
from tests.browser.year import closing, ledger, months, opening, planning
from tests.browser.year.stage import Stage, last_year, moving_clock
from tests.cast import make_cast

KEPT = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "year"}

pytestmark = [pytest.mark.browser, pytest.mark.both_worlds, pytest.mark.slow]


@pytest.fixture
def stage(db: None, chromium: Any, settings: Any) -> Iterator[Stage]:
    """The portal with last year behind it, its clock in February; afterwards only the facts.

    It keeps drawn content, as in production: all that happens in it is done by acts.
    """
    settings.CACHES = {**settings.CACHES, "pages": KEPT}
    connection.inc_thread_sharing()
    with moving_clock() as clock:
        call_command("flush", interactive=False, verbosity=0)
        load_facts()
        with transaction.atomic():
            cast = make_cast()
            last_year()
        server = LiveServer("localhost:0")
        try:
            hub = Hub.objects.get(code="13").pk
            yield Stage(cast, server.url, chromium, clock, hub=hub)
        finally:
            server.stop()
            call_command("flush", interactive=False, verbosity=0)
            load_facts()


def test_one_hubs_year(stage: Stage) -> None:
    for act in (
        opening.open_the_year,
        opening.publish_the_policy,
        opening.register_the_rules,
        planning.begin_the_plan,
        planning.write_the_plan,
        planning.negotiate,
        planning.agree,
        ledger.type_records,
        ledger.file_records,
        months.send_april,
        months.accept_april,
        ledger.check_a_sample,
        months.declare_may,
        months.mend_may,
        months.remind_the_late,
        months.bulk_months,
        closing.answer_the_flags,
        closing.correct_june,
        closing.amend_the_plan,
        closing.finish_the_winter,
        closing.accept_the_last_month,
        closing.compile_the_year,
    ):
        act(stage)
    stage.close()
