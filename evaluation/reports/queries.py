"""The one query layer of all reports, whatever they are written on (evaluation.md 2.13)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from evaluation.budget.models import BudgetLine, BudgetScenario, ScenarioState
from evaluation.budget.queries import Totals, flags, totals, visible_lines
from evaluation.budget.rules.explain import performance_parts, sentence
from evaluation.hearings.models import ChecklistItem
from evaluation.reports import rules
from evaluation.reports.models import HubRemarks
from evaluation.reports.rules import (
    Check,
    Evaluator,
    IndicatorTotal,
    Measure,
    MonthSeries,
    Partners,
    Source,
    Survey,
)
from evaluation.scoring.comparing import UnderScheme, under_other_schemes
from evaluation.scoring.models import EvaluationRun, RunHubResult, RunItemResult
from evaluation.scoring.peers import EarlierTerm, Peer, earlier_terms, peers
from evaluation.scoring.queries import (
    COMPONENTS,
    HubLine,
    RunSummary,
    component_means,
    hub_lines,
    summary,
    visible_results,
)
from evaluation.scoring.rules.scheme import Scheme, read_scheme
from hubs.network.models import Hub
from hubs.partners.models import OrganizationType
from hubs.terms.models import ActivityIndicator
from hubs.terms.queries import RulesStamp, rules_stamp
from yorozu.core.access import Scope, decide
from yorozu.core.imports import kinds

BUDGET_VIEW = "evaluation.budget.view"


@dataclass(frozen=True)
class Indicator:
    """Name and unit of an activity indicator in the run's term."""

    code: str
    name: str
    unit: str


@dataclass(frozen=True)
class RunData:
    """The texts of a run, parsed once for any number of sheets, and the national figures."""

    run: EvaluationRun
    scheme: Scheme
    given: Mapping[str, Mapping[str, Any]]
    results: Mapping[str, Mapping[str, Any]]
    priors: Mapping[str, Sequence[str | None]]
    indicators: tuple[Indicator, ...]
    component_means: Mapping[str, Decimal]
    item_means: Mapping[rules.Key, Decimal]
    summary: RunSummary
    anchors: Mapping[int, Mapping[str, Sequence[str]]]
    adopted: BudgetScenario | None
    parts: Mapping[str, Mapping[str, Any]]
    rules: RulesStamp
    others: Sequence[UnderScheme]
    peers: Mapping[str, Peer]
    remarks: Mapping[int, HubRemarks]

    @property
    def names(self) -> dict[str, str]:
        """Names of the components as the scheme has them."""
        return {part.code: part.name for part in self.scheme.components}

    @property
    def graded(self) -> int:
        """How many hubs hold a rank."""
        return self.summary.hubs - self.summary.ungraded

    @property
    def is_sample(self) -> bool:
        """True when the figures are made up for trying the portal out."""
        return settings.IS_SAMPLE_DATA or self.run.term.is_sample


@dataclass(frozen=True)
class Line:
    """One line of the arithmetic with what was measured and the national mean."""

    level: str
    component: str
    item: str
    label: str
    measure: Measure
    points: Decimal | None
    weight: Decimal | None
    contribution: Decimal | None
    status: str
    national: Decimal | None
    formula: str


@dataclass(frozen=True)
class BudgetShare:
    """The adopted amount of one hub with the yen each component moved (evaluation.md 3.6)."""

    scenario: BudgetScenario
    line: BudgetLine
    parts: tuple[tuple[str, int, str], ...]
    per_point: int

    @property
    def change(self) -> int | None:
        """Difference to last year's contract."""
        return self.line.change


@dataclass(frozen=True)
class HubSheet:
    """The evaluation sheet of one hub."""

    data: RunData
    result: RunHubResult
    lines: tuple[Line, ...]
    limits: tuple[str, ...]
    survey: Survey
    partners: Partners
    checks: tuple[Check, ...]
    months: tuple[MonthSeries, ...]
    month_days: tuple[str, ...]
    sources: tuple[Source, ...]
    budget: BudgetShare | None
    earlier: tuple[EarlierTerm, ...]
    remarks: HubRemarks | None
    evaluators: tuple[Evaluator, ...]

    @property
    def peer(self) -> Peer | None:
        """Where the hub stands among those of its size."""
        return self.data.peers.get(self.result.hub.code)

    @property
    def run(self) -> EvaluationRun:
        """The run the sheet belongs to."""
        return self.data.run

    def of_level(self, *levels: str) -> list[Line]:
        """Lines of these levels in the order of the arithmetic."""
        return [line for line in self.lines if line.level in levels]


@dataclass(frozen=True)
class Area:
    """A bureau's area or the nation: hubs and totals of the indicators."""

    name: str
    hubs: int
    totals: tuple[IndicatorTotal, ...]


@dataclass(frozen=True)
class ComponentFigure:
    """A component over all hubs: mean, lowest and highest points."""

    code: str
    name: str
    weight: Decimal
    hubs: int
    mean: Decimal | None
    low: Decimal | None
    high: Decimal | None


@dataclass(frozen=True)
class HubTotals:
    """The indicators of one hub, for the list of hubs."""

    result: RunHubResult
    totals: tuple[IndicatorTotal, ...]


@dataclass(frozen=True)
class Flag:
    """Something about a hub that a reader of the table must know."""

    result: RunHubResult
    text: str


@dataclass(frozen=True)
class Compilation:
    """The national compilation (S85): sums over all hubs, rows of the scope only."""

    data: RunData
    areas: tuple[Area, ...]
    nation: Area
    components: tuple[ComponentFigure, ...]
    hubs: tuple[HubLine, ...]
    hub_totals: tuple[HubTotals, ...]
    flags: tuple[Flag, ...]

    @property
    def run(self) -> EvaluationRun:
        """The run the compilation belongs to."""
        return self.data.run

    @property
    def is_whole(self) -> bool:
        """True when the reader sees the rows of every hub."""
        return len(self.hubs) == self.data.summary.hubs


@dataclass(frozen=True)
class BudgetTable:
    """A budget proposal: lines of the scope, sums over all hubs, and what was not feasible."""

    scenario: BudgetScenario
    lines: tuple[BudgetLine, ...]
    totals: Totals
    flags: tuple[str, ...]
    hubs: int
    rules: RulesStamp

    @property
    def is_whole(self) -> bool:
        """True when the reader sees the line of every hub."""
        return len(self.lines) == self.hubs

    @property
    def is_sample(self) -> bool:
        """True when the figures are made up for trying the portal out."""
        return settings.IS_SAMPLE_DATA or self.scenario.run.term.is_sample

    def total(self, name: str) -> int:
        """Sum of one column over the lines shown."""
        return sum(getattr(line, name) or 0 for line in self.lines)


def read_run(run: EvaluationRun) -> RunData:
    """Parse a run once and work out what all its sheets share."""
    snapshot, result = json.loads(run.snapshot), json.loads(run.result)
    given = snapshot.get("input", snapshot)
    adopted = run.scenarios.filter(state=ScenarioState.ADOPTED).first()
    return RunData(
        run=run,
        scheme=read_scheme(given.get("scheme")),
        given={hub["code"]: hub for hub in given["hubs"]},
        results={hub["code"]: hub for hub in result["hubs"]},
        priors=result["priors"],
        indicators=_indicators(run),
        component_means=component_means(run),
        item_means=rules.item_means(result["hubs"]),
        summary=summary(run),
        anchors=_anchors(run),
        adopted=adopted,
        parts=_performance(adopted, result["hubs"]),
        rules=rules_stamp(run.term),
        others=under_other_schemes(run),
        peers=peers(run),
        remarks=standing_remarks(run),
    )


def _indicators(run: EvaluationRun) -> tuple[Indicator, ...]:
    rows = ActivityIndicator.objects.filter(term=run.term)
    return tuple(Indicator(row.code, row.name, row.unit) for row in rows)


def _anchors(run: EvaluationRun) -> dict[int, dict[str, Sequence[str]]]:
    held: dict[int, dict[str, Sequence[str]]] = {}
    items = ChecklistItem.objects.filter(checklist__term=run.term).select_related("checklist")
    for item in items:
        texts = tuple(getattr(item, f"anchor_{level}") for level in range(5))
        held.setdefault(item.checklist.version, {})[item.code] = texts
    return held


def _performance(
    scenario: BudgetScenario | None, scored: Sequence[dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    if scenario is None:
        return {}
    snapshot = json.loads(scenario.snapshot)
    return performance_parts(snapshot.get("input", snapshot), scored)


def standing_remarks(run: EvaluationRun) -> dict[int, HubRemarks]:
    """The remarks by hub: of this run, else of the nearest run whose place it took.

    A run with the panel's adjustments, or a correction, keeps what was said before.
    """
    found: dict[int, HubRemarks] = {}
    held: EvaluationRun | None = run
    while held is not None:
        for row in HubRemarks.objects.filter(run=held):
            found.setdefault(row.hub_id, row)
        held = held.supersedes
    return found


def remarks_to_edit(run: EvaluationRun, hub: Hub) -> HubRemarks:
    """The remarks of this run, else a new row that begins with those that stand for it."""
    held = standing_remarks(run).get(hub.pk)
    if held is not None and held.run_id == run.pk:
        return held
    row = HubRemarks(run=run, hub=hub, version=0)
    if held is not None:
        row.strengths, row.issues, row.next_steps = held.strengths, held.issues, held.next_steps
    return row


def visible_scenarios(scope: Scope) -> QuerySet[BudgetScenario]:
    """Scenarios for those who may see proposals; nobody else knows of them."""
    if not decide(scope, BUDGET_VIEW).allowed:
        return BudgetScenario.objects.none()
    return BudgetScenario.objects.select_related(
        "run__term", "run__scheme", "rule", "adopted_by", "based_on"
    )


def hub_sheet(run: EvaluationRun, hub: Hub, scope: Scope, data: RunData | None = None) -> HubSheet:
    """The sheet of one hub; RunHubResult.DoesNotExist for a hub outside the scope."""
    results = visible_results(run, scope).select_related("evidence_book").prefetch_related("items")
    return sheet_of(results.get(hub=hub), scope, data or read_run(run))


def hub_sheets(run: EvaluationRun, scope: Scope) -> Iterable[HubSheet]:
    """The sheets of all hubs in the scope, in code order; the run is parsed once."""
    data = read_run(run)
    results = visible_results(run, scope).select_related("evidence_book").prefetch_related("items")
    for result in results:
        yield sheet_of(result, scope, data)


def sheet_of(result: RunHubResult, scope: Scope, data: RunData) -> HubSheet:
    """Put the sheet of a result together."""
    # The run with its long texts is at hand: no sheet of a batch fetches it once more.
    result.run = data.run
    code = result.hub.code
    given, scored = data.given[code], data.results[code]
    content = json.loads(result.evidence_book.content) if result.evidence_book else None
    texts = _texts(data, content)
    return HubSheet(
        data=data,
        result=result,
        lines=_lines(result, rules.measures(given, scored), data),
        limits=tuple(_limits(result, given, data)),
        survey=rules.survey(given, scored, data.priors.get("SAT", (None, None)), content),
        partners=rules.partners(
            given,
            scored,
            data.priors.get("PAR", (None, None)),
            content["partners"] if content else [],
            texts,
        ),
        checks=rules.checks(given, scored, content, texts),
        months=rules.months(content) if content else (),
        month_days=rules.month_days(content) if content else (),
        sources=rules.sources(content, texts) if content else (),
        budget=_budget(result, scope, data),
        earlier=tuple(earlier_terms(result, scope)),
        remarks=data.remarks.get(result.hub_id),
        evaluators=rules.evaluators(content),
    )


def _texts(data: RunData, content: Mapping[str, Any] | None) -> rules.Texts:
    checklist = ((content or {}).get("hearing") or {}).get("checklist") or {}
    return rules.Texts(
        organization_types=dict(OrganizationType.choices),
        import_kinds={kind.code: kind.label for kind in kinds.all_kinds()},
        anchors=data.anchors.get(checklist.get("version", 0), {}),
    )


def _lines(
    result: RunHubResult, measures: Mapping[rules.Key, Measure], data: RunData
) -> tuple[Line, ...]:
    """The arithmetic in its own order, the indicators in the order of the paper (S72)."""
    order = {one.code: place for place, one in enumerate(data.indicators)}
    rows = list(result.items.all())
    places = sorted(row.order for row in rows if (row.component, row.level) == ("IND", "item"))
    shared = sorted(
        (row for row in rows if (row.component, row.level) == ("IND", "item")),
        key=lambda row: order.get(row.item, len(order)),
    )
    moved = {row.pk: place for row, place in zip(shared, places, strict=True)}
    rows.sort(key=lambda row: moved.get(row.pk, row.order))
    return tuple(_line(row, measures, data) for row in rows)


def _line(row: RunItemResult, measures: Mapping[rules.Key, Measure], data: RunData) -> Line:
    key = (row.component, row.item)
    national = data.item_means.get(key)
    if row.level == "component":
        national = data.component_means.get(row.component)
    elif row.level == "total":
        national = data.summary.mean
    return Line(
        level=row.level,
        component=row.component,
        item=row.item,
        label=row.label,
        measure=measures.get(key, Measure()),
        points=row.points,
        weight=row.weight,
        contribution=row.contribution,
        status=rules.STATUS_WORDS.get(row.status, row.status),
        national=national,
        formula=row.formula,
    )


def _limits(result: RunHubResult, given: Mapping[str, Any], data: RunData) -> list[str]:
    """Sentences about what holds the grade down or away."""
    scheme = data.scheme
    limit = next((str(gate.limit) for gate in scheme.gates if gate.limit is not None), "")
    gates = json.loads(result.gates) if result.gates else []
    found = rules.gate_sentences(gates, data.names, limit)
    if result.is_graded:
        return found
    months = given.get("months", scheme.term_months)
    least = (scheme.min_coverage, scheme.min_months)
    return [rules.ungraded_sentence(result.coverage, months, least), *found]


def _budget(result: RunHubResult, scope: Scope, data: RunData) -> BudgetShare | None:
    if data.adopted is None or not decide(scope, BUDGET_VIEW, hub_id=result.hub_id).allowed:
        return None
    line = visible_lines(data.adopted, scope).filter(hub=result.hub).first()
    if line is None:
        return None
    parts = data.parts[result.hub.code]
    names = [*data.names.items(), (None, "調整・上下限・対象外")]
    return BudgetShare(
        scenario=data.adopted,
        line=line,
        parts=tuple(
            (name, parts["parts"][code], sentence(name, parts["parts"][code]) if code else "")
            for code, name in names
            if code in parts["parts"]
        ),
        per_point=parts["per_point"],
    )


def compilation(run: EvaluationRun, scope: Scope) -> Compilation:
    """National totals, and the rows of the hubs in the scope."""
    data = read_run(run)
    rows = list(run.hub_results.select_related("hub__bureau").order_by("hub__code"))
    lines = tuple(hub_lines(run, scope))
    seen = [line.result for line in lines]
    return Compilation(
        data=data,
        areas=tuple(_areas(rows, data)),
        nation=_area("全国", rows, data),
        components=tuple(_components(data)),
        hubs=lines,
        hub_totals=tuple(HubTotals(row, _area("", [row], data).totals) for row in seen),
        flags=tuple(_flags(seen, data)),
    )


def _areas(rows: Sequence[RunHubResult], data: RunData) -> Iterable[Area]:
    held: dict[str, list[RunHubResult]] = {}
    for row in sorted(rows, key=lambda row: row.hub.bureau.order):
        held.setdefault(row.bureau_name, []).append(row)
    return (_area(name, members, data) for name, members in held.items())


def _area(name: str, rows: Sequence[RunHubResult], data: RunData) -> Area:
    given = [data.given[row.hub.code] for row in rows]
    codes = [indicator.code for indicator in data.indicators]
    return Area(name, len(rows), rules.indicator_totals(given, codes))


def _components(data: RunData) -> Iterable[ComponentFigure]:
    for part in data.scheme.components:
        points = [
            Decimal(entry["points"])
            for hub in data.results.values()
            for entry in hub["components"]
            if entry["code"] == part.code and entry["points"] is not None
        ]
        yield ComponentFigure(
            code=part.code,
            name=part.name,
            weight=part.weight,
            hubs=len(points),
            mean=data.component_means.get(part.code),
            low=min(points, default=None),
            high=max(points, default=None),
        )


def _flags(rows: Sequence[RunHubResult], data: RunData) -> Iterable[Flag]:
    for row in rows:
        scored = data.results[row.hub.code]
        for text in _limits(row, data.given[row.hub.code], data):
            yield Flag(row, text)
        for text in rules.remarks(scored, data.names):
            yield Flag(row, text)
        if row.final != row.mechanical:
            yield Flag(
                row, f"審査会による調整があります（算定点{row.mechanical}、総合点{row.final}）。"
            )


def budget_table(scenario: BudgetScenario, scope: Scope) -> BudgetTable:
    """The lines of the scope with the sum check over all hubs."""
    return BudgetTable(
        scenario=scenario,
        lines=tuple(visible_lines(scenario, scope).prefetch_related("shares__funding_line")),
        totals=totals(scenario),
        flags=tuple(flags(json.loads(scenario.result))),
        hubs=scenario.lines.count(),
        rules=rules_stamp(scenario.run.term),
    )


def result_rows(run: EvaluationRun, scope: Scope) -> list[HubLine]:
    """The evaluation result table of the hubs in the scope."""
    return hub_lines(run, scope)


def result_status(result: RunHubResult) -> str:
    """The status column of the result table in a word."""
    if not result.is_graded:
        return "参考（評語なし）"
    return "評語の上限あり" if result.gates else "算定"


__all__ = ["COMPONENTS"]
