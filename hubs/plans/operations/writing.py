"""Texts of a plan into its rows; used by the form, the file and the acceptance of a value."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import models

from hubs.plans.models import FocusArea, PhasingMethod, Plan, Target
from hubs.plans.queries import draft_differences, plan_texts
from hubs.plans.queries.seasons import Seasons, Source, open_months
from hubs.plans.rules import SECTIONS, AreaDraft, PlanDraft, TargetDraft, read_plan
from hubs.plans.rules.phasing import spread
from yorozu.core.access import Scope


def units_of(plan: Plan) -> dict[str, str]:
    """Units of the term's indicators by code, in their order."""
    return {indicator.code: indicator.unit for indicator in plan.term.indicators.all()}


def read_texts(plan: Plan, texts: Mapping[str, str]) -> PlanDraft:
    """The texts as the rules read them for this hub and term."""
    is_open = open_months(plan.hub, plan.term.fiscal_year)
    return read_plan(texts, units_of(plan), is_open)


def problems_of(plan: Plan, texts: Mapping[str, str]) -> Mapping[str, str]:
    """What cannot be taken of these texts, by field name."""
    return read_texts(plan, texts).problems


def write_texts(
    plan: Plan, texts: Mapping[str, str], actor: Scope, seasons: Seasons | None = None
) -> Mapping[str, str]:
    """Store a whole plan from its texts in the caller's transaction; returns problems.

    ``plan`` comes with its content (``with_content``); ``seasons`` is shared by the plans of a
    file. Only rows that differ are written.
    """
    draft = read_texts(plan, texts)
    moved = [name for name, _, _ in draft_differences(plan_texts(plan), texts)]
    for name, text in draft.sections.items():
        setattr(plan, name, text)
    plan.draft_texts = {name: texts.get(name, "")[:40_000] for name in draft.problems}
    touch(plan, moved, actor)
    plan.save(update_fields=[*SECTIONS, "draft_texts", *TOUCHED])
    seasons = seasons or Seasons(plan.term.fiscal_year, for_hub=plan.hub)
    writer = _Writer(plan, seasons)
    writer.targets(draft.targets)
    writer.areas(draft.areas)
    return draft.problems


TOUCHED = ("version", "field_versions", "updated_at", "updated_by_name")


def touch(plan: Plan, fields: Sequence[str], actor: Scope) -> None:
    """A new version of the plan, remembered at the fields that changed (not saved here)."""
    plan.version += 1
    plan.updated_by_name = actor.name[:80]
    plan.field_versions = {**plan.field_versions, **dict.fromkeys(fields, plan.version)}


class _Writer:
    """Writes targets and areas of one plan, with the months of each."""

    def __init__(self, plan: Plan, seasons: Seasons) -> None:
        self._plan, self._seasons = plan, seasons
        self._is_open = open_months(plan.hub, plan.term.fiscal_year)
        self._indicators = {row.code: row for row in plan.term.indicators.all()}

    def targets(self, drafts: Sequence[TargetDraft]) -> None:
        """One row per indicator with a number; the others go."""
        there = {row.indicator.code: row for row in self._plan.targets.all()}
        for draft in drafts:
            indicator = self._indicators[draft.code]
            row = there.pop(draft.code, None) or Target(plan=self._plan, indicator=indicator)
            months: dict[str, Any] = {}
            if row.value != draft.value or _needs_months(row, draft.phasing):
                sources = self._seasons.of_target(self._plan.hub, draft.code)
                months = self._months(draft.value, draft.phasing, sources)
            _put(
                row,
                value=draft.value,
                challenge=draft.challenge,
                challenge_reason=draft.reason,
                # An approval belongs to the zero and the factor that were approved.
                is_zero_approved=row.is_zero_approved and draft.value == 0,
                is_challenge_approved=_still_approved(row, draft.challenge),
                **months,
            )
        Target.objects.filter(pk__in=[row.pk for row in there.values()]).delete()

    def areas(self, drafts: Sequence[AreaDraft]) -> None:
        """One row per area that says something; the others go."""
        there = {row.code: row for row in self._plan.focus_areas.all()}
        for draft in drafts:
            row = there.pop(draft.code, None) or FocusArea(plan=self._plan, code=draft.code)
            _put(
                row,
                order=draft.slot,
                name=draft.name,
                description=draft.description,
                indicator=self._indicators.get(draft.indicator),
                measure=draft.measure,
                evidence_rule=draft.evidence,
                unit=draft.unit,
                weight=draft.weight,
                challenge_reason=draft.reason,
                is_challenge_approved=_still_approved(row, draft.challenge),
                **self._area_months(row, draft),
                target=draft.target,
                challenge=draft.challenge,
            )
        FocusArea.objects.filter(pk__in=[row.pk for row in there.values()]).delete()

    def _area_months(self, row: FocusArea, draft: AreaDraft) -> dict[str, Any]:
        if draft.target is None:
            return {"phasing": [], "phasing_method": ""}
        if row.target == draft.target and not _needs_months(row, draft.phasing):
            return {}
        sources = self._seasons.of_area(self._plan.hub, draft.name, draft.indicator)
        return self._months(draft.target, draft.phasing, sources)

    def _months(
        self, total: int, typed: Sequence[int] | None, sources: Iterable[Source]
    ) -> dict[str, Any]:
        if typed is not None:
            return {"phasing": list(typed), "phasing_method": PhasingMethod.ENTERED}
        found = spread(total, sources, self._is_open)
        return {"phasing": list(found.values), "phasing_method": found.method}

    def complete(self) -> None:
        """Spread the targets that have no months yet."""
        hub = self._plan.hub
        for target in self._plan.targets.all():
            if not target.phasing:
                sources = self._seasons.of_target(hub, target.indicator.code)
                _put(target, **self._months(target.value, None, sources))
        for area in self._plan.focus_areas.all():
            if area.target is not None and not area.phasing:
                code = area.indicator.code if area.indicator else ""
                sources = self._seasons.of_area(hub, area.name, code)
                _put(area, **self._months(area.target, None, sources))


def _needs_months(row: Any, typed: Sequence[int] | None) -> bool:
    """Typed months, none yet, or typed ones that were cleared; spread ones stay otherwise."""
    return typed is not None or not row.phasing or row.phasing_method == PhasingMethod.ENTERED


def _still_approved(row: Any, challenge: Any) -> bool:
    return bool(row.is_challenge_approved and row.challenge == challenge)


def _put(row: models.Model, **values: Any) -> None:
    """Create the row, or save the columns that differ."""
    moved = [name for name, value in values.items() if getattr(row, name) != value]
    for name in moved:
        setattr(row, name, values[name])
    if row.pk is None:
        row.save()
    elif moved:
        row.save(update_fields=moved)


def complete_months(plan: Plan) -> None:
    """Spread the targets that have no months yet (plans from before, or from elsewhere)."""
    _Writer(plan, Seasons(plan.term.fiscal_year, for_hub=plan.hub)).complete()
