"""Reads of people: surveys, the paper's table for a nation, bureau or hub, and who is in office."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Prefetch, Q, QuerySet, Sum

from hubs.network.models import Bureau, Hub
from hubs.people.models import (
    Engagement,
    Person,
    QualificationAggregate,
    QualificationCategory,
    QualificationResponse,
    QualificationSurvey,
    ResponseTick,
)
from hubs.people.rules import CC, CO, Summary, days_within, summarize
from yorozu.core import clock
from yorozu.core.access import Scope, decide

NATION = "nation"


@dataclass(frozen=True)
class SurveyLine:
    """A survey with its size."""

    survey: QualificationSurvey
    people: int | None
    ticks: int


@dataclass(frozen=True)
class Unit:
    """For what the table is drawn: the nation, a bureau's area, or one hub."""

    key: str
    label: str
    hub_ids: frozenset[int] | None


WHOLE_NATION = Unit(NATION, "全国", None)


def surveys() -> list[SurveyLine]:
    """All surveys, newest first; ``people`` is None where only the table was taken over."""
    people = _per_survey(QualificationResponse.objects.values("survey").annotate(n=Count("pk")))
    ticks = _per_survey(
        ResponseTick.objects.values("response__survey").annotate(n=Count("pk")), "response__survey"
    )
    cells = _per_survey(QualificationAggregate.objects.values("survey").annotate(n=Sum("count")))
    return [
        SurveyLine(row, people.get(row.pk), ticks.get(row.pk, cells.get(row.pk, 0)))
        for row in QualificationSurvey.objects.all()
    ]


def _per_survey(rows: Iterable[dict[str, int]], key: str = "survey") -> dict[int, int]:
    return {row[key]: row["n"] for row in rows}


def units(scope: Scope) -> list[Unit]:
    """The nation for everybody; a bureau or hub only where one may see its people.

    A hub has one CC: its table is personal data, so it opens with the right to see people only.
    """
    found = [WHOLE_NATION]
    if not decide(scope, "hubs.people.view").allowed:
        return found
    visible = list(Hub.objects.visible_to(scope).select_related("bureau"))
    seen: dict[int, set[int]] = defaultdict(set)
    for hub in visible:
        seen[hub.bureau_id].add(hub.pk)
    whole: dict[int, set[int]] = defaultdict(set)
    for hub_id, bureau_id in Hub.objects.values_list("pk", "bureau_id"):
        whole[bureau_id].add(hub_id)
    for bureau in Bureau.objects.all():
        if whole[bureau.pk] and whole[bureau.pk] == seen[bureau.pk]:
            ids = frozenset(whole[bureau.pk])
            found.append(Unit(f"bureau-{bureau.code}", f"{bureau.name}管内", ids))
    return found + [Unit(f"hub-{hub.code}", hub.name, frozenset({hub.pk})) for hub in visible]


def find_unit(scope: Scope, key: str) -> Unit | None:
    """The unit of this key if the scope may see it."""
    return next((unit for unit in units(scope) if unit.key == key), None)


def summary_of(survey: QualificationSurvey, hub_ids: frozenset[int] | None = None) -> Summary:
    """The table of a survey for the whole nation or some hubs (S44, S45); two queries."""
    categories = QualificationCategory.objects.values_list("code", "name", "block")
    ticks = ResponseTick.objects.filter(response__survey=survey)
    if hub_ids is not None:
        ticks = ticks.filter(response__hub_id__in=hub_ids)
    counts = {
        (role, code): n
        for role, code, n in ticks.order_by()
        .values_list("response__role", "category__code")
        .annotate(n=Count("pk"))
    }
    if hub_ids is None:
        cells = QualificationAggregate.objects.filter(survey=survey)
        for role, code, n in cells.values_list("role", "category__code", "count"):
            counts[role, code] = n
    return summarize(categories, counts)


def answered(
    survey: QualificationSurvey, hub_ids: frozenset[int] | None = None
) -> dict[str, int] | None:
    """People who answered, by role; None when only the table was taken over."""
    rows = QualificationResponse.objects.filter(survey=survey)
    if hub_ids is not None:
        rows = rows.filter(hub_id__in=hub_ids)
    elif not rows.exists():
        return None
    found = dict(rows.order_by().values_list("role").annotate(n=Count("pk")))
    return {CC: found.get(CC, 0), CO: found.get(CO, 0)}


@dataclass(frozen=True)
class Member:
    """A person at a hub with the qualifications of the newest answer there."""

    engagement: Engagement
    answer: QualificationResponse | None

    @property
    def held(self) -> str:
        """Names of the ticked categories, その他 with its text; empty when none or no answer."""
        return held_names(self.answer) if self.answer else ""


def held_names(answer: QualificationResponse) -> str:
    """The ticked categories in words, in the paper's order."""
    ticks = sorted(answer.ticks.all(), key=lambda tick: tick.category.order)
    return "、".join(
        f"{tick.category.name}（{tick.other_text}）" if tick.other_text else tick.category.name
        for tick in ticks
    )


def _answers(scope: Scope) -> QuerySet:
    ticks = Prefetch("ticks", ResponseTick.objects.select_related("category"))
    rows = QualificationResponse.objects.visible_to(scope).select_related("survey", "hub")
    return rows.prefetch_related(ticks)


def members(
    scope: Scope, hub: Hub, day: date | None = None
) -> tuple[list[Member], list[Engagement]]:
    """Who is in office at a hub on a day (CC first, then by reading), and who was before."""
    day = day or clock.today()
    rows = Engagement.objects.visible_to(scope).filter(hub=hub)
    rows = rows.select_related("person", "implementing_body").order_by(
        "role", "person__kana_key", "pk"
    )
    newest: dict[int, QualificationResponse] = {}
    for answer in _answers(scope).filter(hub=hub).order_by("survey__as_of"):
        newest[answer.person_id] = answer
    now = Q(starts_on__lte=day) & (Q(ends_on=None) | Q(ends_on__gte=day))
    present = [Member(row, newest.get(row.person_id)) for row in rows.filter(now)]
    past = rows.filter(ends_on__lt=day).order_by("-ends_on", "role", "person__kana_key")
    return present, list(past)


def history(scope: Scope, person: Person) -> tuple[list[Engagement], list[QualificationResponse]]:
    """A person's engagements and answers at the hubs of the scope, newest first."""
    stints = Engagement.objects.visible_to(scope).filter(person=person)
    stints = stints.select_related("hub", "implementing_body").order_by("-starts_on", "-pk")
    return list(stints), list(
        _answers(scope).filter(person=person).order_by("-survey__as_of", "-pk")
    )


def contracts_within(first: date, last: date) -> QuerySet[Engagement]:
    """Contracts of coordinators with at least one day from ``first`` to ``last``."""
    return Engagement.objects.filter(starts_on__lte=last).exclude(ends_on__lt=first)


def contract_days(first: date, last: date) -> dict[int, int]:
    """Calendar days under contract over all coordinators of a hub, by hub."""
    days: dict[int, int] = defaultdict(int)
    rows = contracts_within(first, last).values_list("hub_id", "starts_on", "ends_on")
    for hub_id, starts_on, ends_on in rows:
        days[hub_id] += days_within(starts_on, ends_on, first, last)
    return dict(days)
