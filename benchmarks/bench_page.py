"""P5, P5c: CPU of whole pages over that of an empty view, and their queries at 47 and 470 hubs.

Both sides run in one process through the product's own middleware; the pages with a session, a role
and 47 hubs with plans and months. CPU and not wall time: it suffers least from neighbours.
Content that was drawn since the last act is kept (core.web.kept): P5 is a page asked for again, and
"anew" the first view after an act, which is told beside it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.test import Client, RequestFactory
from django.test.client import ClientHandler
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from benchmarks import ground
from benchmarks.frame import Bench, cpu_timed, same
from benchmarks.judging import Metric, at_most, ratio
from hubs.network.models import Bureau, CommissionContract, Hub, ImplementingBody, Membership
from hubs.plans.models import Plan, PlanState, Target
from hubs.results.models import MonthlyReport, MonthlyResult, ReportState, ValueState
from hubs.terms.models import Term
from hubs.terms.operations import open_term
from yorozu.core import clock
from yorozu.core.access import Role
from yorozu.core.accounts.models import User
from yorozu.core.fiscal import fiscal_year_of, months_of

PAGE_CPU = at_most(gate=25, goal=12)
GROWTH = at_most(gate=0, goal=0)
QUERIES = at_most(gate=None, goal=4)
TOLD = at_most(gate=None, goal=None)
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
LARGE = 470
PAGE_TIMES, EMPTY_TIMES = 10, 200


class Queries(NamedTuple):
    """Of one request: the first after an act, and a later one."""

    anew: int
    again: int


@dataclass(frozen=True)
class Page:
    """A page, who opens it, and how many rows of hubs it must show for 47 and 470 hubs."""

    name: str
    path: str
    user: User
    rows: Callable[[int], int]


def run(bench: Bench) -> None:
    """Measure every page at 47 hubs, then only count its queries at 470."""
    term = ground_of(47)
    pages = pages_of(term)
    browser = Browser()
    counts = {page.name: browser.queries(page, 47) for page in pages}
    steps: dict[str, Callable[[], float]] = {"empty": browser.cpu_of_empty}
    for page in pages:
        steps[page.name] = partial(browser.cpu_of, page)
        steps[_anew(page)] = partial(browser.cpu_of, page, anew=True)
    times = bench.rounds(steps, count=max(bench.options.rounds, 5))
    ground_of(LARGE)
    for page in pages:
        small, large = counts[page.name], browser.queries(page, LARGE)
        mine = {page.name: times[page.name]}
        empty = {"empty": times["empty"]}
        cpu = Metric("P5", f"{page.name}: CPU / an empty view", PAGE_CPU, ("empty",))
        bench.report(cpu, ratio(mine[page.name], times["empty"]), {**empty, **mine}, hubs=47)
        anew = {_anew(page): times[_anew(page)]}
        first = Metric("P5", f"{page.name}: CPU / an empty view, drawn anew", TOLD)
        bench.report(first, ratio(anew[_anew(page)], times["empty"]), {**empty, **anew}, hubs=47)
        facts = {"queries_47": small._asdict(), "queries_470": large._asdict()}
        more = Metric("P5c", f"{page.name}: queries more at 470 hubs than at 47", GROWTH)
        grown = max(large.anew - small.anew, large.again - small.again)
        bench.report(more, grown, mine, **facts)
        bench.report(Metric("P5c", f"{page.name}: queries", QUERIES), small.again, mine, **facts)
        # A count does not waver with the load of the machine.
        bench.failed = bench.failed or large != small


def _anew(page: Page) -> str:
    return f"{page.name}, anew"


def pages_of(term: Term) -> list[Page]:
    """The pages that show the whole network, by HQ; the homes of those who oversee it."""
    hq, bureau = person(Role.NATIONAL_HQ), person(Role.BUREAU, Bureau.objects.first())
    agency = person(Role.SME_AGENCY)

    def all_hubs(count: int) -> int:
        return count

    def none(count: int) -> int:
        return 0

    return [
        Page("results_list", reverse("results_list", args=[term.pk]), hq, all_hubs),
        Page("hub_list", reverse("hub_list"), hq, all_hubs),
        Page("process_matrix", reverse("process_matrix"), hq, all_hubs),
        Page("plan_list", reverse("plan_list", args=[term.pk]), hq, all_hubs),
        Page("home_bureau", reverse("home"), bureau, none),
        Page("home_hq", reverse("home"), hq, none),
        Page("home_agency", reverse("home"), agency, none),
    ]


def person(role: Role, bureau: Bureau | None = None) -> User:
    """An account with one role."""
    user = User.objects.create_user(f"{role.value}@example.jp", "bench-password-1", name="計測")
    Membership.objects.create(user=user, role=role, bureau=bureau, valid_from=date(2020, 4, 1))
    return user


class Browser:
    """Requests in this process, with the session of a person."""

    def __init__(self) -> None:
        self._factory = RequestFactory()
        self._handler = ClientHandler(enforce_csrf_checks=False)
        self._cookies: dict[int, str] = {}

    def cpu_of_empty(self) -> float:
        """CPU seconds of one empty request."""
        seconds, _ = cpu_timed(lambda: self._many("/bench/empty/", None, EMPTY_TIMES))
        return seconds / EMPTY_TIMES

    def cpu_of(self, page: Page, *, anew: bool = False) -> float:
        """CPU seconds of one request of the page; ``anew`` as if something had just been done."""
        self._get(page.path, page.user)
        seconds, _ = cpu_timed(lambda: self._many(page.path, page.user, PAGE_TIMES, anew=anew))
        return seconds / PAGE_TIMES

    def queries(self, page: Page, hubs: int) -> Queries:
        """Queries of one request, after the page has shown what it must show."""
        self._get(page.path, page.user)
        caches["pages"].clear()
        return Queries(self._counted(page, hubs), self._counted(page, hubs))

    def _counted(self, page: Page, hubs: int) -> int:
        with CaptureQueriesContext(connection) as held:
            answer = self._get(page.path, page.user)
        text = answer.content.decode()
        same(f"{page.name} status", answer.status_code, 200)
        bodies = [part.partition("</tbody>")[0] for part in text.split("<tbody>")[1:]]
        rows = max((part.count("<tr") for part in bodies), default=0)
        if page.rows(hubs):
            same(f"{page.name} rows", rows, page.rows(hubs))
        return len(held)

    def _many(self, path: str, user: User | None, times: int, *, anew: bool = False) -> None:
        for _ in range(times):
            if anew:
                caches["pages"].clear()
            self._get(path, user)

    def _get(self, path: str, user: User | None) -> Any:
        self._factory.cookies.clear()
        if user is not None:
            if user.pk not in self._cookies:
                client = Client()
                client.force_login(user, backend=BACKEND)
                client.get(path)
                self._cookies[user.pk] = client.cookies[settings.SESSION_COOKIE_NAME].value
            self._factory.cookies[settings.SESSION_COOKIE_NAME] = self._cookies[user.pk]
        answer: Any = self._handler(self._factory.get(path).environ)
        return answer


# --- The network ---------------------------------------------------------------------------------


def ground_of(count: int) -> Term:
    """So many hubs, each with contract, fixed plan and seven months in different states."""
    hubs = ground.make_hubs(count)
    year = fiscal_year_of(clock.today())
    term = Term.objects.filter(fiscal_year=year).first()
    if term is None:
        term = open_term(actor=ground.actor(), fiscal_year=year)
    body, _ = ImplementingBody.objects.get_or_create(name="計測の実施機関")
    known = set(Plan.objects.filter(term=term).values_list("hub_id", flat=True))
    new = [hub for hub in hubs if hub.pk not in known]
    CommissionContract.objects.bulk_create(
        CommissionContract(
            hub=hub,
            implementing_body=body,
            fiscal_year=year,
            amount_yen=60_000_000,
            starts_on=date(year, 4, 1),
            ends_on=date(year + 1, 3, 31),
        )
        for hub in new
    )
    _plans(term, new)
    _months(term, new)
    return term


def _plans(term: Term, hubs: Sequence[Hub]) -> None:
    plans = Plan.objects.bulk_create(
        Plan(hub=hub, term=term, regional_analysis="分析", business_plan="計画") for hub in hubs
    )
    Target.objects.bulk_create(
        Target(plan=plan, indicator=indicator, value=1200)
        for plan in plans
        for indicator in term.indicators.all()
    )
    Plan.objects.filter(pk__in=[plan.pk for plan in plans]).update(
        state=PlanState.SUBMITTED, submitted_at=clock.now()
    )


def _months(term: Term, hubs: Sequence[Hub]) -> None:
    today = clock.today()
    months = [month for month in months_of(term.fiscal_year) if month <= today]
    reports = MonthlyReport.objects.bulk_create(
        MonthlyReport(hub=hub, term=term, month=month) for hub in hubs for month in months
    )
    indicators = list(term.indicators.all())
    MonthlyResult.objects.bulk_create(
        MonthlyResult(
            report=report,
            indicator=indicator,
            value_state=ValueState.REPORTED,
            value=100 + number % 37,
        )
        for number, report in enumerate(reports)
        for indicator in indicators
    )
    states = [ReportState.ACCEPTED, ReportState.CONFIRMED, ReportState.SUBMITTED]
    for place, state in enumerate(states):
        chosen = [row.pk for number, row in enumerate(reports) if number % 4 == place]
        done = clock.now() if state == ReportState.ACCEPTED else None
        MonthlyReport.objects.filter(pk__in=chosen).update(state=state, accepted_at=done)
