"""Forms of this slice: the fields of the edit page, the interview, the reason of a return."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from hubs.plans.rules import AREA_PARTS, CHALLENGES, MAX_AREAS, SECTIONS, field_label
from hubs.terms.models import ActivityIndicator
from yorozu.core.web.forms import JapaneseDateField

_HINTS = {
    "regional_analysis": "地域の中小企業と、その支援の現状、課題、必要なことを書いてください。",
    "business_plan": "地域分析をもとに、この期に行うことを書いてください。",
    "weight": "空欄なら均等です。2つ以上のときは0.1から0.6まで、合計を1にします。",
    "challenge": "1.00より大きいときは理由が必要です。",
}


@dataclass(frozen=True)
class EditField:
    """One control of the edit page; ``kind`` is textarea, number, decimal, select or text."""

    name: str
    label: str
    value: str
    problem: str
    kind: str
    hint: str = ""
    unit: str = ""

    @property
    def options(self) -> list[str]:
        """Choices of a select."""
        return [str(value) for value in CHALLENGES]


@dataclass(frozen=True)
class EditGroup:
    """Controls that belong together; a folded group is an unused focus area."""

    title: str
    fields: Sequence[EditField]
    is_folded: bool = False


_KINDS = {
    "regional_analysis": "textarea",
    "business_plan": "textarea",
    "description": "textarea",
    "target": "number",
    "weight": "decimal",
    "challenge": "select",
}


class EditPage:
    """The groups of the edit page, from the texts and problems of a plan."""

    def __init__(
        self,
        indicators: Sequence[ActivityIndicator],
        texts: Mapping[str, str],
        problems: Mapping[str, str],
    ) -> None:
        self._names = {row.code: row.name for row in indicators}
        self._texts, self._problems = texts, problems
        self.sections = [self._field(name, name) for name in SECTIONS]
        self.targets = [self._target(row) for row in indicators]
        self.areas = [self._area(slot) for slot in range(1, MAX_AREAS + 1)]

    def _field(self, name: str, part: str, unit: str = "") -> EditField:
        return EditField(
            name=name,
            label=field_label(name, self._names),
            value=self._texts.get(name, ""),
            problem=self._problems.get(name, ""),
            kind=_KINDS.get(part, "text"),
            hint=_HINTS.get(part, ""),
            unit=unit,
        )

    def _target(self, indicator: ActivityIndicator) -> EditGroup:
        parts = [("target", indicator.unit), ("challenge", ""), ("reason", "")]
        fields = [self._field(f"{part}_{indicator.code}", part, unit) for part, unit in parts]
        return EditGroup(f"{indicator.name}（単位：{indicator.unit}）", fields)

    def _area(self, slot: int) -> EditGroup:
        fields = [self._field(f"f{slot}_{part}", part) for part in AREA_PARTS]
        is_used = any(one.value for one in fields) or any(one.problem for one in fields)
        return EditGroup(f"重点分野{slot}", fields, is_folded=slot > 1 and not is_used)

    def all_fields(self) -> list[EditField]:
        """Every control in page order."""
        grouped = [one for group in (*self.targets, *self.areas) for one in group.fields]
        return [*self.sections, *grouped]


class InterviewForm(forms.Form):
    """The start interview; agreed zero targets are ticked here and nowhere else."""

    held_on = JapaneseDateField(label="実施日")
    attendees = forms.CharField(
        label="出席者",
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="所属と氏名を1行に1人ずつ入力してください。",
    )
    minutes = forms.CharField(
        label="記録",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="計画と目標について話し合ったことと、合意したことを書いてください。",
    )

    def __init__(self, *args: Any, zeros: Sequence[ActivityIndicator] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if zeros:
            self.fields["zero_approved"] = forms.MultipleChoiceField(
                label="目標0の承認",
                required=False,
                choices=[(row.code, f"{row.name}の目標を0とすることを承認する") for row in zeros],
                widget=forms.CheckboxSelectMultiple,
            )


class ReturnForm(forms.Form):
    """Why the plan goes back."""

    reason = forms.CharField(
        label="差戻しの理由",
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="拠点がどこを直せばよいか分かるように書いてください。",
    )


class BulkForm(forms.Form):
    """The plans ticked in the list."""

    plans = forms.TypedMultipleChoiceField(
        coerce=int, error_messages={"required": "1件以上選んでください。"}
    )

    def __init__(self, *args: Any, choices: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["plans"].choices = choices  # type: ignore[attr-defined]
