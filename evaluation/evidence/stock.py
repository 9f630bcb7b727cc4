"""All rows a book may speak of, read once for all the asked hubs and sorted by hub."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from evaluation.hearings.flow.scores import ScoreBoard, boards_of
from evaluation.hearings.flow.ties import stored
from evaluation.hearings.models import (
    ChecklistItem,
    ChecklistResponse,
    ConflictBlock,
    Hearing,
    HearingState,
    OwnInitiative,
)
from evaluation.hearings.queries import items_of
from evaluation.surveys.models import PartnerAssessment, SatisfactionSurvey, SurveyWave
from evaluation.surveys.queries import key_of_organization
from hubs.network.models import CommissionContract, Hub, RegionalFigure
from hubs.people.queries import contracts_within
from hubs.plans.models import FocusArea, Plan, Target
from hubs.plans.queries import amended_in_force
from hubs.results.models import (
    CorrectionState,
    MonthlyReport,
    MonthlyResult,
    ResultCorrection,
)
from hubs.terms.models import Term
from yorozu.core.fiscal import first_day, last_day
from yorozu.core.imports.models import ImportBatch


class Facts:
    """One query per table, however many hubs; a relation is joined in memory, not asked again."""

    def __init__(self, term: Term, hubs: Sequence[Hub], as_of: date) -> None:
        ids = [hub.pk for hub in hubs]
        self.term = term
        of = {"hub_id__in": ids, "term": term}
        self.indicators = list(term.indicators.all())
        self.plans = _one(Plan.objects.filter(**of).select_related("finalized_by"))
        self.targets, self.areas = _goals(self.plans)
        self.amended = amended_in_force(self.plans.values(), as_of)
        self.reports = _many(
            MonthlyReport.objects.filter(**of).select_related("accepted_by").order_by("month")
        )
        self.results = _grouped(
            MonthlyResult.objects.filter(report__term=term, report__hub__in=ids).order_by(
                "report_id", "pk"
            ),
            "report_id",
        )
        self.corrections = _grouped(
            ResultCorrection.objects.filter(
                report__term=term, report__hub__in=ids, state=CorrectionState.ACCEPTED
            )
            .select_related("indicator", "focus_area")
            .order_by("decided_at", "pk"),
            "report_id",
        )
        self.surveys = _one(SatisfactionSurvey.objects.filter(**of))
        self.partners = _many(PartnerAssessment.objects.filter(**of).order_by("organization_key"))
        self.has_partners = (
            bool(self.partners) or PartnerAssessment.objects.filter(term=term).exists()
        )
        self.hearings, self.items, self.responses = _hearings(term, ids)
        self.boards, self.blocks, self.initiatives = _panels(self.hearings.values(), term)
        contracts = CommissionContract.objects.filter(
            hub_id__in=ids, fiscal_year=term.fiscal_year
        ).select_related("implementing_body")
        self.contracts = _many(contracts.order_by("funding_line"))
        self.bodies = {
            hub_id: {key_of_organization(row.implementing_body.name) for row in rows}
            for hub_id, rows in self.contracts.items()
        }
        self.figures = _many(
            RegionalFigure.objects.filter(
                hub_id__in=ids, year__lte=term.fiscal_year + 1, industry=""
            ).order_by("code", "-year")
        )
        self.worked = first_day(term.fiscal_year), min(as_of, last_day(term.fiscal_year))
        self.coordinators = _many(
            contracts_within(*self.worked)
            .filter(hub_id__in=ids)
            .order_by("role", "starts_on", "pk")
        )
        used = {row.wave_id for row in self.surveys.values()} | {
            row.wave_id for rows in self.partners.values() for row in rows
        }
        self.waves = SurveyWave.objects.select_related("term", "questionnaire").in_bulk(
            [pk for pk in used if pk is not None]
        )
        self.imports: dict[int, Any] = {
            row["id"]: row
            for row in ImportBatch.objects.filter(applied_at__isnull=False).values(
                "id", "kind", "filename", "sha256", "applied_at", "created_by_name"
            )
        }


def _one(rows: Iterable[Any]) -> dict[int, Any]:
    return {row.hub_id: row for row in rows}


def _many(rows: Iterable[Any]) -> dict[int, list[Any]]:
    return _grouped(rows, "hub_id")


def _grouped(rows: Iterable[Any], key: str) -> dict[int, list[Any]]:
    held: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        held[getattr(row, key)].append(row)
    return held


def _goals(
    plans: Mapping[int, Plan],
) -> tuple[dict[int, list[Target]], dict[int, list[FocusArea]]]:
    """Targets and focus areas by plan id, in their order."""
    ids = [plan.pk for plan in plans.values()]
    targets = Target.objects.filter(plan_id__in=ids).select_related("indicator")
    areas = FocusArea.objects.filter(plan_id__in=ids)
    return (
        _grouped(targets.order_by("indicator__order"), "plan_id"),
        _grouped(areas.order_by("order"), "plan_id"),
    )


def _hearings(
    term: Term, ids: Sequence[int]
) -> tuple[dict[int, Hearing], list[ChecklistItem], dict[tuple[int, int], ChecklistResponse]]:
    """Hearings by hub, the items of the checklist, answers by hearing and item with ratings."""
    held = Hearing.objects.filter(hub_id__in=ids, term=term).select_related(
        "checklist", "hub", "term"
    )
    items = list(items_of(term))
    responses = ChecklistResponse.objects.filter(hearing__term=term, hearing__hub__in=ids)
    found = {(row.hearing_id, row.item_id): row for row in responses.prefetch_related("ratings")}
    return _one(held), items, found


def _panels(
    hearings: Iterable[Hearing], term: Term
) -> tuple[
    dict[int, ScoreBoard],
    dict[tuple[int, int], list[ConflictBlock]],
    dict[int, list[OwnInitiative]],
]:
    """Scores of settled panels by hearing id, blocks of the term, portfolios by hub id.

    Nothing is asked while no panel has settled: scores from files have none of these.
    """
    settled = [row for row in hearings if row.state == HearingState.SETTLED]
    if not settled:
        return {}, {}, defaultdict(list)
    portfolio = OwnInitiative.objects.filter(term=term, hub__in=[row.hub_id for row in settled])
    rows = portfolio.exclude(title="", what="").prefetch_related("files").order_by("order")
    return boards_of(settled), stored(term), _many(rows)
