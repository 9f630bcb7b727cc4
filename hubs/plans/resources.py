"""Files of this slice: one row per hub with the whole plan of a term and its start interview."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from hubs.network.facts import fact_rows
from hubs.network.models import Hub
from hubs.plans.flow import EDITABLE
from hubs.plans.models import Plan, StartInterview
from hubs.plans.operations import write_texts
from hubs.plans.queries import draft_differences, interview_texts, plan_texts, visible_plans_of
from hubs.plans.rules import AREA_PARTS, MAX_AREAS, field_label, read_plan
from hubs.terms.models import Term, TermState
from hubs.terms.queries import term_for
from yorozu.core import clock
from yorozu.core.access import Scope
from yorozu.core.errors import Conflict, Problem
from yorozu.core.figures import Blank
from yorozu.core.fiscal import nendo
from yorozu.core.imports.kinds import (
    ADDED,
    CHANGED,
    UNCHANGED,
    Change,
    Comparison,
    ImportKind,
    register,
)
from yorozu.core.sheets import Column, Row, Table, cells, read_table

INTERVIEW = {"held_on": "面談日", "attendees": "出席者", "minutes": "面談記録"}
ALL_CHALLENGE, ALL_REASON = "挑戦係数", "挑戦係数の理由"
_AREA_HEADINGS = {
    "name": "名称",
    "description": "内容",
    "unit": "単位",
    "target": "目標",
    "weight": "重み",
    "challenge": "挑戦係数",
    "reason": "挑戦係数の理由",
}


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
        "提出と確定は、取込のあとに画面で行います。"
    )
    params_form = PlanParams

    def columns(self, params: dict[str, Any]) -> list[Column]:
        """Hub, texts, targets by indicator name, up to five focus areas, interview."""
        names = _indicator_names(params)
        columns = [
            Column("hub_code", "拠点コード", cells.code(2), key=True),
            Column("hub_name", "拠点名", cells.text(40), blank=True, optional=True),
            Column("regional_analysis", "地域分析", _long(), blank=True),
            Column("business_plan", "事業計画", _long(), blank=True),
        ]
        columns += [
            Column(f"target_{code}", f"{name}の目標", cells.count(), (name, f"{name}目標"))
            for code, name in names.items()
        ]
        for slot in range(1, MAX_AREAS + 1):
            columns += [_area_column(slot, part) for part in AREA_PARTS]
        columns += [_challenge("challenge", ALL_CHALLENGE), _reason("reason", ALL_REASON)]
        for code, name in names.items():
            columns += [
                _challenge(f"challenge_{code}", f"{name}の挑戦係数"),
                _reason(f"reason_{code}", f"{name}の挑戦係数の理由"),
            ]
        return [*columns, *_interview_columns()]

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
        reader = _RowReader(term, actor)
        changes = [change for row in table.rows if (change := reader.change(row)) is not None]
        return Comparison(changes, problems + reader.problems)

    def write(
        self, changes: Sequence[Change], params: dict[str, Any], actor: Scope, batch_id: int
    ) -> list[dict[str, Any]]:
        """Write the plans as drafts; the undo keeps the texts that stood before."""
        term = _term(params)
        there = _plans(term)
        undo = []
        for change in changes:
            hub_id = change.data["hub_id"]
            plan = there.get(hub_id)
            before = _stands(plan) if plan else None
            if plan is None:
                created = Plan.objects.create(hub_id=hub_id, term=term)
                plan = visible_plans_of([created.pk])[0]
            write_texts(plan, change.data["texts"], actor)
            _write_interview(plan, change.data["interview"], actor.name)
            undo.append({"plan_id": plan.pk, "version": plan.version, "before": before})
        return undo

    def revert(
        self, undo: list[dict[str, Any]], params: dict[str, Any], actor: Scope, batch_id: int
    ) -> None:
        """Put the texts back; Conflict when a plan was edited, submitted or interviewed since."""
        plans = {plan.pk: plan for plan in visible_plans_of([record["plan_id"] for record in undo])}
        for entry in undo:
            plan = plans.get(entry["plan_id"])
            if plan is None or plan.version != entry["version"] or plan.state not in EDITABLE:
                who = plan.hub.name if plan else "拠点"
                raise Conflict(f"{who}の事業計画は取込のあとに変わったため、取り消せません。")
            if entry["before"] is None:
                plan.delete()
            else:
                write_texts(plan, entry["before"]["texts"], actor)
                _write_interview(plan, entry["before"]["interview"], actor.name)

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
            "held_on": "2026-06-15",
            "attendees": "関東経済産業局 担当者",
            "minutes": "目標に合意した。",
        }
        return [
            [
                example.get(column.name, 100 if column.name.startswith("target_") else "")
                for column in self.columns(params)
            ]
        ]


def _long() -> Any:
    return cells.text(20_000, multiline=True)


def _challenge(name: str, heading: str) -> Column:
    return Column(name, heading, cells.decimal(2), optional=True, blank=True)


def _reason(name: str, heading: str) -> Column:
    return Column(name, heading, cells.text(200), optional=True, blank=True)


def _area_column(slot: int, part: str) -> Column:
    parsers = {
        "name": cells.text(60),
        "description": cells.text(2_000, multiline=True),
        "unit": cells.text(10),
        "target": cells.count(),
        "weight": cells.decimal(2),
        "challenge": cells.decimal(2),
        "reason": cells.text(200),
    }
    heading = f"F{slot}{_AREA_HEADINGS[part]}"
    return Column(f"f{slot}_{part}", heading, parsers[part], optional=True, blank=True)


def _interview_columns() -> list[Column]:
    return [
        Column("held_on", "面談日", cells.date(), optional=True, blank=True),
        Column("attendees", "出席者", cells.text(2_000, multiline=True), optional=True, blank=True),
        Column("minutes", "面談記録", _long(), optional=True, blank=True),
    ]


def _indicator_names(params: Mapping[str, Any]) -> dict[str, str]:
    """Code to name: of the term, or of the facts while there is no term to ask."""
    term = term_for(int(params.get("fiscal_year") or 0))
    if term is not None:
        return {row.code: row.name for row in term.indicators.all()}
    return {row["code"]: row["name"] for row in fact_rows("indicators.csv")}


def _term(params: Mapping[str, Any]) -> Term:
    return Term.objects.get(fiscal_year=params["fiscal_year"])


def _plans(term: Term) -> dict[int, Plan]:
    keys = list(Plan.objects.filter(term=term).values_list("pk", flat=True))
    return {plan.hub_id: plan for plan in visible_plans_of(keys)}


def _stands(plan: Plan) -> dict[str, Any]:
    return {"texts": plan_texts(plan), "interview": interview_texts(plan)}


def _write_interview(plan: Plan, texts: Mapping[str, str], recorder: str) -> None:
    if not texts["held_on"]:
        StartInterview.objects.filter(plan=plan).delete()
        return
    StartInterview.objects.update_or_create(
        plan=plan,
        defaults={
            "held_on": datetime.date.fromisoformat(texts["held_on"]),
            "attendees": texts["attendees"],
            "minutes": texts["minutes"],
            "recorded_by_name": recorder[:80],
        },
    )


def _as_text(value: Any) -> str:
    if value is None or isinstance(value, Blank):
        return "" if value is not Blank.NOT_APPLICABLE else "－"
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


class _RowReader:
    """Rows of the file against the stored plans of one term."""

    def __init__(self, term: Term, actor: Scope) -> None:
        self._actor = actor
        self._hubs = {hub.code: hub for hub in Hub.objects.all()}
        self._plans = _plans(term)
        self._names = {row.code: row.name for row in term.indicators.all()}
        self._headings = {
            column.name: column.heading
            for column in PlanImport().columns({"fiscal_year": term.fiscal_year})
        }
        self.problems: list[Problem] = []

    def _fault(self, row: Row, name: str, message: str) -> None:
        heading = self._headings.get(name) or field_label(name, self._names)
        self.problems.append(Problem(row.number, heading, message))

    def change(self, row: Row) -> Change | None:
        """What the row would do; None when it has a fault."""
        before = len(self.problems)
        hub = self._hub(row)
        values = {name: _as_text(value) for name, value in row.as_dict().items()}
        interview = {name: values[name] for name in INTERVIEW}
        texts = self._texts(values)
        self._check_content(row, texts)
        self._check_interview(row, interview)
        if hub is None or len(self.problems) > before:
            return None
        return self._compared(row, hub, texts, interview)

    def _hub(self, row: Row) -> Hub | None:
        hub = self._hubs.get(row["hub_code"])
        if hub is None:
            self._fault(row, "hub_code", f"拠点コード「{row['hub_code']}」の拠点はありません。")
        elif not self._actor.covers(hub.pk):
            self._fault(row, "hub_code", f"{hub}は担当する拠点ではありません。")
        elif row["hub_name"] and row["hub_name"] != hub.name:
            message = f"拠点コード{hub.code}の拠点名は「{hub.name}」です。"
            self._fault(row, "hub_name", message)
        return hub

    def _texts(self, values: Mapping[str, str]) -> dict[str, str]:
        """The flat texts of the plan; the factor for all stands in for one's own."""
        texts = {"regional_analysis": values["regional_analysis"]}
        texts["business_plan"] = values["business_plan"]
        for code in self._names:
            own = values[f"challenge_{code}"]
            texts[f"target_{code}"] = values[f"target_{code}"]
            texts[f"challenge_{code}"] = own or values["challenge"]
            reason = values[f"reason_{code}"] or values["reason"]
            texts[f"reason_{code}"] = reason if texts[f"challenge_{code}"] else ""
        for slot in range(1, MAX_AREAS + 1):
            for part in AREA_PARTS:
                texts[f"f{slot}_{part}"] = values[f"f{slot}_{part}"]
        return texts

    def _check_content(self, row: Row, texts: Mapping[str, str]) -> None:
        for name, message in read_plan(texts, list(self._names)).problems.items():
            self._fault(row, name, message)

    def _check_interview(self, row: Row, interview: Mapping[str, str]) -> None:
        if not any(interview.values()):
            return
        for name in INTERVIEW:
            if not interview[name]:
                self._fault(row, name, "面談日、出席者、面談記録は、そろえて入力してください。")
        if interview["held_on"] > clock.today().isoformat():
            self._fault(row, "held_on", "面談日は今日までの日付を入力してください。")

    def _compared(
        self, row: Row, hub: Hub, texts: dict[str, str], interview: dict[str, str]
    ) -> Change | None:
        plan = self._plans.get(hub.pk)
        stored = plan_texts(plan) if plan else dict.fromkeys(texts, "")
        held = interview_texts(plan) if plan else dict.fromkeys(interview, "")
        fields = [
            (field_label(name, self._names), before, after)
            for name, before, after in draft_differences(stored, texts)
        ]
        fields += [
            (INTERVIEW[name], held[name], interview[name])
            for name in INTERVIEW
            if held[name].strip() != interview[name].strip()
        ]
        kind = ADDED if plan is None else CHANGED if fields else UNCHANGED
        if kind == CHANGED and plan is not None and plan.state not in EDITABLE:
            state = plan.get_state_display()
            self._fault(row, "hub_code", f"{hub}の事業計画は「{state}」のため、取り込めません。")
            return None
        return Change(
            row=row.number,
            key=hub.code,
            kind=kind,
            label=hub.name,
            fields=tuple(fields),
            data={"hub_id": hub.pk, "texts": texts, "interview": interview},
        )


register(PlanImport())
