"""A hub beside those of like size and beside its own earlier years (evaluation.md 2.10, 2.13)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F

from evaluation.scoring.models import EvaluationRun, RunHubResult, RunState
from evaluation.scoring.rules.peers import peer_groups, places
from yorozu.core import figures
from yorozu.core.access import Scope

EARLIER_TERMS = 3


@dataclass(frozen=True)
class Peer:
    """Where a hub stands among the hubs of its size: rank only if it is graded."""

    group: int
    hubs: int
    graded: int
    rank: int | None
    mean: Decimal | None


@dataclass(frozen=True)
class EarlierTerm:
    """The published result of an earlier year; points of other schemes are not comparable."""

    fiscal_year: int
    final: Decimal | None
    grade: str
    rank: int | None
    is_same_scheme: bool


def peers(run: EvaluationRun) -> dict[str, Peer]:
    """By hub code, from the numbers of SMEs in the frozen books; hubs without one are left out."""
    held = run.hub_results.filter(evidence_book__isnull=False)
    rows = held.values_list("hub__code", "evidence_book__content", "is_graded", "final")
    sizes: dict[str, int] = {}
    scores: dict[str, Decimal] = {}
    for code, content, is_graded, final in rows:
        smes = _smes(content)
        if smes is not None:
            sizes[code] = smes
            if is_graded and final is not None:
                scores[code] = final
    groups = peer_groups(sizes)
    found: dict[str, Peer] = {}
    for group in sorted(set(groups.values())):
        members = [code for code in groups if groups[code] == group]
        graded = {code: scores[code] for code in members if code in scores}
        found |= _peers_of(group, members, graded)
    return found


def _peers_of(group: int, members: list[str], graded: Mapping[str, Decimal]) -> dict[str, Peer]:
    ranks = places(graded)
    total = sum(graded.values(), Decimal(0))
    mean = figures.q(total / len(graded), 2) if graded else None
    return {code: Peer(group, len(members), len(graded), ranks.get(code), mean) for code in members}


def _smes(content: str) -> int | None:
    rows = json.loads(content).get("regional_figures", [])
    return next((row["value"] for row in rows if row["code"] == "smes"), None)


def earlier_terms(result: RunHubResult, scope: Scope) -> list[EarlierTerm]:
    """Published results of the hub in the three years before, the latest first."""
    year, run = result.run.term.fiscal_year, result.run
    rows = (
        RunHubResult.objects.visible_to(scope)
        .filter(hub=result.hub_id, run__state=RunState.PUBLISHED)
        .filter(run__term__fiscal_year__range=(year - EARLIER_TERMS, year - 1))
        .exclude(run__kind="provisional")
        .annotate(year=F("run__term__fiscal_year"), scheme=F("run__scheme__content_hash"))
        .order_by("-year", "-run__number")
    )
    newest: dict[int, EarlierTerm] = {}
    for row in rows:
        newest.setdefault(
            row.year,
            EarlierTerm(
                fiscal_year=row.year,
                final=row.final,
                grade=row.grade if row.is_graded else "",
                rank=row.rank,
                is_same_scheme=row.scheme == run.scheme.content_hash,
            ),
        )
    return list(newest.values())
