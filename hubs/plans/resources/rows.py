"""Rows of the file of plans against what is stored."""

import datetime
from collections.abc import Collection, Mapping
from typing import Any

from hubs.network.models import Hub
from hubs.plans.flow import EDITABLE
from hubs.plans.models import Plan
from hubs.plans.queries import draft_differences, interview_texts, plan_texts
from hubs.plans.queries.seasons import open_months
from hubs.plans.resources.columns import APPROVED, INTERVIEW, NEEDED_INTERVIEW, plan_columns
from hubs.plans.rules import (
    AREA_PARTS,
    MAX_AREAS,
    NO_CHALLENGE,
    SECTIONS,
    field_label,
    field_names,
    read_plan,
)
from hubs.plans.rules.phasing import ALL_OPEN
from hubs.plans.rules.talk import read_attendees
from hubs.terms.models import Term
from hubs.terms.queries import rules_missing
from yorozu.core import clock
from yorozu.core.access import Scope
from yorozu.core.errors import Problem
from yorozu.core.figures import Blank
from yorozu.core.imports.kinds import ADDED, CHANGED, UNCHANGED, Change
from yorozu.core.sheets import Row


def stands(plan: Plan) -> dict[str, Any]:
    """A stored plan as the file would say it: texts and interview."""
    return {
        "texts": plan_texts(plan),
        "interview": {**interview_texts(plan), "approved": _approved(plan)},
    }


def stretched(plan: Plan) -> list[tuple[str, Any]]:
    """The targets and areas with a challenge factor, by their code."""
    rows: list[tuple[str, Any]] = [(row.indicator.code, row) for row in plan.targets.all()]
    rows += [(row.code, row) for row in plan.focus_areas.all()]
    return [(code, row) for code, row in rows if row.challenge != NO_CHALLENGE]


def _approved(plan: Plan) -> str:
    """ "1" when there are challenge factors and all of them are approved."""
    rows = stretched(plan)
    return "1" if rows and all(row.is_challenge_approved for _, row in rows) else ""


def _plain(text: str) -> str:
    return text.replace("/", "／").strip()


def _as_text(value: Any) -> str:
    if value is None or isinstance(value, Blank):
        return "" if value is not Blank.NOT_APPLICABLE else "－"
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


class RowReader:
    """Rows of the file against the stored plans of one term.

    Columns that the file does not have (not in ``present``) leave what is stored as it is.
    """

    def __init__(
        self, term: Term, plans: Mapping[int, Plan], actor: Scope, present: Collection[str]
    ) -> None:
        self._actor, self._present = actor, present
        self._year = term.fiscal_year
        self._may_interview = not rules_missing(term)
        self._hubs = {hub.code: hub for hub in Hub.objects.prefetch_related("contracts")}
        self._units = {row.code: row.unit for row in term.indicators.all()}
        self._plans = plans
        self._names = {row.code: row.name for row in term.indicators.all()}
        self._headings = {
            column.name: column.heading
            for column in plan_columns({"fiscal_year": term.fiscal_year})
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
        stored = self._stored(hub)
        interview = {
            name: values[name] if name in self._present else stored["interview"][name]
            for name in (*INTERVIEW, "approved")
        }
        texts = {
            name: text if self._says(name) else stored["texts"][name]
            for name, text in self._texts(values).items()
        }
        if not any(text and "challenge" in name for name, text in texts.items()):
            interview["approved"] = ""
        self._check_content(row, hub, texts)
        self._check_interview(row, interview)
        if hub is None or len(self.problems) > before:
            return None
        return self._compared(row, hub, texts, interview)

    def _stored(self, hub: Hub | None) -> dict[str, Any]:
        plan = self._plans.get(hub.pk) if hub else None
        if plan is not None:
            return stands(plan)
        interview = dict.fromkeys((*INTERVIEW, "approved"), "")
        return {"texts": dict.fromkeys(field_names(self._names), ""), "interview": interview}

    def _says(self, name: str) -> bool:
        """Whether the file has a column for the field, or one that stands for all indicators."""
        general = name.partition("_")[0] in {"challenge", "reason"} and "challenge" in self._present
        return name in self._present or general

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
        texts = {name: values[name] for name in SECTIONS}
        for code in self._names:
            texts[f"phasing_{code}"] = values[f"phasing_{code}"]
            own = values[f"challenge_{code}"]
            texts[f"target_{code}"] = values[f"target_{code}"]
            texts[f"challenge_{code}"] = own or values["challenge"]
            reason = values[f"reason_{code}"] or values["reason"]
            texts[f"reason_{code}"] = reason if texts[f"challenge_{code}"] else ""
        for slot in range(1, MAX_AREAS + 1):
            for part in AREA_PARTS:
                texts[f"f{slot}_{part}"] = values[f"f{slot}_{part}"]
            if texts[f"f{slot}_indicator"]:
                texts[f"f{slot}_unit"] = ""
        return texts

    def _check_content(self, row: Row, hub: Hub | None, texts: Mapping[str, str]) -> None:
        is_open = open_months(hub, self._year) if hub else ALL_OPEN
        for name, message in read_plan(texts, self._units, is_open).problems.items():
            self._fault(row, name, message)

    def _check_interview(self, row: Row, interview: Mapping[str, str]) -> None:
        if not any(interview.values()):
            return
        if not self._may_interview:
            message = "年度の規則が登録されていないため、面談の記録は取り込めません。"
            self._fault(row, "held_on", message)
        for name in NEEDED_INTERVIEW:
            if not interview[name]:
                self._fault(row, name, "面談日、出席者、面談記録は、そろえて入力してください。")
        if interview["held_on"] > clock.today().isoformat():
            self._fault(row, "held_on", "面談日は今日までの日付を入力してください。")
        if interview["attendees"]:
            for text in read_attendees(interview["attendees"])[1]:
                self._fault(row, "attendees", text)

    def _compared(
        self, row: Row, hub: Hub, texts: dict[str, str], interview: dict[str, str]
    ) -> Change | None:
        plan = self._plans.get(hub.pk)
        stored = self._stored(hub)
        fields = [
            (field_label(name, self._names), before, after)
            for name, before, after in draft_differences(stored["texts"], texts)
        ]
        fields += [
            (label, stored["interview"][name], interview[name])
            for name, label in (*INTERVIEW.items(), ("approved", APPROVED))
            if _plain(stored["interview"][name]) != _plain(interview[name])
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
