"""Keeping the months of the ledger: what changed is counted anew, and once a night everything."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.urls import reverse

from hubs.ledger.models import DirtyMonth, LedgerMonth
from hubs.ledger.rollup import count_rows, lock_roll_up, write_months
from hubs.ledger.rules import FIGURES, MonthFigures, spans
from hubs.network.models import Hub, Membership
from yorozu.core import clock
from yorozu.core.access import Role, Scope, require, system_scope
from yorozu.core.audit.operations import Act, record_many
from yorozu.core.jobs.operations import ask_again
from yorozu.core.notices.operations import notify

ROLL_UP, REBUILD = "ledger.roll_up", "ledger.rebuild"
REBUILD_RIGHT = "hubs.ledger.rebuild"
SYSTEM = "相談記録の集計"
# Notes of one round; the job goes round until none is left.
MOST_NOTES = 5_000


def ask_for_roll_up() -> None:
    """Ask for the roll-up of what is noted; any number of askers share the one job."""
    ask_again(system_scope(SYSTEM), kind=ROLL_UP, key=ROLL_UP, label="相談記録の月別集計")


def roll_up() -> int:
    """Count the months that are noted as changed; returns how many months that were.

    The notes go first and the rows are read after: whoever commits in between leaves a note of its
    own, which stays for the next roll-up.
    """
    with transaction.atomic():
        lock_roll_up()
        rows = DirtyMonth.objects.order_by("pk").values_list("pk", "hub_id", "month")
        notes = list(rows[:MOST_NOTES])
        pairs = {(hub_id, month) for _, hub_id, month in notes}
        if pairs:
            DirtyMonth.objects.filter(pk__in=[pk for pk, _, _ in notes]).delete()
            write_months(clock.now(), spans(pairs))
    return len(pairs)


@dataclass(frozen=True)
class Difference:
    """A month whose stored figures are not what its rows say; None: no row on that side."""

    hub: Hub
    month: date
    stored: MonthFigures | None
    counted: MonthFigures | None

    @property
    def changes(self) -> dict[str, list[int | None]]:
        """Figure -> stored and counted, of those that differ."""
        pairs = {
            name: [getattr(side, name, None) for side in (self.stored, self.counted)]
            for name in FIGURES
        }
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def compare_months() -> list[Difference]:
    """Count everything from the rows and name every month that is stored otherwise.

    The notes are read last, with roll-ups held off: whoever wrote while we counted has left one,
    and a noted month is known to be behind, which is no difference.
    """
    with transaction.atomic():
        lock_roll_up()
        stored = {
            (row.hub_id, row.month): MonthFigures(**{name: getattr(row, name) for name in FIGURES})
            for row in LedgerMonth.objects.order_by("hub_id", "month")
        }
        counted = count_rows()
        noted = set(DirtyMonth.objects.order_by("pk").values_list("hub_id", "month"))
    wrong = [
        key for key in {**stored, **counted}.keys() - noted if stored.get(key) != counted.get(key)
    ]
    hubs = Hub.objects.in_bulk({hub_id for hub_id, _ in wrong})
    return [
        Difference(hubs[hub_id], month, stored.get((hub_id, month)), counted.get((hub_id, month)))
        for hub_id, month in sorted(wrong, key=lambda key: (hubs[key[0]].code, key[1]))
    ]


def rebuild_months(actor: Scope) -> list[Difference]:
    """Count all months of all hubs from the rows; returns what was stored otherwise, now mended.

    There should be nothing: each difference is recorded, and the system administrators are told.
    """
    require(actor, REBUILD_RIGHT)
    with transaction.atomic():
        found = compare_months()
        write_months(clock.now(), spans((row.hub.pk, row.month) for row in found))
        _raise_alarm(actor, found)
    return found


def _raise_alarm(actor: Scope, found: list[Difference]) -> None:
    if not found:
        return
    record_many(actor, REBUILD_RIGHT, [_act(difference) for difference in found])
    today = clock.today()
    admins = Membership.objects.filter(role=Role.SYSTEM_ADMIN, valid_from__lte=today)
    notify(
        admins.exclude(valid_to__lt=today).order_by().values_list("user_id", flat=True),
        key=f"{REBUILD}:{clock.now():%Y%m%d%H%M%S%f}",
        text=(
            f"相談記録の月別集計が、記録から数え直した結果と{len(found)}か月分で異なりました。"
            "数え直した値に直しました。監査記録で内容を確認してください。"
        ),
        url=reverse("audit_list"),
    )


def _act(difference: Difference) -> Act:
    changes = difference.changes
    month = {"month": f"{difference.month:%Y-%m}"}
    return Act(
        difference.hub,
        before=month | {name: pair[0] for name, pair in changes.items()},
        after=month | {name: pair[1] for name, pair in changes.items()},
        reason="夜間の数え直しで、保存していた月別集計と異なったため",
        hub_id=difference.hub.pk,
    )
