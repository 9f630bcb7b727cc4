"""The edit page: its controls in their groups, with last year beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hubs.plans.models import PhasingMethod, Plan
from hubs.plans.rules import (
    AREA_PARTS,
    CHALLENGES,
    LONGEST,
    MAX_AREAS,
    REQUIRED_SECTIONS,
    SECTIONS,
    TARGET_PARTS,
    field_label,
    is_small_target,
)
from hubs.plans.rules.phasing import MONTH_NAMES, MONTHS, SEPARATOR, split_months
from hubs.terms.models import ActivityIndicator

_HINTS = {
    "regional_analysis": "上の地域の数値を見ながら、地域の中小企業の状況を書いてください。",
    "support_analysis": "地域の支援機関による支援の状況と、足りないところを書いてください。",
    "regional_issues": "地域の中小企業に必要なこと、拠点が取り組む課題を書いてください。",
    "business_plan": "地域分析をもとに、この期に行うこと（取組の方針）を書いてください。",
    "staffing": "取組を進める体制（担当、連携する機関、相談の場所と回数）を書いてください。",
    "indicator": "活動指標と同じ数え方で、この分野の分だけを数える場合に選びます。",
    "measure": "独自の指標で数える場合の名前です。例：新規創業者数",
    "evidence": "何を根拠に1件と数えるかを書いてください。独自の指標では必須です。",
    "unit": "活動指標の数え方を選んだときは、その単位になります。",
    "weight": "空欄なら均等です。2つ以上のときは0.1から0.6まで、合計を1にします。",
    "challenge": "1.00より大きいときは理由が必要です。期初面談で承認されたものが有効になります。",
    "phasing": "空欄にすると、前年度の季節の動きで割り振ります。合計は目標値と一致させます。",
}
_KINDS = {
    **dict.fromkeys(SECTIONS, "textarea"),
    "description": "textarea",
    "evidence": "textarea",
    "indicator": "select",
    "target": "number",
    "phasing": "months",
    "weight": "decimal",
    "challenge": "select",
}
_NUMBERED = tuple(f"{index:02d}" for index in range(1, MONTHS + 1))
_METHODS = dict(PhasingMethod.choices)


@dataclass(frozen=True)
class MonthCell:
    """One month of a phasing."""

    name: str
    label: str
    value: str
    is_open: bool


@dataclass(frozen=True)
class EditField:
    """One control of the edit page.

    ``kind`` is textarea, number, decimal, select, months or text; ``longest`` counts characters;
    ``before`` is what last year's plan says.
    """

    name: str
    label: str
    value: str
    problem: str
    kind: str
    hint: str = ""
    unit: str = ""
    longest: int = 0
    is_required: bool = False
    before: str = ""
    options: Sequence[tuple[str, str]] = ()
    months: Sequence[MonthCell] = ()
    method: str = ""

    @property
    def sends(self) -> str:
        """Names that go with a change of this field (hx-params)."""
        return sends_of(self.name)

    @property
    def total(self) -> int | None:
        """Sum of the months as they stand, None while one is no number."""
        digits = [cell.value.replace(",", "") for cell in self.months]
        if not all(text.isascii() and text.isdigit() for text in digits):
            return None
        return sum(int(text) for text in digits)

    @property
    def characters(self) -> int:
        """Length of the text."""
        return len(self.value.replace("\r\n", "\n"))


@dataclass(frozen=True)
class EditGroup:
    """Controls that belong together; a folded group is an unused focus area."""

    key: str
    title: str
    fields: Sequence[EditField]
    is_folded: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)
    is_small: bool = False


def typed_values(data: Any) -> dict[str, str]:
    """Texts of a sent form by field name; the cells of a phasing joined to one text."""
    values = {name: str(data.get(name)) for name in data}
    for name in [name for name in values if name.endswith("_01")]:
        base = name.removesuffix("_01")
        cells = [values.pop(f"{base}_{number}", "") for number in _NUMBERED]
        values[base] = SEPARATOR.join(cells) if any(cells) else ""
    return values


def sends_of(name: str) -> str:
    """Names of the controls that a change of the field sends, as hx-params takes them."""
    is_months = "phasing" in name.split("_")
    names = [f"{name}_{number}" for number in _NUMBERED] if is_months else [name]
    return ",".join(["csrfmiddlewaretoken", "version", *names])


def field_of(control: str) -> str:
    """The field a control belongs to: phasing_CONS for phasing_CONS_07."""
    base, _, number = control.rpartition("_")
    return base if number in _NUMBERED else control


class EditPage:
    """The groups of the edit page, from a plan, its texts and problems.

    ``before`` holds last year's texts by field name, ``facts`` the adequacy by indicator code.
    """

    def __init__(
        self,
        plan: Plan,
        texts: Mapping[str, str],
        problems: Mapping[str, str],
        *,
        is_open: Sequence[bool],
        before: Mapping[str, str],
        facts: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self._indicators = list(plan.term.indicators.all())
        self._names = {row.code: row.name for row in self._indicators}
        self._texts, self._problems = texts, problems
        self._is_open, self._before, self._facts = is_open, before, facts
        self._rows: dict[str, Any] = {
            f"phasing_{row.indicator.code}": row for row in plan.targets.all()
        }
        self._rows |= {f"f{row.order}_phasing": row for row in plan.focus_areas.all()}
        self.sections = [self._field(name, name) for name in SECTIONS]
        self.targets = [self._target(row) for row in self._indicators]
        self.areas = [self._area(slot) for slot in range(1, MAX_AREAS + 1)]

    def _field(self, name: str, part: str, unit: str = "") -> EditField:
        value = self._texts.get(name, "")
        months, method = self._months(name, value) if part == "phasing" else ([], "")
        return EditField(
            name=name,
            label=field_label(name, self._names),
            value=value,
            problem=self._problems.get(name, ""),
            kind=_KINDS.get(part, "text"),
            hint=_HINTS.get(part, ""),
            unit=unit,
            longest=LONGEST.get(part, 0) if _KINDS.get(part) == "textarea" else 0,
            is_required=part in REQUIRED_SECTIONS,
            before=self._before.get(name, ""),
            options=self._options(part),
            months=months,
            method=method,
        )

    def _options(self, part: str) -> Sequence[tuple[str, str]]:
        if part == "challenge":
            return [("", "1.00"), *((str(value), str(value)) for value in CHALLENGES[1:])]
        if part == "indicator":
            own = ("", "独自の指標")
            return [own, *((row.code, f"{row.name}（{row.unit}）") for row in self._indicators)]
        return ()

    def _months(self, name: str, typed: str) -> tuple[list[MonthCell], str]:
        row = self._rows.get(name)
        spread = [str(value) for value in row.phasing] if row else []
        cells = split_months(typed) if typed else spread or [""] * MONTHS
        key = PhasingMethod.ENTERED if typed else row.phasing_method if row else ""
        method = _METHODS.get(key, "")
        found = zip(_NUMBERED, MONTH_NAMES, cells[:MONTHS], self._is_open, strict=True)
        return [
            MonthCell(f"{name}_{number}", label, value, is_open)
            for number, label, value, is_open in found
        ], method

    def _target(self, indicator: ActivityIndicator) -> EditGroup:
        code = indicator.code
        units = {"target": indicator.unit}
        fields = [self._field(f"{part}_{code}", part, units.get(part, "")) for part in TARGET_PARTS]
        title = f"{indicator.name}（単位：{indicator.unit}）"
        return EditGroup(f"target_{code}", title, fields, facts=self._facts.get(code, {}))

    def _area(self, slot: int) -> EditGroup:
        fields = [self._field(f"f{slot}_{part}", part) for part in AREA_PARTS]
        is_used = any(one.value for one in fields) or any(one.problem for one in fields)
        row = self._rows.get(f"f{slot}_phasing")
        return EditGroup(
            f"f{slot}",
            f"重点分野{slot}",
            fields,
            is_folded=slot > 1 and not is_used,
            is_small=row is not None and is_small_target(row.target),
        )

    def all_fields(self) -> list[EditField]:
        """Every control in page order."""
        grouped = [one for group in (*self.targets, *self.areas) for one in group.fields]
        return [*self.sections, *grouped]

    def months_of(self, name: str) -> EditField | None:
        """The phasing that goes with a field (see ``moves_months``); None when there is none."""
        wanted = _phasing_of(name)
        return next((one for one in self.all_fields() if one.name == wanted), None)


def _phasing_of(name: str) -> str:
    head, _, tail = name.partition("_")
    if head in {"target", "phasing"}:
        return f"phasing_{tail}"
    return f"{head}_phasing" if tail in {"target", "phasing", "indicator", "name"} else ""


def moves_months(name: str) -> bool:
    """Whether a change of this field may change the months of its target."""
    return bool(_phasing_of(name))
