"""When guidance is due and at which level, with the numbers said in words (evaluation.md 4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

from evaluation.guidance.rules.method import Method
from yorozu.core import exact

LEVELS = {1: "助言", 2: "重点指導", 3: "特別指導"}
NONE, ADVICE, PRIORITY, SPECIAL = range(4)
INDICATORS, FOCUS = "IND", "FOC"


class TriggerKind(Enum):
    """The six reasons for guidance in few words; any one is enough."""

    LOWEST = ("lowest", "評語が最低")
    LOW_TWICE = ("low_twice", "低い評語が2期")
    COMPONENT = ("component", "下限を下回る区分")
    FALL = ("fall", "大きな低下")
    CHANCE = ("chance", "下限を下回る見込み")
    FINDING = ("finding", "実績の指摘")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


@dataclass(frozen=True)
class Trigger:
    """One reason with its numbers as text and the sentence that says them."""

    kind: TriggerKind
    sentence: str
    numbers: Mapping[str, str]

    def as_fact(self) -> dict[str, object]:
        """The shape in which a case keeps it."""
        return {"kind": self.kind.code, "sentence": self.sentence, "numbers": dict(self.numbers)}


@dataclass(frozen=True)
class Judged:
    """One hub in a published run, and the words of the scheme it was judged by.

    ``grades``: (name, lower bound) from the best to the worst. ``low``: points of the components
    under the scheme's ``limit``. ``chance``: probability that the true score lies under the bound
    of the second-lowest grade, None while no interval was computed.
    """

    is_graded: bool
    final: Decimal | None
    grade: str
    grades: Sequence[tuple[str, Decimal]]
    scheme_hash: str
    low: Mapping[str, Decimal] = field(default_factory=dict)
    limit: Decimal | None = None
    findings: Sequence[str] = ()
    chance: Decimal | None = None
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Earlier:
    """The same hub in the published run of the term before; ``level`` of its case then, 0 none."""

    label: str
    is_graded: bool
    final: Decimal | None
    grade: str
    scheme_hash: str
    level: int = NONE


def triggers_of(now: Judged, before: Earlier | None, method: Method) -> list[Trigger]:
    """All reasons that hold, in the order of the method.

    A hub without a grade (too little evidence, too few months) is judged for information only:
    of it only a finding about its figures counts.
    """
    found = [*_of_score(now, before, method)] if now.is_graded else []
    if now.findings:
        said = "、".join(now.findings)
        found.append(
            Trigger(
                TriggerKind.FINDING,
                f"実績についての指摘が解消されていません（{said}）。",
                {"findings": str(len(now.findings))},
            )
        )
    return found


def _of_score(now: Judged, before: Earlier | None, method: Method) -> list[Trigger]:
    checks = (
        _lowest(now),
        _low_twice(now, before),
        *_components(now),
        _fall(now, before, method),
        _chance(now, method),
    )
    return [trigger for trigger in checks if trigger is not None]


def _lowest(now: Judged) -> Trigger | None:
    (above, cut), (lowest, _) = now.grades[-2:]
    if now.grade != lowest:
        return None
    return Trigger(
        TriggerKind.LOWEST,
        f"評語が最も低い{lowest}です（総合点{now.final}点、評語{above}の下限は{cut}点）。",
        {"grade": lowest, "final": str(now.final), "cut": str(cut)},
    )


def _low_twice(now: Judged, before: Earlier | None) -> Trigger | None:
    """The second-lowest grade again; after the lowest one it is still the second low term."""
    second, lowest = now.grades[-2][0], now.grades[-1][0]
    if now.grade != second or before is None or not before.is_graded:
        return None
    if before.grade not in {second, lowest}:
        return None
    return Trigger(
        TriggerKind.LOW_TWICE,
        f"評語が{now.grade}で、前の期（{before.label}）も{before.grade}でした。",
        {"grade": now.grade, "before": before.grade},
    )


def _components(now: Judged) -> list[Trigger]:
    return [
        Trigger(
            TriggerKind.COMPONENT,
            f"「{now.names.get(code, code)}」が{_below(points, now.limit)}点で、"
            f"下限の{now.limit}点を下回っています。",
            {"component": code, "points": str(points), "limit": str(now.limit)},
        )
        for code, points in now.low.items()
    ]


def _below(points: Decimal, limit: Decimal | None) -> Decimal:
    """Points as the other pages say them, unless the rounding would hide that they are too low."""
    said = exact.rounded(points, 2)
    return points if limit is not None and said >= limit else said


def _fall(now: Judged, before: Earlier | None, method: Method) -> Trigger | None:
    """Only under the same scheme: other weights move the scale itself."""
    if before is None or before.final is None or now.final is None or not before.is_graded:
        return None
    fallen = before.final - now.final
    if before.scheme_hash != now.scheme_hash or fallen < method.fall:
        return None
    return Trigger(
        TriggerKind.FALL,
        f"総合点が前の期（{before.label}）の{before.final}点から{now.final}点へ、"
        f"{fallen}点下がりました（同じ評価基準。{method.fall}点以上の低下が条件）。",
        {"before": str(before.final), "final": str(now.final), "fallen": str(fallen)},
    )


def _chance(now: Judged, method: Method) -> Trigger | None:
    if now.chance is None or now.chance < method.chance:
        return None
    cut = now.grades[-2][1]
    return Trigger(
        TriggerKind.CHANCE,
        f"総合点が{cut}点を下回る確率が{now.chance:.2f}です（{method.chance}以上が条件）。",
        {"chance": str(now.chance), "cut": str(cut)},
    )


def level_of(triggers: Sequence[Trigger], before: Earlier | None) -> int:
    """Level 0 (none) to 3: advice, priority guidance, special guidance.

    The lowest grade, or a low one twice, is level 2; level 2 two terms running is level 3; every
    other reason alone is advice.
    """
    kinds = {trigger.kind for trigger in triggers}
    if not kinds:
        return NONE
    if not kinds & {TriggerKind.LOWEST, TriggerKind.LOW_TWICE}:
        return ADVICE
    return SPECIAL if before is not None and before.level >= PRIORITY else PRIORITY


def level_sentence(level: int, before: Earlier | None = None) -> str:
    """Why this level, for the preview and the record."""
    if level == SPECIAL and before is not None:
        return f"前の期（{before.label}）に続いて重点指導の条件に当てはまるため、特別指導です。"
    return {
        NONE: "発動の条件に当てはまりません。",
        ADVICE: "評価区分などの一部に課題があるため、助言です。",
        PRIORITY: "評語が最も低いか、低い評語が2期続いたため、重点指導です。",
        SPECIAL: "重点指導が2期続くため、特別指導です。",
    }[level]


def watched_items(
    items: Sequence[tuple[str, str, Decimal | None]], standard: Decimal
) -> tuple[str, ...]:
    """What the months of the guided year are held against: weak indicators and focus areas.

    ``items``: (component, item, points) of the run. Indicators under ``standard`` points (80 = as
    agreed) are watched by their code; one weak focus area puts all of the year's areas under FOC,
    because areas are chosen anew each year. Nothing weak: all indicators.
    """
    weak = [
        (part, code) for part, code, points in items if points is not None and points < standard
    ]
    codes = [code for part, code in weak if part == INDICATORS]
    if any(part == FOCUS for part, _ in weak):
        codes.append(FOCUS)
    return tuple(codes) or tuple(code for part, code, _ in items if part == INDICATORS)
