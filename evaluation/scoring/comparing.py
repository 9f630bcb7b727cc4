"""Results under both schemes, when the year's rules were changed (evaluation.md 5).

A run judges by one scheme. Where another one was registered for the same year, the frozen input of
the run is computed by that one too, with the engine of the run. Nothing is stored: the same input
and the same scheme always give the same result.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils import timezone

from evaluation.scoring.models import EvaluationRun
from evaluation.scoring.queries import ENGINES, input_of
from hubs.terms.models import YearRules
from hubs.terms.queries import registered_parts
from yorozu.core import figures
from yorozu.core.canonical import canonical_hash
from yorozu.core.fiscal import wareki


@dataclass(frozen=True)
class Outcome:
    """What a hub would have got."""

    final: Decimal | None
    is_graded: bool
    grade: str
    rank: int | None

    def change(self, final: Decimal | None) -> Decimal | None:
        """From this outcome to the one of the run."""
        return None if final is None or self.final is None else final - self.final


@dataclass(frozen=True)
class UnderScheme:
    """A run's input under the scheme of another registered version of its year's rules.

    ``fault`` says why the engine refused; then there are no outcomes.
    """

    label: str
    title: str
    hubs: Mapping[str, Outcome] = field(default_factory=dict)
    mean: Decimal | None = None
    fault: str = ""


def under_other_schemes(run: EvaluationRun) -> list[UnderScheme]:
    """The run under each other scheme registered for its year, the oldest first; mostly none.

    One query; a year whose scheme was never changed computes nothing.
    """
    versions = list(run.term.year_rules.order_by("version"))
    if len(versions) < 2:
        return []
    given = input_of(run)
    own = canonical_hash(given.get("scheme"))
    schemes: dict[str, tuple[YearRules, Any]] = {}
    for row in versions:
        scheme = registered_parts(row).get("scheme")
        if scheme is not None:
            schemes.setdefault(canonical_hash(scheme), (row, scheme))
    standing = schemes.pop(own, None)
    mine = standing[0].version if standing else 0
    return [
        _computed(run, {**given, "scheme": scheme}, row, mine) for row, scheme in schemes.values()
    ]


def _computed(
    run: EvaluationRun, given: dict[str, Any], rules: YearRules, mine: int
) -> UnderScheme:
    label = "変更後の基準" if mine and rules.version > mine else "変更前の基準"
    if abs(rules.version - mine) > 1:
        label = f"第{rules.version}版の基準"
    day = wareki(timezone.localtime(rules.published_at).date())
    title = f"{label}（年度の規則 第{rules.version}版、{day}登録）"
    try:
        result = ENGINES[run.engine](given)
    except (TypeError, ValueError) as error:
        return UnderScheme(label, title, fault=str(error))
    hubs = {row["code"]: _outcome(row) for row in result["hubs"]}
    scores = [one.final for one in hubs.values() if one.is_graded and one.final is not None]
    mean = figures.q(sum(scores, Decimal(0)) / len(scores), 2) if scores else None
    return UnderScheme(label, title, hubs, mean)


def _outcome(row: Mapping[str, Any]) -> Outcome:
    final = None if row["final"] is None else Decimal(row["final"])
    return Outcome(final, row["graded"], row["grade"] or "", row["rank"])
