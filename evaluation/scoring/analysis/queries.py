"""Analyses as screens, reports and the certificate read them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from evaluation.evidence.models import EvidenceBook
from evaluation.evidence.readings import accepted_months, item_names, regional_values
from evaluation.scoring.analysis import words
from evaluation.scoring.analysis.models import RunAnalysis
from evaluation.scoring.models import EvaluationRun, RunHubResult
from evaluation.scoring.queries import COMPONENTS
from evaluation.scoring.rules import analysis as rules
from evaluation.scoring.rules.regional import PREDICTORS
from yorozu.core import figures

# Parsed analyses stay as their texts do: a hash names one content for ever.
KEPT = 8
_UNDRAWN: Mapping[str, Any] = {"score": [], "rank": None, "grades": None, "near": []}


@dataclass(frozen=True)
class HubOutlook:
    """What the analysis says of one hub; ranks, chances and verdict only for a graded one.

    ``score`` and ``rank`` are the 5th, 50th and 95th of a hundred draws by measurement alone,
    ``moved_score`` and ``moved_rank`` with the weights moved as well; empty where nothing can be
    drawn. Chances are in percent.
    """

    score: tuple[Decimal, ...]
    moved_score: tuple[Decimal, ...]
    rank: tuple[int, ...] | None
    moved_rank: tuple[int, ...] | None
    chances: tuple[tuple[str, Decimal], ...]
    near: tuple[str, ...]
    depends_on: tuple[str, ...] | None

    @property
    def is_robust(self) -> bool:
        """Whether the grade is the same under every other assumption."""
        return self.depends_on == ()

    @property
    def rank_text(self) -> str:
        """The rank as a range."""
        return words.rank_range(self.rank)

    @property
    def score_text(self) -> str:
        """The score as a range."""
        return words.score_range(self.score)


@dataclass(frozen=True)
class Analysis:
    """A run's analysis, read: the row's facts and the content of its two texts."""

    row: RunAnalysis
    given: Mapping[str, Any]
    content: Mapping[str, Any]
    hubs: Mapping[str, HubOutlook]


def analysis_of(run: EvaluationRun) -> Analysis | None:
    """The analysis of a run; None where it has none yet. Two queries at most."""
    light = RunAnalysis.objects.filter(run=run).defer("snapshot", "result").first()
    if light is None:
        return None
    content = _content(light.pk, light.input_hash, light.result_hash)
    return Analysis(light, content.given, content.result, content.hubs)


def rank_texts(run: EvaluationRun) -> dict[str, str]:
    """Ranks as ranges by hub code; empty for a run without analysis."""
    found = analysis_of(run)
    return {code: hub.rank_text for code, hub in found.hubs.items()} if found else {}


def rank_text(run: EvaluationRun, code: str, rank: int | None) -> str:
    """A hub's rank as it is shown: the range where the run is analysed, else the bare rank."""
    return rank_texts(run).get(code) or (f"{rank}位" if rank else "")


@dataclass(frozen=True)
class _Content:
    given: Mapping[str, Any]
    result: Mapping[str, Any]
    hubs: Mapping[str, HubOutlook]


@lru_cache(maxsize=KEPT)
def _content(pk: int, input_hash: str, result_hash: str) -> _Content:
    """Read the texts of a row once in a process; the hashes say that it is the same row."""
    row = RunAnalysis.objects.get(pk=pk)
    given, result = json.loads(row.snapshot), json.loads(row.result)
    return _Content(given, result, dict(_outlooks(given["draws"], result)))


def _outlooks(draws: int, result: Mapping[str, Any]) -> Iterator[tuple[str, HubOutlook]]:
    drawn = result["intervals"] or {"m": {}, "mw": {}}
    verdicts = result["verdicts"]
    for code in sorted({*drawn["m"], *verdicts}):
        hub, moved = drawn["m"].get(code, _UNDRAWN), drawn["mw"].get(code, _UNDRAWN)
        depends = verdicts[code]["depends_on"] if code in verdicts else None
        yield (
            code,
            HubOutlook(
                score=tuple(map(Decimal, hub["score"])),
                moved_score=tuple(map(Decimal, moved["score"])),
                rank=tuple(hub["rank"]) if hub["rank"] else None,
                moved_rank=tuple(moved["rank"]) if moved["rank"] else None,
                chances=tuple(
                    (name, _percent(hub["grades"][name], draws))
                    for name in (result["grades"] if hub["grades"] else ())
                ),
                near=tuple(hub["near"]),
                depends_on=None if depends is None else tuple(depends),
            ),
        )


def _percent(count: int, draws: int) -> Decimal:
    return figures.percent(count, draws) or figures.q(Decimal(0), 1)


def names_of(run: EvaluationRun) -> dict[str, str]:
    """Names of components and indicators, for the words of the variants."""
    named = dict(COMPONENTS)
    book = (
        EvidenceBook.objects.filter(pk__in=run.hub_results.values("evidence_book"))
        .order_by("pk")
        .first()
    )
    if book is not None:
        known = item_names(json.loads(book.content))
        named |= {code: name for code, name in known.items() if code.startswith("IND.")}
    return named


def rater_names(run: EvaluationRun) -> dict[str, str]:
    """Name and organisation of the raters by the key that stands in the snapshot."""
    named: dict[str, str] = {}
    for book in EvidenceBook.objects.filter(pk__in=run.hub_results.values("evidence_book")):
        for item in json.loads(book.content)["hearing"]["items"]:
            for rating in item["ratings"]:
                named[rating["rater"]] = f"{rating['evaluator']}（{rating['organization']}）"
    return named


def further_input(run_hash: str, books: Mapping[str, EvidenceBook]) -> dict[str, Any]:
    """The analysis's own input from the frozen books: accepted months and regional figures."""
    contents = {code: json.loads(book.content) for code, book in books.items()}
    months = {code: accepted_months(content) for code, content in contents.items()}
    known = {code: regional_values(content) for code, content in contents.items()}
    wanted = {
        code: {name: values[name] for name in PREDICTORS if name in values}
        for code, values in known.items()
    }
    return rules.further_input(run_hash, months, wanted)


def books_of(run: EvaluationRun) -> dict[str, EvidenceBook]:
    """The books a run has read, by hub code."""
    rows = RunHubResult.objects.filter(run=run, evidence_book__isnull=False)
    return {
        row.hub.code: row.evidence_book
        for row in rows.select_related("hub", "evidence_book")
        if row.evidence_book is not None
    }


def component_names(codes: Sequence[str]) -> list[str]:
    """Names of components in words, the total as 総合点."""
    named = {**dict(COMPONENTS), "TOTAL": "総合点"}
    return [named.get(code, code) for code in codes]
