"""A what-if of a running year: fields, their reading, and the engine's input made of them.

Nothing here is kept. Counts are whole; a survey is a number of answers and their mean, partners a
number of organisations and their mean, a checklist the mean of its raters in tenths.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Any

from evaluation.scoring.rules.indicators import effective_target
from evaluation.scoring.rules.scheme import Anchors, Component
from yorozu.core import exact, figures

COUNT = "count"
MEAN = "mean"
MOST = 9_999_999
ANSWERS = 10_000
ORGANISATIONS = 1_000
# As agreed, standard met, satisfied: one scale for everything (evaluation.md 0).
STANDARD = Decimal(80)
STANDARD_ANSWERS = {"survey": 30, "partner": 5}
RATERS = 10
NUMBER, AVERAGE = "n", "mean"


@dataclass(frozen=True)
class Field:
    """One figure that may be tried: its base value, bounds, and where the base comes from.

    ``slider`` is where the slider ends; the number field goes on to ``high``.
    """

    component: str
    item: str
    label: str
    unit: str
    kind: str
    value: Decimal
    low: Decimal
    high: Decimal
    slider: Decimal
    origin: str
    target: int | None = None
    # What the target asks of the months counted, where these are not the whole year.
    asked: Decimal | None = None

    @property
    def name(self) -> str:
        """Name of the form field: IND.SOLVE, SAT.n, CHK.mean."""
        return f"{self.component}.{self.item}"

    @property
    def places(self) -> int:
        """Decimals that may be typed."""
        if self.kind == COUNT:
            return 0
        return 1 if self.component in {"CHK", "UNQ"} else 2

    @property
    def step(self) -> str:
        """Step of the field and its slider."""
        return {0: "1", 1: "0.1", 2: "0.01"}[self.places]

    @property
    def text(self) -> str:
        """The base value as the field holds it."""
        return f"{self.value:.{self.places}f}"

    @property
    def shown(self) -> str:
        """The base value with its unit as a sentence says it; a scale is no unit of a value."""
        unit = self.unit if self.kind == COUNT else ""
        return f"{self.value:,.{self.places}f}{unit}"


@dataclass(frozen=True)
class Tried:
    """A field with what was typed, the value read, and why it could not be read."""

    field: Field
    text: str
    value: Decimal
    problem: str = ""

    @property
    def slider_value(self) -> Decimal:
        """Where the slider stands."""
        return min(max(self.value, self.field.low), self.field.slider)


def read(fields: Sequence[Field], given: Mapping[str, str]) -> list[Tried]:
    """Read every field; one that is not among the given keeps its base value."""
    return [_read(field, given.get(field.name)) for field in fields]


def _read(field: Field, typed: str | None) -> Tried:
    if typed is None:
        return Tried(field, field.text, field.value)
    try:
        value = figures.parse_decimal(typed, field.places)
    except figures.FigureError as error:
        return Tried(field, typed, field.value, str(error))
    if isinstance(value, figures.Blank):
        return Tried(field, typed, field.value, "数を入力してください。")
    if not field.low <= value <= field.high:
        bounds = f"{field.low:,f}から{field.high:,f}までの数を入力してください。"
        return Tried(field, typed, field.value, bounds)
    return Tried(field, typed, value)


@dataclass(frozen=True)
class Counted:
    """A counted item of the plan: its name and unit, the year's target, what the months ask."""

    component: str
    code: str
    label: str
    unit: str
    target: int | None
    months: int
    term_months: int

    @property
    def asked(self) -> Decimal | None:
        """The target for the months counted, as the engine cuts it; None for the whole year."""
        if self.target is None or self.months == self.term_months:
            return None
        return effective_target(Decimal(self.target), self.months, self.term_months)


def count_field(counted: Counted, value: Decimal, origin: str) -> Field:
    """The field of a counted item; the slider goes half as far again as target or value."""
    goal = counted.asked if counted.asked is not None else Decimal(counted.target or 0)
    top = max(goal, value, Decimal(10)) * 3 / 2
    return Field(
        component=counted.component,
        item=counted.code,
        label=counted.label,
        unit=counted.unit,
        kind=COUNT,
        value=value,
        low=Decimal(0),
        high=Decimal(MOST),
        slider=top.to_integral_value(ROUND_HALF_UP),
        origin=origin,
        target=counted.target,
        asked=None if counted.asked is None else figures.q(counted.asked, 0),
    )


def opinion_fields(part: Component, n: int, mean: Decimal, origin: str) -> list[Field]:
    """Number and mean of a survey or partner component."""
    survey = part.kind == "survey"
    most = ANSWERS if survey else ORGANISATIONS
    number = Field(
        component=part.code,
        item=NUMBER,
        label=f"{part.name}の{'回答数' if survey else '機関数'}",
        unit="件" if survey else "機関",
        kind=COUNT,
        value=Decimal(n),
        low=Decimal(0),
        high=Decimal(most),
        slider=Decimal(max(2 * n, 30 if survey else 10)),
        origin=origin,
    )
    average = replace(
        number,
        item=AVERAGE,
        label=f"{part.name}の平均",
        unit="1～5",
        kind=MEAN,
        value=mean,
        low=Decimal(1),
        high=Decimal(5),
        slider=Decimal(5),
    )
    return [number, average]


def check_field(part: Component, mean: Decimal, origin: str) -> Field:
    """The mean of all raters over all items of a checklist."""
    return Field(
        component=part.code,
        item=AVERAGE,
        label=f"{part.name}の評点の平均",
        unit="0～4",
        kind=MEAN,
        value=mean,
        low=Decimal(0),
        high=Decimal(4),
        slider=Decimal(4),
        origin=origin,
    )


def hub_of(skeleton: Mapping[str, Any], tried: Sequence[Tried]) -> dict[str, Any]:
    """The engine's input of the hub: the plan's targets with the values that are tried."""
    values = {one.field.name: one.value for one in tried}
    hub = dict(skeleton)
    hub["indicators"] = {
        code: _with_actual(entry, values.get(f"IND.{code}"))
        for code, entry in skeleton.get("indicators", {}).items()
    }
    hub["focus"] = [
        _with_actual(area, values.get(f"FOC.{area['code']}")) for area in skeleton.get("focus", [])
    ]
    checks = {}
    for one in tried:
        part = one.field.component
        if one.field.kind == MEAN and f"{part}.{NUMBER}" not in values:
            checks[part] = [{"code": part, "scores": ratings(one.value), "evidence": True}]
    if checks:
        hub["checks"] = checks
    if f"SAT.{NUMBER}" in values:
        hub["survey"] = histogram(int(values[f"SAT.{NUMBER}"]), values[f"SAT.{AVERAGE}"])
    if f"PAR.{NUMBER}" in values:
        mean = format(values[f"PAR.{AVERAGE}"], "f")
        hub["partners"] = [mean] * int(values[f"PAR.{NUMBER}"])
    return hub


def _with_actual(entry: Mapping[str, Any], value: Decimal | None) -> dict[str, Any]:
    return dict(entry) if value is None else {**entry, "actual": int(value)}


def histogram(n: int, mean: Decimal) -> list[int]:
    """Answers on two neighbouring levels with the mean that whole answers come closest to."""
    counts = [0] * 5
    if n == 0:
        return counts
    total = int((n * mean).to_integral_value(ROUND_HALF_UP))
    level, more = divmod(total, n)
    counts[level - 1] = n - more
    if more:
        counts[level] = more
    return counts


def ratings(mean: Decimal) -> dict[str, int]:
    """Scores of ten raters with exactly this mean in tenths."""
    level, more = divmod(int(mean * RATERS), RATERS)
    return {f"R-{place}": level + (place < more) for place in range(RATERS)}


@exact.exactly
def inverse(points: Decimal, anchors: Anchors, places: int) -> Decimal:
    """The value whose points come nearest, by the anchors read backwards."""
    if points <= anchors[0][1]:
        return exact.rounded(anchors[0][0], places)
    for (x0, y0), (x1, y1) in pairwise(anchors):
        if points <= y1:
            return exact.quotient(x0 * (y1 - y0) + (points - y0) * (x1 - x0), y1 - y0, places)
    return exact.rounded(anchors[-1][0], places)
