"""What the hearing screens and files need: items, raters, and what is still open per hub."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Subquery

from evaluation.hearings import rules
from evaluation.hearings.flow.scores import ScoreBoard, boards_of
from evaluation.hearings.models import (
    COMPARED,
    Checklist,
    ChecklistComponent,
    ChecklistItem,
    ChecklistResponse,
    Hearing,
)
from hubs.network.models import Hub
from hubs.terms.models import Term
from yorozu.core.access import Scope

# What a checklist says, item by item; its hash and the year's rules are taken over these columns.
FIELDS = (
    "component",
    "code",
    "text",
    "weight",
    *(f"anchor_{level}" for level in range(5)),
    "order",
)


def checklist_of(term: Term) -> Checklist | None:
    """The checklist in use for a term: the latest version that was adopted, never a draft."""
    return _in_use(term).first()


def items_of(term: Term) -> QuerySet[ChecklistItem]:
    """The items of that checklist in their order; none without one."""
    return ChecklistItem.objects.filter(checklist=Subquery(_in_use(term).values("pk")[:1]))


def _in_use(term: Term) -> QuerySet[Checklist]:
    return Checklist.objects.filter(term=term, is_locked=True).order_by("-version")


def content_of(items: Iterable[ChecklistItem]) -> list[dict[str, Any]]:
    """What a checklist says, in the order of its items."""
    plain: list[dict[str, Any]] = [{name: getattr(item, name) for name in FIELDS} for item in items]
    for row in plain:
        row["weight"] = f"{row['weight']:.2f}"
    return sorted(plain, key=lambda row: (row["order"], row["code"]))


def latest_year() -> int | None:
    """The latest fiscal year with hearings, else the latest term at all."""
    held = Hearing.objects.order_by("-term__fiscal_year")
    year = held.values_list("term__fiscal_year", flat=True).first()
    return year or Term.objects.values_list("fiscal_year", flat=True).first()


def years() -> list[int]:
    """Terms to choose from, the latest first."""
    return list(Term.objects.values_list("fiscal_year", flat=True))


@dataclass(frozen=True)
class GivenRating:
    """A score that counts: from a file, or a panel's (the second over the first)."""

    evaluator_name: str
    evaluator_organization: str
    score: int
    first: int | None = None
    import_batch_id: int | None = None
    import_row: int | None = None


@dataclass(frozen=True)
class ItemLine:
    """One item of one hub: finding, scores and what a reader must know.

    ``owes``: of a panel, whether second scores are still waited for; None for scores from a file.
    """

    item: ChecklistItem
    response: ChecklistResponse | None
    ratings: tuple[GivenRating, ...] = ()
    owes: bool | None = None

    @property
    def scores(self) -> list[int]:
        """The raters' scores as given."""
        return [rating.score for rating in self.ratings]

    @property
    def mean(self) -> Decimal | None:
        """Mean of the scores as given; what counts without evidence is the engine's affair."""
        return rules.mean_score(self.scores)

    @property
    def is_not_applicable(self) -> bool:
        """The item leaves with reason and approval."""
        return self.response is not None and self.response.is_not_applicable

    @property
    def is_unanswered(self) -> bool:
        """No score and no N/A: counts 0 points (evaluation.md 1.6)."""
        return not self.ratings and not self.is_not_applicable

    @property
    def reconcile(self) -> bool:
        """Raters two or more steps apart who have not talked about it again."""
        return rules.needs_reconciling(self.scores) if self.owes is None else self.owes

    @property
    def lacks_evidence(self) -> bool:
        """A 3 or 4 without a document."""
        held = self.response is not None and self.response.has_evidence
        return rules.lacks_evidence(self.scores, has_evidence=held)

    @property
    def lacks_raters(self) -> bool:
        """Scored by fewer raters than the component asks for."""
        return bool(self.ratings) and rules.lacks_raters(self.item.component, len(self.ratings))

    @property
    def warnings(self) -> list[str]:
        """The open points of the item in words."""
        found = {
            "未評価（0点になります）": self.is_unanswered,
            "評点の差が2以上（再協議）": self.reconcile,
            "根拠資料なし（3・4は2として数えます）": self.lacks_evidence,
            f"評価者が{rules.RATERS_NEEDED[self.item.component]}人未満": self.lacks_raters,
        }
        return [text for text, holds in found.items() if holds]


@dataclass(frozen=True)
class ComponentLine:
    """One component of one hub in sum."""

    code: str
    label: str
    items: list[ItemLine] = field(default_factory=list)

    @property
    def answered(self) -> int:
        """Items scored or excused."""
        return sum(not line.is_unanswered for line in self.items)

    @property
    def raters(self) -> int:
        """Fewest raters on a scored item."""
        return min((len(line.ratings) for line in self.items if line.ratings), default=0)

    @property
    def reconcile(self) -> int:
        """Items to talk about again."""
        return sum(line.reconcile for line in self.items)

    @property
    def lacks_evidence(self) -> int:
        """Items with a 3 or 4 but no document."""
        return sum(line.lacks_evidence for line in self.items)

    @property
    def not_applicable(self) -> int:
        """Items that leave."""
        return sum(line.is_not_applicable for line in self.items)

    @property
    def mean(self) -> Decimal | None:
        """Mean of all scores as given."""
        return rules.mean_score([score for line in self.items for score in line.scores])


@dataclass(frozen=True)
class HubLine:
    """The hearing of one hub, by component."""

    hub: Hub
    hearing: Hearing | None
    components: list[ComponentLine]

    @property
    def is_open(self) -> bool:
        """Scores are there to be read: from a file, or of a panel whose members have all locked."""
        hearing = self.hearing
        return hearing is not None and (hearing.is_filed or hearing.state in COMPARED)


def hearing_rows(term: Term, scope: Scope) -> list[HubLine]:
    """One line per hub of the scope, in code order; three queries in all."""
    return _lines(term, Hub.objects.visible_to(scope))


def hearing_of(term: Term, hub: Hub) -> HubLine:
    """The hearing of one hub with every item."""
    return _lines(term, [hub])[0]


def _lines(term: Term, hubs: Iterable[Hub]) -> list[HubLine]:
    checklist = checklist_of(term)
    items = list(checklist.items.all()) if checklist is not None else []
    wanted = list(hubs)
    rows = Hearing.objects.filter(term=term, hub__in=wanted)
    rows = rows.select_related("hub__bureau", "term", "checklist")
    hearings = {row.hub_id: row for row in rows}
    # Nobody reads a panel's scores before all of its members have locked theirs.
    boards = boards_of([row for row in hearings.values() if row.state in COMPARED])
    responses = {
        (row.hearing_id, row.item_id): row
        for row in ChecklistResponse.objects.filter(
            hearing__in=[hearing.pk for hearing in hearings.values()]
        ).prefetch_related("ratings")
    }
    found = []
    for hub in wanted:
        hearing = hearings.get(hub.pk)
        board = boards.get(hearing.pk) if hearing is not None else None
        found.append(_line(hub, hearing, items, responses, board))
    return found


def _from_file(response: ChecklistResponse) -> tuple[GivenRating, ...]:
    return tuple(
        GivenRating(
            row.evaluator_name,
            row.evaluator_organization,
            row.score,
            import_batch_id=row.import_batch_id,
            import_row=row.import_row,
        )
        for row in response.ratings.all()
    )


def _from_panel(board: ScoreBoard, response: ChecklistResponse) -> tuple[GivenRating, ...]:
    """What counts of a panel, in the order of its seats."""
    final, second = board.final.get(response.pk, {}), board.second.get(response.pk, {})
    first = board.first.get(response.pk, {})
    return tuple(
        GivenRating(
            seat.member.evaluator.name,
            seat.member.evaluator.organization,
            final[seat.member.pk],
            first.get(seat.member.pk) if seat.member.pk in second else None,
        )
        for seat in board.seats
        if seat.member.pk in final
    )


def _line(
    hub: Hub,
    hearing: Hearing | None,
    items: list[ChecklistItem],
    responses: dict[tuple[int, int], ChecklistResponse],
    board: ScoreBoard | None,
) -> HubLine:
    lines = []
    owed = board.owed if board is not None else {}
    for item in items:
        response = responses.get((hearing.pk, item.pk)) if hearing is not None else None
        if response is None:
            lines.append(ItemLine(item, None))
        elif board is not None:
            given = _from_panel(board, response)
            lines.append(ItemLine(item, response, given, item.code in owed))
        else:
            lines.append(ItemLine(item, response, _from_file(response)))
    components = [
        ComponentLine(code, label, [line for line in lines if line.item.component == code])
        for code, label in ChecklistComponent.choices
    ]
    return HubLine(hub, hearing, components)
