"""The form of an amendment: current and new value side by side; reasons of the bureau."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms

from hubs.plans.rules import MAX_AREAS, SECTIONS
from hubs.plans.rules.agreed import Agreed
from hubs.plans.rules.amending import AREA_LABELS, AREA_PARTS, month_field, slot_of
from yorozu.core.fiscal import months_of, wareki_month

_KINDS = {
    "description": "textarea",
    "evidence": "textarea",
    "target": "number",
    "weight": "decimal",
}


@dataclass(frozen=True)
class AmendField:
    """One control with the value it has before the amendment."""

    name: str
    label: str
    current: str
    value: str
    problem: str
    kind: str = "text"
    unit: str = ""
    hint: str = ""

    @property
    def shown(self) -> str:
        """The value before, a count with commas."""
        is_count = self.kind == "number" and self.current.isdigit()
        return f"{int(self.current):,}" if is_count else self.current


@dataclass(frozen=True)
class MonthField:
    """One month: kept as it is, or with a control whose blank means a share of the rest."""

    name: str
    label: str
    current: int | None
    value: str
    problem: str
    is_kept: bool


@dataclass(frozen=True)
class AmendGroup:
    """Controls that belong together, with the months of their target."""

    title: str
    fields: Sequence[AmendField]
    months: Sequence[MonthField] = ()
    is_folded: bool = False


@dataclass
class AmendPage:
    """The groups of the form, from current texts, wanted texts and problems."""

    base: Agreed
    current: Mapping[str, str]
    texts: Mapping[str, str]
    problems: Mapping[str, str]
    codes: Sequence[str]
    kept: int
    fiscal_year: int
    sections: list[AmendField] = field(init=False)
    targets: list[AmendGroup] = field(init=False)
    areas: list[AmendGroup] = field(init=False)

    def __post_init__(self) -> None:
        """Build the groups."""
        self.sections = [
            self._field(name, label, "textarea")
            for name, label in SECTIONS.items()
            if name in self.current
        ]
        self.targets = [
            AmendGroup(
                f"{row.name}（単位：{row.unit}）",
                [self._field(f"target_{row.code}", f"{row.name}の年間目標", "number", row.unit)],
                self._months(row.code, row.phasing),
            )
            for row in self.base.targets
        ]
        self.areas = [self._area(code) for code in self.codes[:MAX_AREAS]]

    def _field(
        self, name: str, label: str, kind: str = "text", unit: str = "", hint: str = ""
    ) -> AmendField:
        return AmendField(
            name=name,
            label=label,
            current=self.current[name],
            value=self.texts[name],
            problem=self.problems.get(name, ""),
            kind=kind,
            unit=unit,
            hint=hint,
        )

    def _area(self, code: str) -> AmendGroup:
        area, key, place = self.base.area(code), slot_of(code), code[1:]
        parts = [part for part in AREA_PARTS if part != "unit" or area is None]
        unit = area.unit if area is not None else ""
        fields = [
            self._field(
                f"{key}_{part}",
                f"重点分野{place}の{AREA_LABELS[part]}",
                _KINDS.get(part, "text"),
                unit if part == "target" else "",
            )
            for part in parts
        ]
        is_used = any(one.value or one.problem for one in fields)
        title = f"重点分野{place}：{area.name}" if area else f"重点分野{place}（新しい重点分野）"
        months = self._months(code, area.phasing if area else ())
        return AmendGroup(title, fields, months, is_folded=not is_used)

    def _months(self, code: str, phasing: Sequence[int]) -> list[MonthField]:
        return [
            MonthField(
                name=month_field(code, place),
                label=f"{month.month}月",
                current=phasing[place] if phasing else None,
                value=self.texts[month_field(code, place)],
                problem=self.problems.get(month_field(code, place), ""),
                is_kept=place < self.kept,
            )
            for place, month in enumerate(months_of(self.fiscal_year))
        ]

    def faults(self) -> list[AmendField | MonthField]:
        """Every control with a problem, in page order."""
        groups = [*self.targets, *self.areas]
        rows: list[AmendField | MonthField] = [*self.sections]
        for group in groups:
            rows += [*group.fields, *group.months]
        return [row for row in rows if row.problem]


def month_choices(fiscal_year: int) -> list[tuple[str, str]]:
    """The twelve months an amendment may begin in."""
    return [(f"{month:%Y-%m}", wareki_month(month)) for month in months_of(fiscal_year)]


class OpenForm(forms.Form):
    """What an amendment begins with: from when, and why."""

    reason = forms.CharField(
        label="変更の理由",
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="計画を立てたあとに何が変わったのかを、経済産業局が判断できるように書いてください。",
    )

    def __init__(self, *args: Any, fiscal_year: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["effective_month"] = forms.ChoiceField(
            label="適用開始月",
            choices=month_choices(fiscal_year),
            help_text="この月から新しい目標になります。前の月の月別目標は変わりません。",
        )
        self.order_fields(["effective_month", "reason"])


class ReasonForm(forms.Form):
    """Why the amendment goes back or is not approved."""

    reason = forms.CharField(
        label="理由",
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="拠点が次に何をすればよいか分かるように書いてください。",
    )


class ApproveForm(forms.Form):
    """The bureau's reason for reaching back, and new zeros that are agreed."""

    def __init__(
        self,
        *args: Any,
        retroactive: Sequence[date] = (),
        zeros: Sequence[tuple[str, str]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if retroactive:
            months = "、".join(wareki_month(month) for month in retroactive)
            self.fields["retroactive_reason"] = forms.CharField(
                label="さかのぼる理由",
                max_length=2_000,
                widget=forms.Textarea(attrs={"rows": 4}),
                help_text=f"適用開始月が確認済みの月（{months}）にさかのぼります。"
                "確認済みの実績は変わりませんが、その月の目標が変わります。",
            )
        if zeros:
            self.fields["zero_approved"] = forms.MultipleChoiceField(
                label="目標0の承認",
                required=False,
                choices=[(code, f"{name}の目標を0とすることを承認する") for code, name in zeros],
                widget=forms.CheckboxSelectMultiple,
            )
