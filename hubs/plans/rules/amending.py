"""What an amendment may say, and the content it makes of the version before.

One rule for the months: those before the effective month keep the phasing they had; the others
make up the rest of the year's target. A month left blank takes its share of that rest, in the
proportions of the version before. Challenge factors are agreed at the start interview and stay.

Fields: the sections, target_CONS, m_CONS_07 (seventh month of the year), f1_name, f1_description,
f1_evidence, f1_unit (new areas only), f1_target, f1_weight, m_F1_07.
"""

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hubs.plans.rules.agreed import Agreed, AgreedArea
from hubs.plans.rules.drafting import (
    DEFAULT_UNIT,
    MAX_AREAS,
    MAX_VALUE,
    MAX_WEIGHT,
    MIN_WEIGHT,
    NO_CHALLENGE,
    SECTIONS,
    weight_problems,
)
from yorozu.core import figures
from yorozu.core.figures import Blank

MONTHS = 12
LONGEST_SECTION = 20_000
AREA_TEXTS = {"name": 60, "description": 2_000, "evidence": 400, "unit": 10}
AREA_PARTS = ("name", "description", "evidence", "unit", "target", "weight")
AREA_LABELS = {
    "name": "名称",
    "description": "内容",
    "evidence": "根拠の定め",
    "unit": "単位",
    "target": "年間目標",
    "weight": "重み",
}
ENTERED = "entered"


@dataclass(frozen=True)
class Amended:
    """The content an amendment makes; ``problems`` by field stand in the way of asking for it."""

    content: dict[str, Any]
    problems: Mapping[str, str] = field(default_factory=dict)
    is_changed: bool = False
    new_zeros: tuple[str, ...] = ()


def slot_of(code: str) -> str:
    """f1 for F1: how the fields of an area begin."""
    return code.lower()


def month_field(code: str, place: int) -> str:
    """m_CONS_07: the month at a place of the year, April is 0."""
    return f"m_{code}_{place + 1:02d}"


def area_codes(base: Agreed, used: Iterable[str]) -> list[str]:
    """Areas the form offers: those there are, then the places never used, five in all.

    A place that was used once keeps its results and is not given to another area.
    """
    here = [area.code for area in base.areas]
    gone = set(used)
    free = [f"F{n}" for n in range(1, MAX_AREAS + 1) if f"F{n}" not in gone | set(here)]
    return sorted([*here, *free][:MAX_AREAS])


def base_texts(content: Mapping[str, Any], base: Agreed, codes: Sequence[str]) -> dict[str, str]:
    """Every field with the text it has before the amendment; months are blank (shared out)."""
    texts = {name: str(content[name]) for name in SECTIONS if name in content}
    for target in base.targets:
        texts[f"target_{target.code}"] = str(target.value)
        texts |= {month_field(target.code, place): "" for place in range(MONTHS)}
    for code in codes:
        area = base.area(code)
        values = _area_values(area)
        texts |= {f"{slot_of(code)}_{part}": values[part] for part in AREA_PARTS}
        texts |= {month_field(code, place): "" for place in range(MONTHS)}
    return texts


def _area_values(area: AgreedArea | None) -> dict[str, str]:
    if area is None:
        return dict.fromkeys(AREA_PARTS, "")
    return {
        "name": area.name,
        "description": area.description,
        "evidence": area.evidence_rule,
        "unit": area.unit,
        "target": "" if area.target is None else str(area.target),
        "weight": "" if area.weight is None else str(area.weight),
    }


def share_rest(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Whole numbers in the proportion of the weights that add up to the total exactly.

    Largest remainder, an equal remainder to the earlier month; all weights 0 count as equal.
    """
    whole = sum(weights)
    if whole == 0:
        weights, whole = [1] * len(weights), len(weights)
    exact = [Fraction(total * weight, whole) for weight in weights]
    shares = [int(part) for part in exact]
    order = sorted(range(len(shares)), key=lambda place: (shares[place] - exact[place], place))
    for place in order[: total - sum(shares)]:
        shares[place] += 1
    return tuple(shares)


class _Reader:
    """Reads the fields of one amendment and gathers what cannot be taken."""

    def __init__(self, texts: Mapping[str, str], kept: int) -> None:
        self.texts, self.kept = texts, kept
        self.problems: dict[str, str] = {}

    def text(self, name: str, longest: int) -> str:
        typed = self.texts.get(name, "").replace("\r\n", "\n").strip()
        if len(typed) > longest:
            self.problems[name] = f"{longest:,}文字以内で入力してください（{len(typed):,}文字）。"
        return typed[:longest]

    def count(self, name: str) -> int | None:
        try:
            value = figures.parse_count(self.texts.get(name, "").strip())
        except figures.FigureError as error:
            self.problems[name] = str(error)
            return None
        if isinstance(value, Blank):
            if value is Blank.NOT_APPLICABLE:
                self.problems[name] = "数で入力してください（－は使えません）。"
            return None
        if not 0 <= value <= MAX_VALUE:
            self.problems[name] = f"0から{MAX_VALUE:,}までの整数で入力してください。"
            return None
        return value

    def weight(self, name: str) -> Decimal | None:
        try:
            value = figures.parse_decimal(self.texts.get(name, "").strip(), 2)
        except figures.FigureError as error:
            self.problems[name] = str(error)
            return None
        if isinstance(value, Blank):
            return None
        if not MIN_WEIGHT <= value <= 1:
            self.problems[name] = (
                f"{MIN_WEIGHT}から{MAX_WEIGHT}まで（1つなら1）で入力してください。"
            )
            return None
        return value.quantize(Decimal("0.01"))

    def phasing(self, code: str, name: str, value: int, basis: Sequence[int]) -> tuple[int, ...]:
        """The twelve months of a target; the problem stands at its yearly field."""
        places = range(self.kept, MONTHS)
        typed = {place: self.count(month_field(code, place)) for place in places}
        fixed = {place: count for place, count in typed.items() if count is not None}
        blank = [place for place in places if place not in fixed]
        held = sum(basis[: self.kept])
        rest = value - held - sum(fixed.values())
        if rest < 0 or (rest and not blank):
            self.problems.setdefault(name, _sum_problem(value, held, sum(fixed.values())))
            return tuple(basis)
        shares = dict(zip(blank, share_rest(rest, [basis[p] for p in blank]), strict=True))
        return (*basis[: self.kept], *({**fixed, **shares}[place] for place in places))

    def is_typed(self, code: str) -> bool:
        """Whether a month that can still change was typed."""
        places = range(self.kept, MONTHS)
        return any(self.texts.get(month_field(code, place), "").strip() for place in places)


def _sum_problem(value: int, held: int, typed: int) -> str:
    if not typed:
        return (
            f"適用開始月より前の月別の目標の合計（{held:,}）より小さい年間目標（{value:,}）"
            "にはできません。"
        )
    return (
        f"月別の目標の合計（適用開始月より前{held:,}＋以後{typed:,}）が"
        f"年間目標（{value:,}）と一致しません。"
    )


def read_amendment(
    content: Mapping[str, Any],
    base: Agreed,
    texts: Mapping[str, str],
    *,
    kept: int,
    codes: Sequence[str],
) -> Amended:
    """The content of the next version from the fields; nothing raises, faults are named.

    ``texts`` holds every field (``base_texts`` with what was typed); ``kept`` counts the months
    before the effective month.
    """
    reader = _Reader(texts, kept)
    made = copy.deepcopy(dict(content))
    made.pop("amendment", None)
    for name in SECTIONS:
        if name in content:
            made[name] = reader.text(name, LONGEST_SECTION)
    _read_targets(reader, made, base)
    _read_areas(reader, made, base, codes)
    compared = {**dict(content), "amendment": None}
    return Amended(
        made,
        reader.problems,
        is_changed={**made, "amendment": None} != compared,
        new_zeros=tuple(
            row["code"] for row in made["targets"] if row["value"] == 0 and not row["zero_approved"]
        ),
    )


def _read_targets(reader: _Reader, made: dict[str, Any], base: Agreed) -> None:
    for row in made["targets"]:
        before = base.target(row["code"])
        name = f"target_{row['code']}"
        value = reader.count(name)
        if before is None:
            continue
        if value is None:
            reader.problems.setdefault(name, "年間目標を入力してください。")
            continue
        _move(reader, row, name, value, before.value, before.phasing)
        row["value"] = value
        row["zero_approved"] = before.is_zero_approved and value == 0


def _move(
    reader: _Reader,
    row: dict[str, Any],
    name: str,
    value: int,
    before: int,
    phasing: Sequence[int],
) -> None:
    """New months of a row, when its target or one of its months changed."""
    typed = reader.is_typed(row["code"])
    if value == before and not typed:
        return
    basis = tuple(phasing) or share_rest(before, [1] * MONTHS)
    row["phasing"] = list(reader.phasing(row["code"], name, value, basis))
    row["phasing_method"] = ENTERED if typed else row.get("phasing_method", "")


def _read_areas(reader: _Reader, made: dict[str, Any], base: Agreed, codes: Sequence[str]) -> None:
    rows = {row["code"]: row for row in made["focus_areas"]}
    areas = [
        row for code in codes if (row := _read_area(reader, code, rows.get(code), base)) is not None
    ]
    made["focus_areas"] = areas
    if not areas:
        reader.problems.setdefault(
            f"{slot_of(codes[0])}_name",
            "重点分野は1つ以上必要です。名称と年間目標を入力してください。",
        )
    weights = [None if row["weight"] is None else Decimal(row["weight"]) for row in areas]
    for text in weight_problems(weights)[:1]:
        reader.problems.setdefault(f"{slot_of(areas[0]['code'])}_weight", text)


def _read_area(
    reader: _Reader, code: str, row: dict[str, Any] | None, base: Agreed
) -> dict[str, Any] | None:
    """The row of an area; None when its name and target are blank (not chosen, or given up)."""
    key = slot_of(code)
    words = {part: reader.text(f"{key}_{part}", longest) for part, longest in AREA_TEXTS.items()}
    target, weight = reader.count(f"{key}_target"), reader.weight(f"{key}_weight")
    blank = not words["name"] and target is None and f"{key}_target" not in reader.problems
    if blank and (row is not None or not words["description"]):
        return None
    if not words["name"]:
        reader.problems.setdefault(f"{key}_name", "重点分野の名称を入力してください。")
    if target is None:
        reader.problems.setdefault(f"{key}_target", "重点分野の年間目標を入力してください。")
        target = 0
    made = row if row is not None else _new_area(code, words["unit"])
    before = base.area(code)
    if row is not None and words["unit"] != row["unit"]:
        message = "単位は変更できません。別の重点分野として追加してください。"
        reader.problems.setdefault(f"{key}_unit", message)
    phasing = before.phasing if before else (0,) * MONTHS
    _move(reader, made, f"{key}_target", target, (before.target or 0) if before else 0, phasing)
    made.update(
        name=words["name"],
        description=words["description"],
        target=target,
        weight=None if weight is None else str(weight),
    )
    if row is None and not words["evidence"]:
        message = "何を根拠に1件と数えるかを入力してください。"
        reader.problems.setdefault(f"{key}_evidence", message)
    if words["evidence"] or "evidence_rule" in made:
        made["evidence_rule"] = words["evidence"]
    return made


def _new_area(code: str, unit: str) -> dict[str, Any]:
    return {
        "code": code,
        "name": "",
        "description": "",
        "indicator": "",
        "measure": "",
        "evidence_rule": "",
        "unit": unit or DEFAULT_UNIT,
        "target": None,
        "phasing": [],
        "phasing_method": "",
        "weight": None,
        "challenge": str(NO_CHALLENGE),
        "reason": "",
        "challenge_approved": False,
    }
