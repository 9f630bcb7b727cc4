"""The roll-up: what counts where, incremental equals counting everything, alarm on a difference."""

from collections import defaultdict
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from hubs.ledger.models import (
    DirtyMonth,
    IndividualConsultation,
    LedgerMonth,
    NetworkActivity,
    NetworkParticipation,
    SampleCheck,
)
from hubs.ledger.operations import mark_dirty, rollup
from hubs.ledger.operations.rollup import compare_months, rebuild_months, roll_up
from hubs.ledger.queries import fresh_month, fresh_months, stored_months
from hubs.ledger.rules import COUNTING, FIGURE_OF, FIGURES, MonthFigures
from hubs.ledger.tasks import rebuild_months_at_night, roll_up_left_overs
from tests.hubs.ledger.rows import activity, checked, consultation, corrected, hub_id
from yorozu.core.access import system_scope
from yorozu.core.audit.models import AuditEvent
from yorozu.core.errors import Refused
from yorozu.core.jobs.models import Job, JobState
from yorozu.core.notices.models import Notice
from yorozu.portal.sample.dice import roll

pytestmark = pytest.mark.django_db
SYSTEM = system_scope("試験")
APRIL, MAY, JUNE = date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)
LAST = date(2027, 3, 31)


def month_of(code, month):
    """The stored figures of a month by name; zeros left out."""
    row = LedgerMonth.objects.filter(hub__code=code, month=month).first()
    return row and {name: getattr(row, name) for name in FIGURES if getattr(row, name)}


def test_each_kind_of_record_counts_in_its_month(facts):
    consultation("13", date(2026, 4, 1))
    consultation("13", date(2026, 4, 30), client_key="C2", channel="2", minutes=30)
    # Visited in April, resolved in May, confirmed by the client.
    solved = consultation(
        "13", date(2026, 4, 15), resolved_on=date(2026, 5, 3), client_confirmed_on=date(2026, 6, 1)
    )
    consultation("13", date(2026, 5, 31), resolved_on=date(2026, 5, 31))
    consultation("14", date(2026, 5, 1))
    checked(solved, "confirmed")
    assert roll_up() == 3
    assert month_of("13", APRIL) == {
        "consultations": 3,
        "visiting_clients": 2,
        "clients": 2,
        "minutes": 150,
    }
    assert month_of("13", MAY) == {
        "consultations": 1,
        "visiting_clients": 1,
        "clients": 1,
        "minutes": 60,
        "issues_resolved": 2,
        "issues_client_confirmed": 1,
        "issues_checked": 1,
        "issues_check_confirmed": 1,
    }
    assert month_of("14", MAY)["consultations"] == 1
    assert month_of("13", JUNE) is None
    assert not DirtyMonth.objects.exists()


def test_an_activity_of_two_hubs_counts_once_and_is_shown_at_both(facts):
    activity("13", date(2026, 4, 10), "14")
    activity("13", date(2026, 4, 11))
    roll_up()
    assert month_of("13", APRIL) == {"network_activities": 2}
    assert month_of("14", APRIL) == {"network_joined": 1}


def test_corrected_and_withdrawn_records_count_as_they_now_stand(facts):
    row = consultation("13", date(2026, 4, 10))
    other = consultation("13", date(2026, 4, 11))
    roll_up()
    moved = corrected(row, held_on=date(2026, 5, 2), channel="2")
    corrected(other, withdrawn=True)
    roll_up()
    assert month_of("13", APRIL) is None
    assert month_of("13", MAY) == {"consultations": 1, "clients": 1, "minutes": 60}
    corrected(moved, withdrawn=True)
    roll_up()
    assert not LedgerMonth.objects.exists()


def test_distinct_clients_are_counted_from_the_rows(facts):
    for day in (1, 2, 3):
        consultation("13", date(2026, 4, day), client_key="C1")
    roll_up()
    consultation("13", date(2026, 4, 4), client_key="C1")
    consultation("13", date(2026, 4, 5), client_key="C2")
    roll_up()
    assert month_of("13", APRIL)["clients"] == 2


class Ledger:
    """Random writes to three hubs over five months, each leaving the notes the product leaves."""

    def __init__(self, seed):
        self.seed, self.throws = seed, 0
        self.rows = []

    def below(self, sides):
        self.throws += 1
        return roll("ledger", self.seed, self.throws) % sides

    def choose(self, values):
        return values[self.below(len(values))]

    def day(self):
        return APRIL + timedelta(days=self.below(150))

    def write(self):
        day = self.day()
        solved = day + timedelta(days=self.below(40)) if self.below(5) < 2 else None
        is_file = self.below(2)
        row = consultation(
            self.choose(["04", "13", "14"]),
            day,
            client_key=f"C{self.below(4)}",
            channel=self.choose("123"),
            minutes=self.choose([30, 60]),
            resolved_on=solved,
            client_confirmed_on=solved if self.below(2) else None,
            import_batch_id=1 if is_file else None,
            import_line=1 if is_file else None,
        )
        self.rows.append(row)
        if solved and self.below(3) == 0:
            checked(row, self.choose(["confirmed", "not_confirmed"]))

    def correct(self):
        if not self.rows:
            return
        row = self.rows.pop(self.below(len(self.rows)))
        if self.below(3) == 0:
            corrected(row, withdrawn=True)
            return
        changes = {"held_on": self.day(), "channel": "1"}
        changes |= {"resolved_on": None, "client_confirmed_on": None} if row.resolved_on else {}
        self.rows.append(corrected(row, **changes))

    def undo(self):
        """Take back what came by file, as the undo of an import does."""
        drawn = set(SampleCheck.objects.values_list("consultation_id", flat=True))
        gone = [row for row in self.rows if row.import_batch_id and row.pk not in drawn][:3]
        IndividualConsultation.objects.filter(pk__in=[row.pk for row in gone]).delete()
        for row in gone:
            mark_dirty([(row.hub_id, row.held_on), (row.hub_id, row.resolved_on)])
            self.rows.remove(row)

    def meet(self):
        activity(self.choose(["04", "13"]), self.day(), "14")

    def step(self):
        self.choose([self.write] * 6 + [self.correct] * 3 + [self.undo, self.meet, roll_up])()


class ByHand:
    """The same figures by the rules of single records, in plain Python."""

    def __init__(self):
        self.found = defaultdict(lambda: dict.fromkeys(FIGURES, 0))
        self.consultations()
        self.issues()
        self.activities()

    def add(self, owner, day, name, by=1):
        self.found[owner, day.replace(day=1)][name] += by

    def consultations(self):
        clients = set()
        for row in IndividualConsultation.objects.filter(is_current=True):
            self.add(row.hub_id, row.held_on, "minutes", row.minutes)
            clients.add((row.hub_id, row.held_on.replace(day=1), row.client_key))
        for owner, month, _ in clients:
            self.add(owner, month, "clients")
        for code in ("CONS", "VISIT", "SOLVE"):
            for row in IndividualConsultation.objects.all():
                if COUNTING[code].counts(row, APRIL, LAST):
                    self.add(row.hub_id, getattr(row, COUNTING[code].month_field), FIGURE_OF[code])

    def issues(self):
        held = IndividualConsultation.objects.filter(is_current=True, resolved_on__isnull=False)
        for row in held.exclude(client_confirmed_on=None):
            self.add(row.hub_id, row.resolved_on, "issues_client_confirmed")
        for check in SampleCheck.objects.filter(consultation__in=held):
            row = check.consultation
            self.add(row.hub_id, row.resolved_on, "issues_checked")
            self.add(
                row.hub_id, row.resolved_on, "issues_check_confirmed", check.outcome == "confirmed"
            )

    def activities(self):
        for row in NetworkActivity.objects.all():
            if COUNTING["NETW"].counts(row, APRIL, LAST):
                self.add(row.hub_id, row.held_on, "network_activities")
        for row in NetworkParticipation.objects.select_related("activity"):
            self.add(row.hub_id, row.activity.held_on, "network_joined")


def by_hand():
    return {key: MonthFigures(**values) for key, values in ByHand().found.items()}


@pytest.mark.parametrize("seed", range(4))
def test_counting_what_changed_equals_counting_everything(facts, seed):
    ledger = Ledger(seed)
    for _ in range(60):
        ledger.step()
        # Whatever waits for the roll-up, a page shows what the rows say.
    hubs = [hub_id(code) for code in ("04", "13", "14")]
    assert {
        key: row.figures for key, row in fresh_months(hubs, APRIL, date(2027, 3, 1)).items()
    } == by_hand()
    roll_up()
    incremental = list(LedgerMonth.objects.values("hub_id", "month", *FIGURES))
    assert compare_months() == []
    LedgerMonth.objects.all().delete()
    assert len(rebuild_months(SYSTEM)) == len(incremental)
    assert list(LedgerMonth.objects.values("hub_id", "month", *FIGURES)) == incremental
    stored = stored_months(hubs, APRIL, date(2027, 3, 1))
    assert {key: row.figures for key, row in stored.items()} == by_hand()


def test_a_page_never_sees_a_figure_that_is_behind(facts):
    consultation("13", date(2026, 4, 1))
    roll_up()
    row = consultation("13", date(2026, 4, 2))
    assert month_of("13", APRIL)["consultations"] == 1
    seen = fresh_month(hub_id("13"), APRIL)
    assert (seen.figures.consultations, seen.computed_at) == (2, None)
    corrected(row, withdrawn=True)
    assert fresh_month(hub_id("13"), APRIL).figures.consultations == 1
    assert fresh_month(hub_id("13"), JUNE).figures == MonthFigures()


def statements(codes):
    for code in codes:
        consultation(code, date(2026, 4, 1), resolved_on=date(2026, 5, 1))
    with CaptureQueriesContext(connection) as held:
        assert roll_up() == 2 * len(codes)
    return len(held)


def test_the_roll_up_is_a_set_however_many_hubs(facts):
    few = statements(["13", "14"])
    many = statements([f"{number:02d}" for number in range(1, 48)])
    assert many == few <= 10
    with CaptureQueriesContext(connection) as held:
        fresh_months([hub_id("13")], APRIL, date(2027, 3, 1))
    assert len(held) <= 2 + 1  # the third is hub_id of this test


def test_a_note_left_meanwhile_stays_for_the_next_roll_up(facts, monkeypatch):
    """Who commits between the taking of the notes and the counting is counted or noted."""
    consultation("13", date(2026, 4, 1))
    write = rollup.write_months

    def slow(*args):
        write(*args)
        consultation("13", date(2026, 4, 2))

    monkeypatch.setattr(rollup, "write_months", slow)
    roll_up()
    monkeypatch.undo()
    assert month_of("13", APRIL)["consultations"] == 1
    assert DirtyMonth.objects.count() == 1
    assert compare_months() == []
    roll_up()
    assert month_of("13", APRIL)["consultations"] == 2


def test_a_difference_is_mended_recorded_and_told(cast):
    consultation("13", date(2026, 4, 1))
    consultation("14", date(2026, 4, 1))
    roll_up()
    assert rebuild_months(SYSTEM) == []
    assert not AuditEvent.objects.filter(action="hubs.ledger.rebuild").exists()
    LedgerMonth.objects.filter(hub__code="13").update(consultations=9)
    LedgerMonth.objects.filter(hub__code="14").delete()
    found = rebuild_months(SYSTEM)
    assert [(row.hub.code, row.changes.get("consultations")) for row in found] == [
        ("13", [9, 1]),
        ("14", [None, 1]),
    ]
    assert month_of("13", APRIL)["consultations"] == month_of("14", APRIL)["consultations"] == 1
    events = AuditEvent.objects.filter(action="hubs.ledger.rebuild").order_by("sequence")
    assert [event.hub_id for event in events] == [hub_id("13"), hub_id("14")]
    assert '"consultations":9' in events[0].before.replace(" ", "")
    assert [row.user for row in Notice.objects.all()] == [cast.admin.user]
    assert "2か月分で異なりました" in Notice.objects.get().text


def test_only_administrators_and_the_night_recount(cast):
    for actor in cast.all():
        if actor.key != "admin":
            with pytest.raises(Refused):
                rebuild_months(actor.scope)
    assert rebuild_months(cast.admin.scope) == []


def test_the_command_names_differences_and_check_changes_nothing(facts, capsys):
    consultation("13", date(2026, 4, 1))
    roll_up()
    call_command("rebuild_ledger_months", "--check")
    assert "一致しています" in capsys.readouterr().out
    LedgerMonth.objects.update(minutes=1)
    with pytest.raises(CommandError, match="1か月分"):
        call_command("rebuild_ledger_months", "--check")
    assert "minutes 1 → 60" in capsys.readouterr().out
    assert LedgerMonth.objects.get().minutes == 1
    call_command("rebuild_ledger_months")
    assert "直しました" in capsys.readouterr().out
    assert LedgerMonth.objects.get().minutes == 60


def test_a_write_asks_for_one_job_that_takes_all_it_finds(
    facts, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        consultation("13", date(2026, 4, 1))
    job = Job.objects.get()
    assert (job.kind, job.state, job.result) == (
        "ledger.roll_up",
        JobState.SUCCEEDED,
        {"months": 1},
    )
    assert month_of("13", APRIL)["consultations"] == 1
    with django_capture_on_commit_callbacks(execute=True):
        consultation("13", date(2026, 5, 1))
        consultation("14", date(2026, 5, 1))
    assert Job.objects.get().result == {"months": 2}
    assert month_of("14", MAY)["consultations"] == 1


def test_nothing_is_counted_for_a_write_that_is_taken_back(
    facts, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        consultation("13", date(2026, 4, 1))
        transaction.set_rollback(True)
    assert not Job.objects.exists()
    assert not DirtyMonth.objects.exists()


def test_left_overs_are_asked_for_again_and_the_night_counts_once_a_day(
    facts, django_capture_on_commit_callbacks
):
    assert roll_up_left_overs() is False
    DirtyMonth.objects.create(hub_id=hub_id("13"), month=APRIL)
    with django_capture_on_commit_callbacks(execute=True):
        assert roll_up_left_overs() is True
        first = rebuild_months_at_night()
        assert rebuild_months_at_night() == first
    assert not DirtyMonth.objects.exists()
    assert Job.objects.get(pk=first).result == {"differences": []}
