"""What a plan may say: targets, challenge factors, focus areas (evaluation.md 1.2-1.3).

A plan is handled as a flat mapping of field name to typed text, so that the form, the autosave
and the import share one reading. Names: regional_analysis, business_plan, target_CONS,
phasing_CONS, challenge_CONS, reason_CONS, f1_name, f1_description, f1_indicator, f1_measure,
f1_evidence, f1_unit, f1_target, f1_phasing, f1_weight, f1_challenge, f1_reason. A phasing is one
text of twelve numbers (300/310/...); blank means that it is spread by the season.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from hubs.plans.rules.phasing import ALL_OPEN, PhasingError, read_months, sum_problem
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
# The analysis has the three parts of the paper (S70): firms, support, what is needed.
SECTIONS = {
    "regional_analysis": "地域分析",
    "support_analysis": "支援の状況",
    "regional_issues": "地域の課題",
    "business_plan": "事業計画",
    "staffing": "体制",
}
# Without these two no plan is sent (S70, S71); the others are asked for at the interview.
REQUIRED_SECTIONS = ("regional_analysis", "business_plan")
AREA_PARTS = {
    "name": "名称",
    "description": "内容",
    "indicator": "数え方",
    "measure": "独自の指標",
    "evidence": "根拠の定め",
    "unit": "単位",
    "target": "目標値",
    "phasing": "月別の目標",
    "weight": "重み",
    "challenge": "挑戦係数",
    "reason": "挑戦係数の理由",
}
TARGET_PARTS = {
    "target": "目標値",
    "phasing": "月別の目標",
    "challenge": "挑戦係数",
    "reason": "挑戦係数の理由",
}
_AREA_WORDS = ("name", "description", "measure", "evidence")
LONGEST = {
    **dict.fromkeys(SECTIONS, 20_000),
    "name": 60,
    "description": 2_000,
    "measure": 60,
    "evidence": 400,
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
    phasing: tuple[int, ...] | None = None


@dataclass(frozen=True)
class AreaDraft:
    """One focus area; ``slot`` 1-5 is its place in the form and gives the code F1-F5.

    ``indicator`` is the code of the indicator whose way of counting it uses, blank for a
    ``measure`` of its own.
    """

    slot: int
    name: str
    description: str = ""
    unit: str = DEFAULT_UNIT
    target: int | None = None
    indicator: str = ""
    measure: str = ""
    evidence: str = ""
    phasing: tuple[int, ...] | None = None
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

    sections: Mapping[str, str]
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


def section_of(name: str) -> str:
    """The part of the plan that a field belongs to: a section, target_CONS, or f1."""
    if name in SECTIONS:
        return name
    head, _, tail = name.partition("_")
    return head if tail in AREA_PARTS else f"target_{tail}"


def section_names(codes: Iterable[str]) -> list[str]:
    """The parts of a plan that a comment may be about, in the order of the page."""
    targets = [f"target_{code}" for code in codes]
    areas = [f"f{slot}" for slot in range(1, MAX_AREAS + 1)]
    return ["regional_figures", *SECTIONS, *targets, *areas]


def section_label(section: str, indicator_names: Mapping[str, str]) -> str:
    """Japanese name of a part: 地域分析, 相談対応件数の目標, 重点分野1."""
    if section == "regional_figures":
        return "地域の数値"
    if section in SECTIONS:
        return SECTIONS[section]
    if section.startswith("target_"):
        code = section.removeprefix("target_")
        return f"{indicator_names.get(code, code)}の目標"
    return f"重点分野{section[1:]}"


class _Reader:
    """Reads texts field by field and gathers what cannot be taken."""

    def __init__(self, texts: Mapping[str, str], is_open: Sequence[bool]) -> None:
        self.texts = texts
        self.is_open = is_open
        self.problems: dict[str, str] = {}

    def text(self, name: str, kind: str) -> str:
        typed = self.texts.get(name, "").replace("\r\n", "\n").strip()
        longest = LONGEST[kind]
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

    def phasing(self, name: str, total: int | None) -> tuple[int, ...] | None:
        """Typed months that add up to the target; None when they are to be spread."""
        try:
            months = read_months(self.texts.get(name, ""), self.is_open)
        except PhasingError as error:
            self.problems[name] = str(error)
            return None
        if months is None:
            return None
        if total is None:
            self.problems[name] = "先に目標値を入力してください。"
            return None
        if problem := sum_problem(months, total):
            self.problems[name] = problem
            return None
        return months

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


def read_plan(
    texts: Mapping[str, str],
    units: Mapping[str, str] | Sequence[str],
    is_open: Sequence[bool] = ALL_OPEN,
) -> PlanDraft:
    """Texts to a checked plan; nothing raises, every fault is named at its field.

    ``units`` are the units of the indicators by code (codes alone stand for 件); ``is_open`` says
    in which months the hub is in operation.
    """
    known = units if isinstance(units, Mapping) else dict.fromkeys(units, DEFAULT_UNIT)
    reader = _Reader(texts, is_open)
    sections = {name: reader.text(name, name) for name in SECTIONS}
    targets = [target for code in known if (target := _target(reader, code)) is not None]
    slots = range(1, MAX_AREAS + 1)
    areas = [area for slot in slots if (area := _area(reader, slot, known)) is not None]
    return PlanDraft(sections, tuple(targets), tuple(areas), reader.problems)


def _target(reader: _Reader, code: str) -> TargetDraft | None:
    value = reader.count(f"target_{code}")
    challenge, reason = reader.challenge(f"challenge_{code}", f"reason_{code}")
    phasing = reader.phasing(f"phasing_{code}", value)
    if value is not None:
        return TargetDraft(code, value, challenge, reason, phasing)
    if challenge != NO_CHALLENGE or reason:
        message = "先に目標値を入力してください。"
        reader.problems.setdefault(f"target_{code}", message)
        for part in ("challenge", "reason"):
            reader.problems.setdefault(f"{part}_{code}", message)
    return None


def _area(reader: _Reader, slot: int, units: Mapping[str, str]) -> AreaDraft | None:
    key = f"f{slot}"
    words = {part: reader.text(f"{key}_{part}", part) for part in _AREA_WORDS}
    unit = reader.text(f"{key}_unit", "unit") or DEFAULT_UNIT
    indicator = _counted_as(reader, f"{key}_indicator", units)
    target, weight = reader.count(f"{key}_target"), reader.weight(f"{key}_weight")
    phasing = reader.phasing(f"{key}_phasing", target)
    challenge, reason = reader.challenge(f"{key}_challenge", f"{key}_reason")
    said = (*words.values(), reason, indicator)
    if not any(said) and target is None and weight is None and challenge == NO_CHALLENGE:
        return None
    return AreaDraft(
        slot=slot,
        **words,
        unit=units[indicator] if indicator else unit,
        indicator=indicator,
        target=target,
        phasing=phasing,
        weight=weight,
        challenge=challenge,
        reason=reason,
    )


def _counted_as(reader: _Reader, name: str, units: Mapping[str, str]) -> str:
    typed = reader.texts.get(name, "").strip()
    if typed and typed not in units:
        reader.problems[name] = "この期の活動指標から選ぶか、空欄（独自の指標）にしてください。"
        return ""
    return typed


def focus_gaps(areas: Sequence[AreaDraft]) -> list[tuple[str, str]]:
    """(field, sentence) of what the focus areas lack before a submission (S73)."""
    if not any(area.target is not None for area in areas):
        return [("f1_target", "数値目標のある重点分野が1つもありません。1つ以上入力してください。")]
    found = []
    if len(areas) > MAX_AREAS:
        found.append(("f1_name", f"重点分野は{MAX_AREAS}つまでです。"))
    for area in areas:
        if not area.name:
            found.append((f"f{area.slot}_name", f"重点分野{area.slot}の名称がありません。"))
        if area.target is None:
            found.append((f"f{area.slot}_target", f"重点分野{area.slot}の数値目標がありません。"))
    weights = weight_problems([area.weight for area in areas])
    return found + [("f1_weight", text) for text in weights]


def focus_problems(areas: Sequence[AreaDraft]) -> list[str]:
    """Why the focus areas cannot be submitted yet: number, names, targets, weights (S73)."""
    return [text for _, text in focus_gaps(areas)]


_EVIDENCE = "独自の指標は、何を根拠に数えるかを入力してください。"


def evidence_gaps(areas: Sequence[AreaDraft]) -> list[tuple[str, str]]:
    """(field, sentence): an own measure needs its evidence rule (evaluation.md 1.3)."""
    return [
        (f"f{area.slot}_evidence", f"重点分野{area.slot}の根拠の定めがありません。{_EVIDENCE}")
        for area in areas
        if not area.indicator and not area.evidence
    ]


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
