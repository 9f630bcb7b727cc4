"""The scores of a hearing as given and as they count."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property

from evaluation.hearings.flow.panels import SeatFacts, panels_of
from evaluation.hearings.models import (
    ChecklistResponse,
    Hearing,
    NotApplicableProposal,
    PanelRating,
    ProposalState,
)
from evaluation.hearings.rules.interests import GivenScore, counting
from evaluation.hearings.rules.scoring import ItemFacts, lacking_second, to_reconcile


@dataclass(frozen=True)
class ScoreBoard:
    """Everything about the scores of one hearing; ``responses`` in the order of the checklist."""

    hearing: Hearing
    seats: list[SeatFacts]
    responses: list[ChecklistResponse]
    ratings: list[PanelRating] = field(default_factory=list)
    proposed: frozenset[int] = frozenset()

    @property
    def counting_seats(self) -> list[SeatFacts]:
        """Seats whose scores count."""
        return [facts for facts in self.seats if facts.counts]

    def _counting(self, rounds: Collection[int]) -> dict[int, dict[int, int]]:
        """Counting scores of these rounds by item (response id) and member."""
        barred = {facts.member.pk for facts in self.seats if facts.barred}
        signed = {facts.member.pk for facts in self.seats if facts.signed}
        given = [
            GivenScore(row.member_id, row.response_id, row.round, row.score)
            for row in self.ratings
            if row.round in rounds
        ]
        return counting(given, interested=barred, signed=signed)

    @cached_property
    def final(self) -> dict[int, dict[int, int]]:
        """What counts: response id -> member id -> score, the second over the first."""
        return self._counting((PanelRating.FIRST, PanelRating.SECOND))

    @cached_property
    def first(self) -> dict[int, dict[int, int]]:
        """First scores that count, by response and member."""
        return self._counting((PanelRating.FIRST,))

    @cached_property
    def second(self) -> dict[int, dict[int, int]]:
        """Second scores that count, by response and member."""
        return self._counting((PanelRating.SECOND,))

    @cached_property
    def flagged(self) -> list[str]:
        """Codes to talk about again; what does not apply is not talked about."""
        found = self.first
        return to_reconcile(
            {
                row.item.code: found.get(row.pk, {})
                for row in self.responses
                if not row.is_not_applicable
            }
        )

    @cached_property
    def owed(self) -> dict[str, set[int]]:
        """Members who still owe a second score, by code."""
        second = self.second
        by_code = {row.item.code: second.get(row.pk, {}) for row in self.responses}
        raters = {facts.member.pk for facts in self.counting_seats}
        return lacking_second(self.flagged, raters, by_code)

    def facts_of_items(self) -> list[ItemFacts]:
        """The items as the lock of first scores sees them."""
        return [
            ItemFacts(row.item.code, row.is_not_applicable, row.pk in self.proposed)
            for row in self.responses
        ]

    def scored_by(self, member_id: int) -> set[str]:
        """Codes that a member has given a first score."""
        codes = {row.pk: row.item.code for row in self.responses}
        return {
            codes[row.response_id]
            for row in self.ratings
            if row.member_id == member_id
            and row.round == PanelRating.FIRST
            and row.score is not None
        }


def board_of(hearing: Hearing) -> ScoreBoard:
    """The whole of one hearing, in a fixed number of queries."""
    return boards_of([hearing])[hearing.pk]


def boards_of(hearings: Collection[Hearing]) -> dict[int, ScoreBoard]:
    """Boards by hearing id for hearings of one term, in a fixed number of queries."""
    ids = [hearing.pk for hearing in hearings]
    responses: dict[int, list[ChecklistResponse]] = defaultdict(list)
    rows = ChecklistResponse.objects.filter(hearing__in=ids).select_related("item")
    for row in rows.order_by("item__order", "item__code"):
        responses[row.hearing_id].append(row)
    ratings: dict[int, list[PanelRating]] = defaultdict(list)
    given = PanelRating.objects.filter(member__hearing__in=ids).select_related("member")
    for rating in given.order_by("response", "member", "round"):
        ratings[rating.member.hearing_id].append(rating)
    proposed: dict[int, set[int]] = defaultdict(set)
    asked = NotApplicableProposal.objects.filter(
        response__hearing__in=ids, state=ProposalState.PROPOSED
    )
    for pk, response_id in asked.values_list("response__hearing_id", "response_id"):
        proposed[pk].add(response_id)
    panels = panels_of(hearings)
    return {
        hearing.pk: ScoreBoard(
            hearing,
            panels[hearing.pk],
            responses[hearing.pk],
            ratings[hearing.pk],
            frozenset(proposed[hearing.pk]),
        )
        for hearing in hearings
    }
