"""A plan as the form shows it, and where two texts differ."""

from collections.abc import Mapping
from typing import Any

from hubs.plans.models import PhasingMethod, Plan
from hubs.plans.rules import DEFAULT_UNIT, NO_CHALLENGE, SECTIONS, field_names
from hubs.plans.rules.phasing import months_text, split_months
from yorozu.core import figures


def plan_texts(plan: Plan) -> dict[str, str]:
    """The plan as the form shows it: field name to text, unreadable entries as they were typed.

    Months that were spread by the season stand as blank: nobody typed them.
    """
    codes = [indicator.code for indicator in plan.term.indicators.all()]
    texts = dict.fromkeys(field_names(codes), "")
    texts.update({name: getattr(plan, name) for name in SECTIONS})
    for target in plan.targets.all():
        code = target.indicator.code
        texts[f"target_{code}"] = str(target.value)
        texts[f"phasing_{code}"] = typed_months(target)
        texts[f"challenge_{code}"] = challenge_text(target.challenge)
        texts[f"reason_{code}"] = target.challenge_reason
    for area in plan.focus_areas.all():
        texts.update(_area_texts(area))
    texts.update({name: text for name, text in plan.draft_texts.items() if name in texts})
    return texts


def challenge_text(value: Any) -> str:
    """The factor as the form shows it; 1.00 is the ordinary case and stands as blank."""
    return "" if value == NO_CHALLENGE else str(value)


def typed_months(row: Any) -> str:
    """The months of a target or area as the hub typed them; blank when they were spread."""
    return months_text(row.phasing) if row.phasing_method == PhasingMethod.ENTERED else ""


def _area_texts(area: Any) -> dict[str, str]:
    key = f"f{area.order}"
    return {
        f"{key}_name": area.name,
        f"{key}_description": area.description,
        f"{key}_indicator": area.indicator.code if area.indicator else "",
        f"{key}_measure": area.measure,
        f"{key}_evidence": area.evidence_rule,
        # The unit of an indicator is the indicator's, nobody typed it.
        f"{key}_unit": "" if area.indicator else area.unit,
        f"{key}_target": "" if area.target is None else str(area.target),
        f"{key}_phasing": typed_months(area),
        f"{key}_weight": "" if area.weight is None else str(area.weight),
        f"{key}_challenge": challenge_text(area.challenge),
        f"{key}_reason": area.challenge_reason,
    }


def without_spread_months(plan: Plan, typed: Mapping[str, str]) -> dict[str, str]:
    """The typed texts, months that stand as they were spread taken as blank.

    A page without scripts sends every field back, also the months that nobody touched.
    """
    spread: dict[str, Any] = {f"phasing_{row.indicator.code}": row for row in plan.targets.all()}
    spread |= {f"f{row.order}_phasing": row for row in plan.focus_areas.all()}
    texts = dict(typed)
    for name, row in spread.items():
        if name not in texts or row.phasing_method == PhasingMethod.ENTERED:
            continue
        if _same(name, texts[name]) == _same(name, months_text(row.phasing)):
            texts[name] = ""
    return texts


def draft_differences(
    stored: Mapping[str, str], mine: Mapping[str, str]
) -> list[tuple[str, str, str]]:
    """(field name, stored text, my text) for every field that differs."""
    return [
        (name, stored[name], mine[name])
        for name in stored
        if name in mine and _same(name, mine[name]) != _same(name, stored[name])
    ]


def _same(name: str, text: str) -> str:
    """Texts that mean the same entry: line ends, outer blanks, spelling of a number, defaults."""
    plain = text.replace("\r\n", "\n").strip()
    parts = set(name.split("_"))
    if "phasing" in parts:
        return "/".join(_same_number(cell) for cell in split_months(plain))
    if name.endswith("_unit"):
        return "" if plain == DEFAULT_UNIT else plain
    if "challenge" in parts:
        # 1.00 is the factor nobody typed.
        return "" if (number := _same_number(plain)) == "1" else number
    if {"target", "weight"} & parts:
        return _same_number(plain)
    return plain


def _same_number(text: str) -> str:
    try:
        value = figures.parse_decimal(text)
    except figures.FigureError:
        return text
    return value.value if isinstance(value, figures.Blank) else str(value.normalize())
