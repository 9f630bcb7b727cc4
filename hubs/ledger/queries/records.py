"""Records of a hub: the filtered list, its figures, one record's history, what was typed today."""

from collections import Counter
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from hubs.ledger.models import CheckOutcome, IndividualConsultation, NetworkActivity
from hubs.ledger.queries.checks import open_draws
from hubs.ledger.rules import COUNTING, VISIT_CHANNEL, Finding, RecordValues, Source, fingerprint
from hubs.network.models import Hub
from hubs.people.models import Engagement
from yorozu.core import clock
from yorozu.core.access import Scope
from yorozu.core.fiscal import month_of
from yorozu.core.sheets import match_key

VALUE_FIELDS = tuple(field.name for field in fields(RecordValues))
LAYERS = {
    "open": ("未解決", Q(resolved_on__isnull=True)),
    "reported": ("解決（拠点の報告）", Q(resolved_on__isnull=False)),
    "confirmed": ("解決（相談者が確認）", Q(client_confirmed_on__isnull=False)),
    "looked": ("抽出で確認した記録", Q(sample_check__outcome__in=CheckOutcome.values)),
    "checked": ("解決（抽出で確認）", Q(sample_check__outcome=CheckOutcome.CONFIRMED)),
    "doubted": ("抽出で確認できず", Q(sample_check__outcome=CheckOutcome.NOT_CONFIRMED)),
}


@dataclass(frozen=True)
class Wanted:
    """What a list of records shows: days, codes, layer, words, and perhaps one indicator's count.

    With an ``indicator`` the days are those of its counting rule (the day of resolution for SOLVE).
    """

    first: date
    last: date
    indicator: str = ""
    channel: str = ""
    theme: str = ""
    industry: str = ""
    employees_band: str = ""
    coordinator: str = ""
    layer: str = ""
    words: str = ""


def last_of_month(month: date) -> date:
    """The last day of the month that begins on this day."""
    return month_of(month + timedelta(days=31)) - timedelta(days=1)


def records(scope: Scope, hub: Hub, wanted: Wanted) -> QuerySet[IndividualConsultation]:
    """The current records that are wanted, the newest first.

    An indicator that counts something else than records (NETW) shows none of them.
    """
    rows = IndividualConsultation.objects.visible_to(scope).filter(hub=hub)
    rule = COUNTING.get(wanted.indicator) or COUNTING["CONS"]
    if rule.source is not Source.CONSULTATION:
        return rows.none()
    rows = rows.filter(**rule.lookups(wanted.first, wanted.last))
    codes = {
        name: value
        for name in ("channel", "theme", "industry", "employees_band")
        if (value := getattr(wanted, name))
    }
    rows = rows.filter(**codes)
    if wanted.coordinator:
        rows = rows.filter(coordinator_name=wanted.coordinator)
    if wanted.layer:
        rows = rows.filter(LAYERS[wanted.layer][1])
    if wanted.words:
        rows = rows.filter(
            Q(record_no__icontains=wanted.words) | Q(client_key__icontains=wanted.words)
        )
    return rows


@dataclass(frozen=True)
class Figures:
    """The counts above a list, all of the same rows."""

    records: int
    clients: int
    visits: int
    resolved: int
    confirmed: int
    checked: int
    minutes: int


_COUNTS = {
    "records": Count("pk"),
    "clients": Count("client_key", distinct=True),
    "visits": Count("pk", filter=Q(channel=VISIT_CHANNEL)),
    "resolved": Count("resolved_on"),
    "confirmed": Count("client_confirmed_on"),
    "checked": Count("pk", filter=Q(sample_check__outcome=CheckOutcome.CONFIRMED)),
    "minutes": Coalesce(Sum("minutes"), 0),
}


def figures_of(rows: QuerySet[IndividualConsultation]) -> Figures:
    """The counts of these rows in one query."""
    return Figures(**rows.order_by().aggregate(**_COUNTS))


DIMENSIONS = ("theme", "industry", "channel", "employees_band", "coordinator_name")


def breakdown(rows: QuerySet[IndividualConsultation], dimension: str) -> list[tuple[str, Figures]]:
    """The counts of these rows by one dimension, the largest first, in one query."""
    grouped = rows.order_by().values(dimension).annotate(**_COUNTS)
    found = [(row.pop(dimension), Figures(**row)) for row in grouped]
    return sorted(found, key=lambda one: (-one[1].records, one[0]))


def history(record: IndividualConsultation) -> list[IndividualConsultation]:
    """Every version of a record, the newest first."""
    rows = IndividualConsultation.objects.filter(hub_id=record.hub_id, record_no=record.record_no)
    # Asked apart: each half has an index of its own.
    halves = [
        list(rows.filter(is_current=flag).select_related("hub", "sample_check"))
        for flag in (True, False)
    ]
    return sorted((row for half in halves for row in half), key=lambda row: -row.pk)


def current_of(record: IndividualConsultation) -> IndividualConsultation | None:
    """The version in force, None for a withdrawn record."""
    return IndividualConsultation.objects.filter(
        hub_id=record.hub_id, record_no=record.record_no, is_current=True
    ).first()


def number_is_taken(hub: Hub, record_no: str) -> IndividualConsultation | None:
    """The record that has this number at the hub, withdrawn ones too."""
    rows = IndividualConsultation.objects.filter(hub=hub, record_no=record_no).order_by("-pk")
    return rows.filter(is_current=True).first() or rows.filter(is_current=False).first()


def values_of(record: IndividualConsultation) -> RecordValues:
    """The content of a version."""
    return RecordValues(**{name: getattr(record, name) for name in VALUE_FIELDS})


def entered_today(actor: Scope, hub: Hub) -> QuerySet[IndividualConsultation]:
    """What this person typed today at this hub and is in force, the newest first."""
    midnight = datetime.combine(clock.today(), time.min, tzinfo=clock.now().tzinfo)
    return (
        IndividualConsultation.objects.filter(
            hub=hub,
            import_batch_id__isnull=True,
            is_current=True,
            created_at__gte=midnight,
            created_by_name=actor.name,
        )
        .select_related("sample_check")
        .order_by("-created_at", "-pk")
    )


def latest_of_client(hub: Hub, client_key: str) -> IndividualConsultation | None:
    """The client's last record at this hub, whose industry and size a new one may take over."""
    return IndividualConsultation.objects.filter(
        hub=hub, is_current=True, client_key=client_key
    ).first()


def coordinator_names(hub: Hub, day: date) -> list[str]:
    """Names of the people engaged at the hub on a day, as registered."""
    rows = Engagement.objects.filter(hub=hub, starts_on__lte=day).filter(
        Q(ends_on=None) | Q(ends_on__gte=day)
    )
    return list(rows.order_by("role", "person__kana_key").values_list("person__name", flat=True))


def spelled_as_registered(hub: Hub, day: date, typed: str) -> str:
    """A coordinator's name as registered, so that a missing blank makes no second person."""
    wanted = match_key(typed).replace(" ", "")
    names = coordinator_names(hub, day)
    return next((name for name in names if match_key(name).replace(" ", "") == wanted), typed)


def coordinators_in(rows: QuerySet[IndividualConsultation]) -> list[str]:
    """Names that stand in these rows, for the filter."""
    return list(
        rows.order_by("coordinator_name").values_list("coordinator_name", flat=True).distinct()
    )


@dataclass(frozen=True)
class Doubts:
    """What the writer has to confirm before a record is stored."""

    findings: tuple[Finding, ...] = ()
    duplicates: tuple[IndividualConsultation | NetworkActivity, ...] = ()

    @property
    def token(self) -> str:
        """What a confirmation stands for; "" when nothing is doubtful."""
        parts = [fingerprint(self.findings), *(str(row.pk) for row in self.duplicates)]
        return ".".join(part for part in parts if part)


def like_this(hub: Hub, values: RecordValues) -> tuple[IndividualConsultation, ...]:
    """Records of the same client, day and coordinator: perhaps the same consultation twice."""
    rows = IndividualConsultation.objects.filter(
        hub=hub,
        is_current=True,
        held_on=values.held_on,
        client_key=values.client_key,
        coordinator_name=values.coordinator_name,
    )
    return tuple(rows.order_by("pk"))


@dataclass(frozen=True)
class HubLine:
    """A hub in the overview: how much it entered this month and when it last did."""

    hub: Hub
    this_month: int
    last_held_on: date | None
    activities: int
    unchecked: int


def hub_overview(scope: Scope) -> list[HubLine]:
    """The hubs of the scope with this month's counts, in two queries at any number of hubs."""
    first = month_of(clock.today())
    last = last_of_month(first)
    current = IndividualConsultation.objects.filter(hub=OuterRef("pk"), is_current=True)
    rows = Hub.objects.visible_to(scope).annotate(
        month_count=_count(
            IndividualConsultation.objects.filter(**COUNTING["CONS"].lookups(first, last))
        ),
        last_day=Subquery(current.order_by("-held_on").values("held_on")[:1]),
        activity_count=_count(
            NetworkActivity.objects.filter(**COUNTING["NETW"].lookups(first, last))
        ),
    )
    open_checks: Counter[int] = Counter()
    for draw in open_draws(scope):
        open_checks[draw.hub_id] += draw.open
    return [
        HubLine(hub, hub.month_count, hub.last_day, hub.activity_count, open_checks[hub.pk])
        for hub in rows
    ]


def _count(rows: QuerySet) -> Coalesce:
    mine = rows.filter(hub=OuterRef("pk")).order_by().values("hub").annotate(n=Count("pk"))
    return Coalesce(Subquery(mine.values("n")), 0)
