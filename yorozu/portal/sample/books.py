"""The hubs that keep a ledger: their files and activities, months drawn from them, what follows."""

from dataclasses import replace
from datetime import date

from hubs.ledger.models import IndividualConsultation, NetworkActivity
from hubs.ledger.operations import (
    correct_consultation,
    draw_sample,
    enter_activity,
    enter_consultation,
    join_activity,
    record_check,
    record_outcome,
    withdraw_consultation,
)
from hubs.ledger.queries import ActivityValues, coordinator_names, last_of_month, values_of
from hubs.ledger.rules import RecordValues
from hubs.ledger.rules.counting import VISIT_CHANNEL
from hubs.network.models import Hub
from hubs.partners.models import OrganizationType, SupportOrganization
from hubs.partners.operations import register_organization
from hubs.results.models import MonthlyReport
from hubs.results.operations import enter_month, ready_month
from hubs.terms.models import Term
from hubs.terms.queries import closed_days
from yorozu.core import clock
from yorozu.portal.sample import accounts, ledger
from yorozu.portal.sample.doors import Door, Say
from yorozu.portal.sample.nation import SampleHub
from yorozu.portal.sample.results import (
    LEDGER_HUBS,
    MONTHS_SO_FAR,
    WAITING_HUB,
    ledger_months,
    month_of,
)

# The hub that counts the activity, the one that takes part, the organisation of both.
SHARED = (
    ("19", "13", "サンプル甲信信用金庫"),
    ("31", "32", "サンプル山陰信用金庫"),
)
# One hub declares more than its ledger has, and says why.
DECLARING_HUB, DECLARED_INDEX, DECLARED_MORE = "32", 5, 4
DECLARED_REASON = "出張相談会の4件の記録が月末に間に合わなかったため（サンプル）"
CHECKED_HUB = "31"
CONFIRMED = "相談者から届いた写真と注文書で確かめました。（サンプル）"
NOT_CONFIRMED = "相談者と連絡が取れず、書類もありませんでした。（サンプル）"
# What the upload page offers first.
ALIKE = {"alike": "refuse"}
# Entered by hand today: channel, theme, industry, size, client, minutes.
TODAY = (
    ("1", "01", "I", "2", "C-90001", 60),
    ("3", "07", "M", "2", "C-90002", 45),
    ("2", "05", "D", "3", "C-90003", 30),
)


def keep_books(door: Door, term: Term, hubs: list[SampleHub], say: Say) -> None:
    """Files of consultations and activities, and the months drawn from both."""
    say(f"{term}の相談記録を{len(LEDGER_HUBS)}拠点分取り込み、月次実績に集計します。")
    mine = [hub for hub in hubs if hub.code in LEDGER_HUBS]
    closed = closed_days()
    for hub in mine:
        chief = accounts.scope_of_account(f"cc-{hub.code}")
        year, place = term.fiscal_year, f"{term.fiscal_year}_{hub.code}.csv"
        rows = ledger.record_rows(hub, year, closed)
        door.bring_many(chief, "ledger.consultations", f"相談記録_{place}", rows, {})
        _register_partners(hub)
        rows = ledger.activity_rows(hub, year, closed)
        door.bring(chief, "ledger.activities", f"ネットワーク活動_{place}", rows, ALIKE)
    for reporting, joining, name in SHARED:
        _share(reporting, joining, name, term)
    for hub in mine:
        _draw_months(hub, term)


def _register_partners(known: SampleHub) -> None:
    hub = Hub.objects.get(code=known.code)
    chief = accounts.scope_of_account(f"cc-{hub.code}")
    kinds = {str(label): value for value, label in OrganizationType.choices}
    for name, kind in ledger.partners(known):
        register_organization(actor=chief, hub=hub, name=name, kind=kinds[kind])


def _share(reporting: str, joining: str, name: str, term: Term) -> None:
    """An activity of two hubs: the first counts it, the second joins it."""
    first, second = Hub.objects.get(code=reporting), Hub.objects.get(code=joining)
    chief, other = (accounts.scope_of_account(f"cc-{code}") for code in (reporting, joining))
    day = ledger.working_days(month_of(term.fiscal_year, MONTHS_SO_FAR - 1), closed_days())[-1]
    kind = OrganizationType.FINANCIAL_INSTITUTION
    bank: SupportOrganization = register_organization(actor=chief, hub=first, name=name, kind=kind)
    register_organization(
        actor=other, hub=second, name=name, kind=kind, prefecture=first.prefecture
    )
    person = coordinator_names(first, day)[0]
    title = "2つの拠点による合同相談会（サンプル）"
    values = ActivityValues(day, "2", title, person, (bank.pk,))
    row: NetworkActivity = enter_activity(actor=chief, hub=first, values=values)
    join_activity(actor=other, hub=second, row=row)


def _draw_months(known: SampleHub, term: Term) -> None:
    """The figures of the months from the ledger; one is declared otherwise, with its reason."""
    hub = Hub.objects.get(code=known.code)
    chief = accounts.scope_of_account(f"cc-{hub.code}")
    versions = dict(
        MonthlyReport.objects.filter(term=term, hub=hub).values_list("month", "version")
    )
    for index in ledger_months(known, term.fiscal_year):
        month = month_of(term.fiscal_year, index)
        if month not in versions:
            continue
        version = versions[month]
        if (hub.code, index) == (DECLARING_HUB, DECLARED_INDEX):
            version = _declare(hub, month, version)
        ready_month(actor=chief, hub=hub, month=month, version=version)


def _declare(hub: Hub, month: date, version: int) -> int:
    chief = accounts.scope_of_account(f"cc-{hub.code}")
    counted = IndividualConsultation.objects.filter(
        hub=hub, is_current=True, held_on__gte=month, held_on__lte=last_of_month(month)
    ).count()
    entered = enter_month(
        actor=chief,
        hub=hub,
        month=month,
        values={"CONS": str(counted + DECLARED_MORE)},
        reasons={"CONS": DECLARED_REASON},
        version=version,
    )
    assert entered.report is not None  # noqa: S101 (a figure was entered)
    return entered.report.version


def touch_records(term: Term, say: Say) -> None:
    """What happens to records later: corrected, withdrawn, confirmed, checked; today's entries."""
    say(f"{term}の相談記録の訂正・取消・抽出確認を行います。")
    hub = Hub.objects.select_related("bureau").get(code=CHECKED_HUB)
    chief = accounts.scope_of_account(f"cc-{hub.code}")
    july, august, september = (month_of(term.fiscal_year, index) for index in (3, 4, 5))
    row = _records(hub, july)[0]
    values = values_of(row)
    theme = "03" if values.theme != "03" else "04"
    correct_consultation(
        actor=chief,
        row=row,
        values=replace(values, theme=theme),
        reason="相談テーマの選び間違い（サンプル）",
    )
    # The month is accepted already: from here on the ledger counts one less than the month says.
    twice = next(
        row
        for row in _records(hub, august)
        if row.resolved_on is None and row.channel != VISIT_CHANNEL
    )
    withdraw_consultation(actor=chief, row=twice, reason="同じ相談の二重の記録（サンプル）")
    confirmed = next(
        row
        for row in _records(hub, september)
        if row.resolved_on is not None and row.client_confirmed_on is None
    )
    record_outcome(
        actor=chief,
        row=confirmed,
        resolved_on=confirmed.resolved_on,
        client_confirmed_on=last_of_month(month_of(term.fiscal_year, MONTHS_SO_FAR - 1)),
    )
    _check(hub, september)
    _enter_today()


def _records(hub: Hub, month: date) -> list[IndividualConsultation]:
    rows = IndividualConsultation.objects.filter(
        hub=hub, is_current=True, held_on__gte=month, held_on__lte=last_of_month(month)
    )
    return list(rows.select_related("hub").order_by("record_no"))


def _check(hub: Hub, month: date) -> None:
    """The bureau draws five records: three confirmed, one not, one still to be looked at."""
    bureau = accounts.scope_of_account(accounts.bureau_key(hub))
    draw = draw_sample(actor=bureau, hub=hub, month=month, size=5)
    checks = list(draw.checks.select_related("consultation__hub").order_by("pk"))
    for check in checks[:3]:
        record_check(actor=bureau, check=check, outcome="confirmed", remark=CONFIRMED)
    record_check(actor=bureau, check=checks[3], outcome="not_confirmed", remark=NOT_CONFIRMED)


def _enter_today() -> None:
    """What a coordinator has typed today."""
    hub = Hub.objects.get(code=WAITING_HUB)
    actor = accounts.scope_of_account(f"co-{WAITING_HUB}")
    person = coordinator_names(hub, clock.today())[-1]
    for channel, theme, industry, band, client, minutes in TODAY:
        values = RecordValues(
            clock.today(), channel, theme, industry, band, person, client, minutes
        )
        enter_consultation(actor=actor, hub=hub, values=values)
