"""What a plan may say: targets, challenge factors, focus areas (evaluation.md 1.2-1.3).

A plan is handled as a flat mapping of field name to typed text, so that the form, the autosave
and the import share one reading. Names: regional_analysis, business_plan, target_CONS,
challenge_CONS, reason_CONS, f1_name, f1_description, f1_unit, f1_target, f1_weight, f1_challenge,
f1_reason.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from yorozu.core import figures
from yorozu.core.figures import Blank

CHALLENGES = (Decimal("1.00"), Decimal("1.05"), Decimal("1.10"))
NO_CHALLENGE = CHALLENGES[0]
MAX_AREAS = 5
MIN_WEIGHT, MAX_WEIGHT = Decimal("0.1"), Decimal("0.6")
SMALL_TARGET = 30
SMALL_TARGET_WORD = "小さい目標値"
DEFAULT_UNIT = "件"
MAX_VALUE = 9_999_999
SECTIONS = {"regional_analysis": "地域分析", "business_plan": "事業計画"}
AREA_PARTS = {
    "name": "名称",
    "description": "内容",
    "unit": "単位",
    "target": "目標値",
    "weight": "重み",
    "challenge": "挑戦係数",
    "reason": "挑戦係数の理由",
}
TARGET_PARTS = {"target": "目標値", "challenge": "挑戦係数", "reason": "挑戦係数の理由"}
_LONGEST = {
    "regional_analysis": 20_000,
    "business_plan": 20_000,
    "name": 60,
    "description": 2_000,
    "unit": 10,
    "reason": 200,
}


@dataclass(frozen=True)
class TargetDraft:
    """The target of one indicator."""

    code: str
    value: int
    challenge: Decimal = NO_CHALLENGE
    reason: str = ""


@dataclass(frozen=True)
class AreaDraft:
    """One focus area; ``slot`` 1-5 is its place in the form and gives the code F1-F5."""

    slot: int
    name: str
    description: str = ""
    unit: str = DEFAULT_UNIT
    target: int | None = None
    weight: Decimal | None = None
    challenge: Decimal = NO_CHALLENGE
    reason: str = ""

    @property
    def code(self) -> str:
        """F1 to F5."""
        return f"F{self.slot}"


@dataclass(frozen=True)
class PlanDraft:
    """A plan as read from texts; ``problems`` are by field name, their values are left out."""

    regional_analysis: str
    business_plan: str
    targets: tuple[TargetDraft, ...]
    areas: tuple[AreaDraft, ...]
    problems: Mapping[str, str] = field(default_factory=dict)


def field_names(codes: Iterable[str]) -> list[str]:
    """All field names of a plan with these indicators, in the order of the form."""
    names = list(SECTIONS)
    names += [f"{part}_{code}" for code in codes for part in TARGET_PARTS]
    names += [f"f{slot}_{part}" for slot in range(1, MAX_AREAS + 1) for part in AREA_PARTS]
    return names


def field_label(name: str, indicator_names: Mapping[str, str]) -> str:
    """Japanese label of a field name: 相談対応件数の目標値, 重点分野1の重み."""
    if name in SECTIONS:
        return SECTIONS[name]
    head, _, tail = name.partition("_")
    if tail in indicator_names:
        return f"{indicator_names[tail]}の{TARGET_PARTS[head]}"
    return f"重点分野{head[1:]}の{AREA_PARTS[tail]}"


class _Reader:
    """Reads texts field by field and gathers what cannot be taken."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts
        self.problems: dict[str, str] = {}

    def text(self, name: str, kind: str) -> str:
        typed = self.texts.get(name, "").replace("\r\n", "\n").strip()
        longest = _LONGEST[kind]
        if len(typed) > longest:
            self.problems[name] = f"{longest:,}文字以内で入力してください（{len(typed):,}文字）。"
            return ""
        return typed

    def count(self, name: str) -> int | None:
        typed = self.texts.get(name, "").strip()
        try:
            value = figures.parse_count(typed)
        except figures.FigureError as error:
            self.problems[name] = str(error)
            return None
        if isinstance(value, Blank):
            if value is Blank.NOT_APPLICABLE:
                self.problems[name] = "目標値は数で入力してください（－は使えません）。"
            return None
        if not 0 <= value <= MAX_VALUE:
            self.problems[name] = f"0から{MAX_VALUE:,}までの整数で入力してください。"
            return None
        return value

    def weight(self, name: str) -> Decimal | None:
        typed = self.texts.get(name, "").strip()
        try:
            value = figures.parse_decimal(typed, 2)
        except figures.FigureError as error:
            self.problems[name] = str(error)
            return None
        if isinstance(value, Blank):
            return None
        if not MIN_WEIGHT <= value <= 1:
            self.problems[name] = "0.1から1までの数で入力してください。"
            return None
        return value.quantize(Decimal("0.01"))

    def challenge(self, name: str, reason_name: str) -> tuple[Decimal, str]:
        """A factor above 1.00 counts only together with its reason."""
        typed = self.texts.get(name, "").strip()
        reason = self.text(reason_name, "reason")
        try:
            value = figures.parse_decimal(typed) if typed else NO_CHALLENGE
        except figures.FigureError as error:
            self.problems[name] = str(error)
            return NO_CHALLENGE, reason
        if isinstance(value, Blank) or value not in CHALLENGES:
            self.problems[name] = "挑戦係数は1.00、1.05、1.10のどれかです。"
            return NO_CHALLENGE, reason
        if value != NO_CHALLENGE and not reason:
            self.problems.setdefault(
                reason_name, "挑戦係数を1.00より大きくする理由を入力してください。"
            )
            self.problems[name] = "理由の入力が必要です。"
            return NO_CHALLENGE, reason
        return value.quantize(Decimal("0.01")), reason


def read_plan(texts: Mapping[str, str], codes: Sequence[str]) -> PlanDraft:
    """Texts to a checked plan; nothing raises, every fault is named at its field."""
    reader = _Reader(texts)
    sections = [reader.text(name, name) for name in SECTIONS]
    targets = [target for code in codes if (target := _target(reader, code)) is not None]
    areas = [area for slot in range(1, MAX_AREAS + 1) if (area := _area(reader, slot)) is not None]
    return PlanDraft(sections[0], sections[1], tuple(targets), tuple(areas), reader.problems)


def _target(reader: _Reader, code: str) -> TargetDraft | None:
    value = reader.count(f"target_{code}")
    challenge, reason = reader.challenge(f"challenge_{code}", f"reason_{code}")
    if value is not None:
        return TargetDraft(code, value, challenge, reason)
    if challenge != NO_CHALLENGE or reason:
        message = "先に目標値を入力してください。"
        reader.problems.setdefault(f"target_{code}", message)
        for part in ("challenge", "reason"):
            reader.problems.setdefault(f"{part}_{code}", message)
    return None


def _area(reader: _Reader, slot: int) -> AreaDraft | None:
    key = f"f{slot}"
    name = reader.text(f"{key}_name", "name")
    description = reader.text(f"{key}_description", "description")
    unit = reader.text(f"{key}_unit", "unit") or DEFAULT_UNIT
    target, weight = reader.count(f"{key}_target"), reader.weight(f"{key}_weight")
    challenge, reason = reader.challenge(f"{key}_challenge", f"{key}_reason")
    said = (name, description, reason)
    if not any(said) and target is None and weight is None and challenge == NO_CHALLENGE:
        return None
    return AreaDraft(slot, name, description, unit, target, weight, challenge, reason)


def focus_problems(areas: Sequence[AreaDraft]) -> list[str]:
    """Why the focus areas cannot be submitted yet: number, names, targets, weights (S73)."""
    if not any(area.target is not None for area in areas):
        return ["数値目標のある重点分野が1つもありません。1つ以上入力してください。"]
    problems = []
    if len(areas) > MAX_AREAS:
        problems.append(f"重点分野は{MAX_AREAS}つまでです。")
    for area in areas:
        if not area.name:
            problems.append(f"重点分野{area.slot}の名称がありません。")
        if area.target is None:
            problems.append(f"重点分野{area.slot}の数値目標がありません。")
    return problems + weight_problems([area.weight for area in areas])


def weight_problems(weights: Sequence[Decimal | None]) -> list[str]:
    """Two areas or more: each 0.1 to 0.6, together exactly 1; all blank means equal weights."""
    given = [weight for weight in weights if weight is not None]
    if not given:
        return []
    if len(given) < len(weights):
        return ["重点分野の重みは、全部に入力するか、全部空欄（均等）にしてください。"]
    problems = []
    if len(given) >= 2 and not all(MIN_WEIGHT <= weight <= MAX_WEIGHT for weight in given):
        problems.append("重点分野が2つ以上のとき、重みはそれぞれ0.1から0.6までです。")
    if sum(given) != 1:
        problems.append(f"重点分野の重みの合計が1になりません（現在{sum(given)}）。")
    return problems


def is_small_target(target: int | None) -> bool:
    """Below 30 events a focus target is noise: flagged at the interview (evaluation.md 1.2)."""
    return target is not None and target < SMALL_TARGET
