"""Files of this slice: one row per hub with the whole plan of a term and its start interview."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from hubs.network.queries import figure_snapshots
from hubs.plans.flow import EDITABLE
from hubs.plans.models import Plan, StartInterview
from hubs.plans.operations import approve_challenges, write_interview, write_texts
from hubs.plans.queries import visible_plans_of
from hubs.plans.queries.seasons import Seasons
from hubs.plans.resources.columns import plan_columns
from hubs.plans.resources.rows import RowReader, stands, stretched
from hubs.plans.rules.talk import InterviewRecord, read_attendees
from hubs.terms.models import Term, TermState
from hubs.terms.queries import term_for
from yorozu.core import clock
from yorozu.core.access import Scope
from yorozu.core.errors import Conflict, Problem
from yorozu.core.fiscal import nendo
from yorozu.core.imports.kinds import Change, Comparison, ImportKind, register
from yorozu.core.sheets import Column, Table, read_table


class PlanParams(forms.Form):
    """The year the plans belong to."""

    fiscal_year = forms.IntegerField(label="年度（西暦）", min_value=2014, max_value=2100)


class PlanImport(ImportKind):
    """Plans of a term for offices that work in spreadsheets; writes drafts, never states."""

    code = "plans.plan"
    label = "事業計画"
    action = "hubs.plans.import"
    description = (
        "1行に1拠点の事業計画、数値目標、重点分野、期初面談を入力したファイルを取り込みます。"
        "月別目標は4月から3月までの12個の数を「/」で区切ります（空欄なら前年度の季節の動きで割り振ります）。"
        "出席者は1行に1人、「立場／所属／氏名」の形で入力します。"
        "提出と確定は、取込のあとに画面で行います。"
    )
    params_form = PlanParams

    def columns(self, params: dict[str, Any]) -> list[Column]:
        """Hub, texts, targets by indicator name, up to five focus areas, interview."""
        return plan_columns(params)

    def read(self, data: bytes, filename: str, params: dict[str, Any]) -> Table:
        """One row per hub: a second row of the same hub is a fault."""
        return read_table(data, filename, self.columns(params), unique=("hub_code",))

    def compare(self, table: Table, params: dict[str, Any], actor: Scope) -> Comparison:
        """Compare each row with the stored plan; three queries for the file, none per row."""
        term = term_for(int(params["fiscal_year"]))
        problems = list(table.problems)
        if term is None or term.state != TermState.OPEN:
            name = nendo(int(params["fiscal_year"]))
            problems.append(Problem(None, "", f"{name}の期が実施中ではありません。"))
            return Comparison([], problems)
        reader = RowReader(term, _plans(term), actor, table.columns)
        changes = [change for row in table.rows if (change := reader.change(row)) is not None]
        return Comparison(changes, problems + reader.problems)

    def write(
        self, changes: Sequence[Change], params: dict[str, Any], actor: Scope, batch_id: int
    ) -> list[dict[str, Any]]:
        """Write the plans as drafts; the undo keeps the texts that stood before."""
        term = _term(params)
        there = _plans(term)
        fresh = _begin(
            term, [row.data["hub_id"] for row in changes if row.data["hub_id"] not in there]
        )
        seasons = Seasons(term.fiscal_year)
        undo = []
        for change in changes:
            hub_id = change.data["hub_id"]
            before = stands(there[hub_id]) if hub_id in there else None
            plan = there.get(hub_id) or fresh[hub_id]
            write_texts(plan, change.data["texts"], actor, seasons)
            _write_interview(plan, change.data["interview"], actor)
            undo.append({"plan_id": plan.pk, "version": plan.version, "before": before})
        return undo

    def revert(
        self, undo: list[dict[str, Any]], params: dict[str, Any], actor: Scope, batch_id: int
    ) -> None:
        """Put the texts back; Conflict when a plan was edited, submitted or interviewed since."""
        plans = {plan.pk: plan for plan in visible_plans_of([record["plan_id"] for record in undo])}
        for entry in undo:
            plan = plans.get(entry["plan_id"])
            if plan is None or _has_moved(plan, entry["version"]):
                who = plan.hub.name if plan else "拠点"
                raise Conflict(f"{who}の事業計画は取込のあとに変わったため、取り消せません。")
            if entry["before"] is None:
                plan.delete()
            else:
                write_texts(plan, entry["before"]["texts"], actor)
                _write_interview(plan, entry["before"]["interview"], actor)

    def example_rows(self, params: dict[str, Any]) -> list[list[Any]]:
        """One row showing the shape."""
        example = {
            "hub_code": "13",
            "hub_name": "東京都よろず支援拠点",
            "regional_analysis": "地域の状況",
            "business_plan": "この期に行うこと",
            "f1_name": "事業承継",
            "f1_unit": "件",
            "f1_target": 60,
            "f1_evidence": "引継ぎ支援センターへの紹介状の写し",
            "phasing_CONS": "8/8/9/9/8/8/9/9/8/8/8/8",
            "held_on": "2026-06-15",
            "attendees": "拠点／東京都よろず支援拠点／氏名\n経済産業局／関東経済産業局／氏名",
            "minutes": "目標に合意した。",
        }
        return [
            [
                example.get(column.name, 100 if column.name.startswith("target_") else "")
                for column in self.columns(params)
            ]
        ]


def _term(params: Mapping[str, Any]) -> Term:
    return Term.objects.get(fiscal_year=params["fiscal_year"])


def _plans(term: Term) -> dict[int, Plan]:
    keys = list(Plan.objects.filter(term=term).values_list("pk", flat=True))
    return {plan.hub_id: plan for plan in visible_plans_of(keys)}


def _begin(term: Term, hub_ids: Sequence[int]) -> dict[int, Plan]:
    """Begin plans with the public figures of their regions, a few queries for all."""
    figures = figure_snapshots(hub_ids)
    made = [
        Plan(
            hub_id=hub_id,
            term=term,
            regional_figures=figures[hub_id],
            figures_taken_on=clock.today(),
        )
        for hub_id in hub_ids
    ]
    keys = [plan.pk for plan in Plan.objects.bulk_create(made)]
    return {plan.hub_id: plan for plan in visible_plans_of(keys)}


def _has_moved(plan: Plan, version: int) -> bool:
    """Edited, submitted or talked about since the file was taken in."""
    is_talked_about = bool(plan.comments.all() or plan.proposals.all())
    was_sent = plan.submissions.exists()
    return plan.version != version or plan.state not in EDITABLE or is_talked_about or was_sent


def _write_interview(plan: Plan, texts: Mapping[str, str], actor: Scope) -> None:
    if not texts["held_on"]:
        StartInterview.objects.filter(plan=plan).delete()
        return
    attendees, _ = read_attendees(texts["attendees"])
    said = InterviewRecord(
        held_on=datetime.date.fromisoformat(texts["held_on"]),
        attendees=attendees,
        minutes=texts["minutes"],
        agreed_points=texts.get("agreed_points", ""),
    )
    write_interview(plan, said, actor)
    if texts.get("approved"):
        written = visible_plans_of([plan.pk])[0]
        approve_challenges(written, [code for code, _ in stretched(written)])


register(PlanImport())
