"""A judged year of three hubs with real evidence books, for the tests of a run's way."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from evaluation.evidence.models import EvidenceBook
from evaluation.evidence.operations import freeze_book
from evaluation.scoring.models import EvaluationRun, FactCheck, FactRemark, RemarkKind, RunKind
from evaluation.scoring.operations import (
    RunInput,
    Said,
    adopt_scheme,
    build_snapshot,
    remark_on_fact,
    store_run,
)
from evaluation.surveys.models import SatisfactionSurvey
from hubs.integrity.models import FlagState, IntegrityFlag
from hubs.integrity.rules import Check
from hubs.network.models import Hub
from hubs.terms.models import Term
from tests.cast import Cast
from tests.evaluation.evidence_ground import AS_OF, make_year
from yorozu.core.access import Scope

CODES = ("04", "13", "14")
CHIEFS = {"04": "cc_miyagi", "13": "cc_tokyo", "14": "cc_kanagawa"}
CELL = "survey/level/5"
REASON = (
    "数値に表れない災害時の巡回相談の取組を、審査会で記録により確認し、"
    "全国の手本になると認めたため、加点する。"
)
EVIDENCE = "ヒアリングの記録（3月10日）"


@dataclass
class Year:
    """The term, its people, and the books by hub code."""

    cast: Cast
    term: Term
    books: dict[str, EvidenceBook] = field(default_factory=dict)

    def freeze(self, *codes: str, as_of: date = AS_OF) -> None:
        """Freeze these hubs (all when none is named) as they stand now."""
        for code in codes or CODES:
            hub = Hub.objects.get(code=code)
            self.books[code] = freeze_book(self.cast.hq.scope, hub=hub, term=self.term, as_of=as_of)

    def run(self, kind: RunKind = RunKind.FINAL, actor: Scope | None = None) -> EvaluationRun:
        """Compute a run from the books of now, as the job does."""
        scheme = adopt_scheme(self.cast.hq.scope, term=self.term)
        given = RunInput(term=self.term, kind=kind, scheme=scheme, books=dict(self.books))
        actor = actor or self.cast.hq.scope
        return store_run(actor, given=given, snapshot=build_snapshot(given))

    def chief(self, code: str) -> Scope:
        """The chief coordinator of a hub."""
        return self.cast.actors[CHIEFS[code]].scope

    def part(self, run: EvaluationRun, code: str) -> FactCheck:
        """A hub's part of the fact check, fresh."""
        return run.fact_checks.get(hub__code=code)

    def object(self, run: EvaluationRun, code: str = "13", **changes: Any) -> FactRemark:
        """The hub objects to a count of its survey."""
        values = {"kind": RemarkKind.OBJECTION, "cell": CELL, "text": "集計の誤りです。"}
        said = Said(**{**values, **changes})
        return remark_on_fact(self.chief(code), part=self.part(run, code), said=said)

    def flag(self, number: int) -> IntegrityFlag:
        """A question about Tokyo's figures that waits for the decision of its bureau."""
        return IntegrityFlag.objects.create(
            hub=Hub.objects.get(code="13"),
            term=self.term,
            check_code=Check.JUMP,
            rule_version="1",
            subject=f"2025-09/CONS-{number}",
            sentence="9月の数値について確認をお願いします。",
            basis_hash=f"{number:064d}",
            figures="{}",
            state=FlagState.WAITING,
            first_seen=AS_OF,
            last_seen=AS_OF,
            answer_due=AS_OF,
        )

    def correct(self, code: str = "13", **counts: int) -> None:
        """The source is corrected: other counts of the survey."""
        counts = counts or {"level_4": 60, "level_5": 40, "level_1": 8}
        SatisfactionSurvey.objects.filter(hub__code=code, term=self.term).update(**counts)


def judged_year(cast: Cast) -> Year:
    """Three hubs with all that a book needs, frozen; no other hub is in operation."""
    Hub.objects.exclude(code__in=CODES).update(closed_on=date(2020, 3, 31))
    year = Year(cast, make_year(CODES))
    for place, code in enumerate(CODES):
        year.correct(code, level_3=10 + place * 5, level_5=48 - place * 5)
    year.freeze()
    return year
