"""The workbench: all hubs of a run on one page, and one hub with everything about it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from evaluation.budget.models import BudgetScenario, ScenarioState
from evaluation.desk.queries import Why, why
from evaluation.desk.rules import network
from evaluation.guidance.models import GuidanceCase
from evaluation.guidance.queries import CaseFilter, filtered
from evaluation.reports.queries import Compilation, compilation
from evaluation.scoring.analysis.queries import Analysis, HubOutlook, analysis_of
from evaluation.scoring.models import EvaluationRun, FactCheck, FactRemark, RunHubResult
from evaluation.scoring.queries import HubLine
from evaluation.scoring.queries.facts import checked_run, remarks_of, visible_parts
from evaluation.scoring.rules.correlation import correlations
from evaluation.scoring.rules.scheme import Scheme
from hubs.integrity.models import FlagState, IntegrityFlag
from hubs.integrity.queries import visible_flags
from hubs.plans.models import Plan
from yorozu.core.access import Scope, decide

NO_GRADE = "none"
NOTED, NEAR, ASKED, DEPENDS = "noted", "near", "asked", "depends"
MARKS = (
    (NOTED, "備考のある拠点"),
    (ASKED, "確認事項のある拠点"),
    (NEAR, "評語の境目に近い拠点"),
    (DEPENDS, "前提により評語が変わる拠点"),
)


@dataclass(frozen=True)
class Wanted:
    """What the list of hubs is narrowed to; empty means all. Unknown words count as empty."""

    bureau: str = ""
    grade: str = ""
    mark: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str], bureaus: Sequence[str], scheme: Scheme) -> "Wanted":
        """From the query of an address."""
        grades = {name for name, _ in scheme.grades} | {NO_GRADE}
        bureau, grade, mark = (given.get(name, "") for name in ("bureau", "grade", "mark"))
        return cls(
            bureau if bureau in bureaus else "",
            grade if grade in grades else "",
            mark if mark in dict(MARKS) else "",
        )

    @property
    def query(self) -> str:
        """The same as the query of an address, with its question mark; empty for all."""
        parts = {"bureau": self.bureau, "grade": self.grade, "mark": self.mark}
        said = urlencode({name: value for name, value in parts.items() if value})
        return f"?{said}" if said else ""


@dataclass(frozen=True)
class Row:
    """One hub of the workbench."""

    line: HubLine
    outlook: HubOutlook | None
    gap: Decimal | None
    target: str
    flags: int
    remarks: tuple[str, ...]

    @property
    def result(self) -> RunHubResult:
        """The stored result."""
        return self.line.result

    def meets(self, wanted: Wanted) -> bool:
        """Whether the hub is among those asked for."""
        result = self.result
        if wanted.bureau and result.bureau_name != wanted.bureau:
            return False
        if wanted.grade and (result.grade if result.is_graded else NO_GRADE) != wanted.grade:
            return False
        marks = {
            NOTED: bool(self.remarks),
            ASKED: bool(self.flags),
            NEAR: bool(self.outlook and self.outlook.near),
            DEPENDS: bool(self.outlook and self.outlook.depends_on),
        }
        return not wanted.mark or marks[wanted.mark]


@dataclass(frozen=True)
class Listing:
    """The hubs of a run: all rows, and those asked for."""

    found: Compilation
    analysis: Analysis | None
    rows: tuple[Row, ...]
    shown: tuple[Row, ...]
    wanted: Wanted
    bureaus: tuple[str, ...]
    national_flags: int

    @property
    def scheme(self) -> Scheme:
        """The scheme of the run."""
        return self.found.data.scheme


@dataclass(frozen=True)
class Bench:
    """The overview: the list of hubs, and what the whole network shows."""

    listing: Listing
    bins: tuple[network.Bin, ...]
    medians: Mapping[network.Key, Decimal]
    correlation: Mapping[str, Any]


def listing(run: EvaluationRun, scope: Scope, given: Mapping[str, str]) -> Listing:
    """The hubs of a run under the filters of an address; a fixed number of queries."""
    found = compilation(run, scope)
    analysis = analysis_of(run)
    flags = open_flags(run, scope)
    rows = tuple(_rows(found, analysis, flags))
    bureaus = tuple(dict.fromkeys(row.result.bureau_name for row in rows))
    wanted = Wanted.read(given, bureaus, found.data.scheme)
    shown = tuple(row for row in rows if row.meets(wanted))
    return Listing(found, analysis, rows, shown, wanted, bureaus, flags[None])


def bench(run: EvaluationRun, scope: Scope, given: Mapping[str, str]) -> Bench:
    """The overview of a run."""
    listed = listing(run, scope, given)
    results = list(listed.found.data.results.values())
    scores = [Decimal(one["final"]) for one in results if one["final"] is not None]
    return Bench(
        listing=listed,
        bins=tuple(network.spread(scores)),
        medians=network.medians(results),
        correlation=correlations({"hubs": results}),
    )


def open_flags(run: EvaluationRun, scope: Scope) -> Counter[int | None]:
    """Open flags of the run's year by hub id (None: of the network), as far as the scope sees."""
    if not decide(scope, "hubs.integrity.view").allowed:
        return Counter()
    rows = visible_flags(scope).filter(term=run.term).exclude(state=FlagState.CLOSED)
    return Counter(rows.order_by().values_list("hub_id", flat=True))


def _rows(
    found: Compilation, analysis: Analysis | None, flags: Counter[int | None]
) -> Sequence[Row]:
    remarks: dict[int, list[str]] = {}
    for flag in found.flags:
        remarks.setdefault(flag.result.pk, []).append(flag.text)
    rows = []
    for line in found.hubs:
        result = line.result
        target, gap = next_cut(result, found.data.scheme)
        rows.append(
            Row(
                line=line,
                outlook=analysis.hubs.get(result.hub.code) if analysis else None,
                gap=gap,
                target=target,
                flags=flags[result.hub_id],
                remarks=tuple(remarks.get(result.pk, ())),
            )
        )
    return rows


def next_cut(result: RunHubResult, scheme: Scheme) -> tuple[str, Decimal | None]:
    """The next grade of a hub and the points to its bound; nothing for the best or no grade.

    0 points where the score has long reached it and a gate holds the grade.
    """
    names = [name for name, _ in scheme.grades]
    if not result.is_graded or result.final is None or names.index(result.grade) == 0:
        return "", None
    target = names[names.index(result.grade) - 1]
    return target, max(Decimal(0), dict(scheme.grades)[target] - result.final)


@dataclass(frozen=True)
class Link:
    """One way to a source."""

    label: str
    url: str


@dataclass(frozen=True)
class Place:
    """Where a hub stands in the list that is gone through."""

    number: int
    total: int
    previous: tuple[str, str] | None
    following: tuple[str, str] | None
    query: str
    hubs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class HubBench:
    """One hub with everything about it."""

    why: Why
    place: Place
    links: tuple[Link, ...]
    flags: tuple[IntegrityFlag, ...]
    remarks: tuple[str, ...]
    # What the hub was asked about its facts, and what it said; None before the fact check.
    part: FactCheck | None
    said: tuple[FactRemark, ...]
    cases: tuple[GuidanceCase, ...]


def hub_bench(
    run: EvaluationRun, result: RunHubResult, scope: Scope, given: Mapping[str, str]
) -> HubBench:
    """Everything about one hub of a run, and its place in the list that is gone through."""
    found = listing(run, scope, given)
    own = next(row for row in found.rows if row.result.pk == result.pk)
    shown = visible_flags(scope).filter(term=run.term, hub=result.hub)
    may_see = decide(scope, "hubs.integrity.view").allowed
    part = visible_parts(scope).filter(run=checked_run(run), hub=result.hub).first()
    cases = tuple(filtered(scope, CaseFilter(hub=result.hub.code)))
    return HubBench(
        why=why(run, result.hub, scope, found.found.data),
        place=place_of(result.hub.code, found),
        links=(*links(run, result, scope), *_further(part, cases, scope)),
        flags=tuple(shown.order_by("-first_seen", "pk")) if may_see else (),
        remarks=own.remarks,
        part=part,
        said=tuple(remarks_of(part)) if part else (),
        cases=cases,
    )


def _further(part: FactCheck | None, cases: Sequence[GuidanceCase], scope: Scope) -> Iterator[Link]:
    """The hub's fact check and its guidance, where there are any."""
    if part is not None and decide(scope, "evaluation.scoring.facts").allowed:
        yield Link("事実確認", reverse("fact_check", args=[part.pk]))
    if decide(scope, "evaluation.guidance.view").allowed:
        for case in cases[:1]:
            yield Link("重点指導", reverse("guidance_detail", args=[case.pk]))


def place_of(code: str, found: Listing) -> Place:
    """Number, neighbours and query; a hub that the filter leaves out is shown among all."""
    among = [row.result for row in found.shown]
    query = found.wanted.query
    if code not in {result.hub.code for result in among}:
        among, query = [row.result for row in found.rows], ""
    hubs = [(result.hub.code, result.hub_name) for result in among]
    here = [known for known, _ in hubs].index(code)
    return Place(
        number=here + 1,
        total=len(hubs),
        previous=hubs[here - 1] if here else None,
        following=hubs[here + 1] if here + 1 < len(hubs) else None,
        query=query,
        hubs=tuple(hubs),
    )


def links(run: EvaluationRun, result: RunHubResult, scope: Scope) -> list[Link]:
    """All sources of a hub's judgement that the reader may open, each one click away."""
    code, year = result.hub.code, run.term.fiscal_year
    plan = Plan.objects.filter(hub=result.hub, term=run.term).values_list("pk", flat=True).first()
    adopted = _scenario(run, code)
    of_run, of_year = [run.pk, code], [year, code]
    book = result.evidence_book_id
    ways: list[tuple[str, str, str, list[Any]]] = [
        ("点数の計算", "evaluation.scoring.view", "run_hub", of_run),
        ("点数の理由と上げ方", "evaluation.desk.explain", "why_hub", of_run),
        ("評価票", "evaluation.reports.view", "report_hub_sheet", of_run),
        ("証拠台帳", "evaluation.evidence.view", "evidence_book", [book] if book else []),
        ("事業計画", "hubs.plans.view", "plan_detail", [plan] if plan else []),
        ("月次実績", "hubs.results.view", "results_grid", [run.term_id, result.hub_id]),
        ("満足度調査", "evaluation.surveys.view", "survey_hub", of_year),
        ("ヒアリング", "evaluation.hearings.view", "hearing_hub", of_year),
        (
            "配分案",
            "evaluation.budget.view",
            "scenario_hub",
            [adopted.pk, code] if adopted else [],
        ),
        ("拠点カルテ", "hubs.network.view", "hub_detail", [code]),
    ]
    found = [
        Link(label, reverse(name, args=args))
        for label, action, name, args in ways
        if args and decide(scope, action).allowed
    ]
    if decide(scope, "hubs.integrity.view").allowed:
        query = urlencode({"fiscal_year": year, "hub": code})
        found.append(Link("確認事項", f"{reverse('integrity_list')}?{query}"))
    return found


def _scenario(run: EvaluationRun, code: str) -> BudgetScenario | None:
    """The adopted scenario of the run, else its newest one, if it speaks of the hub."""
    rows = run.scenarios.filter(lines__hub__code=code)
    adopted = rows.filter(state=ScenarioState.ADOPTED).first()
    return adopted or rows.order_by("-number").first()
