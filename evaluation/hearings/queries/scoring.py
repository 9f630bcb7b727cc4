"""The scoring page of a member: own scores, and others' only when everybody has locked."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from evaluation.hearings.flow.panels import panels_of
from evaluation.hearings.flow.scores import ScoreBoard, board_of
from evaluation.hearings.models import (
    COMPARED,
    ChecklistComponent,
    ChecklistResponse,
    Hearing,
    HearingEvidence,
    NotApplicableProposal,
    OwnInitiative,
    PanelMember,
    PanelRating,
)
from evaluation.hearings.rules.items import EVIDENCE_FROM


@dataclass(frozen=True)
class OtherScore:
    """What a member gave on an item: the first score, and the second if there is one."""

    member: PanelMember
    first: PanelRating | None
    second: PanelRating | None
    counts: bool


@dataclass(frozen=True)
class ScoreItem:
    """One item on the page; ``others`` stays empty until every member has locked."""

    response: ChecklistResponse
    own: PanelRating | None
    second: PanelRating | None
    evidence: Sequence[HearingEvidence]
    proposal: NotApplicableProposal | None
    is_flagged: bool = False
    others: Sequence[OtherScore] = ()

    @property
    def code(self) -> str:
        """Code of the item."""
        return str(self.response.item.code)

    @property
    def anchors(self) -> list[tuple[str, str]]:
        """Level and anchor text, 4 first as the paper form has it."""
        item = self.response.item
        return [(str(level), getattr(item, f"anchor_{level}")) for level in (4, 3, 2, 1, 0)]

    @property
    def entry(self) -> PanelRating | None:
        """The row that is being written now."""
        return self.second if self.is_flagged else self.own

    @property
    def score(self) -> str:
        """The score in the control, as text."""
        entry = self.entry
        return "" if entry is None or entry.score is None else str(entry.score)

    @property
    def comment(self) -> str:
        """The remark in the control."""
        return self.entry.comment if self.entry is not None else ""

    @property
    def version(self) -> int:
        """The version the page holds."""
        return self.entry.version if self.entry is not None else 0

    @property
    def lacks_evidence(self) -> bool:
        """A 3 or 4 of one's own without proof: it counts as 2."""
        own = self.second if self.second is not None and self.second.score is not None else self.own
        high = own is not None and own.score is not None and own.score >= EVIDENCE_FROM
        return high and not self.evidence

    @property
    def is_done(self) -> bool:
        """Scored or excused."""
        scored = self.own is not None and self.own.score is not None
        return scored or bool(self.response.is_not_applicable)


@dataclass(frozen=True)
class ScorePage:
    """Everything a member may see of a hearing now."""

    hearing: Hearing
    member: PanelMember | None
    board: ScoreBoard
    items: Sequence[ScoreItem]
    initiatives: Sequence[OwnInitiative] = ()
    may_see_others: bool = False

    @property
    def parts(self) -> list[tuple[str, list[ScoreItem]]]:
        """Items by component with its label."""
        return [
            (label, [item for item in self.items if item.response.item.component == code])
            for code, label in ChecklistComponent.choices
        ]

    @property
    def done(self) -> int:
        """Items scored or excused by this member."""
        return sum(item.is_done for item in self.items)

    @property
    def flagged(self) -> list[ScoreItem]:
        """Items to talk about again."""
        return [item for item in self.items if item.is_flagged]

    @property
    def is_locked(self) -> bool:
        """This member's first scores are locked."""
        return self.member is not None and self.member.locked_at is not None


@dataclass(frozen=True)
class _Rows:
    """Evidence and proposals by response."""

    evidence: Mapping[int, Sequence[HearingEvidence]] = field(default_factory=dict)
    proposals: Mapping[int, NotApplicableProposal] = field(default_factory=dict)


def score_page(hearing: Hearing, member: PanelMember | None) -> ScorePage:
    """The page of a member, or of one who looks on (None). Others' scores are not even read into
    it before every member has locked.
    """
    board = board_of(hearing)
    open_to_all = hearing.state in COMPARED
    rows = _rows(hearing)
    flagged = set(board.flagged) if open_to_all else set()
    items = [_item(board, row, member, rows, flagged) for row in board.responses]
    portfolio = OwnInitiative.objects.filter(hub=hearing.hub_id, term=hearing.term_id)
    written = portfolio.exclude(title="", what="").prefetch_related("files").order_by("order")
    return ScorePage(hearing, member, board, items, list(written), open_to_all)


def _rows(hearing: Hearing) -> _Rows:
    evidence: dict[int, list[HearingEvidence]] = defaultdict(list)
    for row in HearingEvidence.objects.filter(response__hearing=hearing).order_by("pk"):
        evidence[row.response_id].append(row)
    proposals: dict[int, NotApplicableProposal] = {}
    asked = NotApplicableProposal.objects.filter(response__hearing=hearing).order_by("pk")
    for proposal in asked:
        proposals[proposal.response_id] = proposal
    return _Rows(evidence, proposals)


def _item(
    board: ScoreBoard,
    response: ChecklistResponse,
    member: PanelMember | None,
    rows: _Rows,
    flagged: set[str],
) -> ScoreItem:
    given = {
        (row.member_id, row.round): row for row in board.ratings if row.response_id == response.pk
    }
    own = member.pk if member is not None else 0
    others: list[OtherScore] = []
    if board.hearing.state in COMPARED:
        others = [
            OtherScore(
                facts.member,
                given.get((facts.member.pk, PanelRating.FIRST)),
                given.get((facts.member.pk, PanelRating.SECOND)),
                facts.counts,
            )
            for facts in board.seats
        ]
    return ScoreItem(
        response,
        given.get((own, PanelRating.FIRST)),
        given.get((own, PanelRating.SECOND)),
        rows.evidence.get(response.pk, []),
        rows.proposals.get(response.pk),
        response.item.code in flagged,
        others,
    )


def seats_of(user_id: int | None) -> list[PanelMember]:
    """A person's seats, those of the newest term and the earliest hearing first."""
    if user_id is None:
        return []
    rows = PanelMember.objects.filter(evaluator__user_id=user_id)
    return list(
        rows.select_related("hearing__hub__bureau", "hearing__term", "evaluator").order_by(
            "-hearing__term__fiscal_year", "hearing__starts_at", "hearing__hub__code"
        )
    )


def barred_seats(seats: Sequence[PanelMember]) -> set[int]:
    """Ids of the seats whose scores do not count for an interest; a few queries for each term."""
    hearings: dict[int, list[Hearing]] = defaultdict(list)
    for row in seats:
        hearings[row.hearing.term_id].append(row.hearing)
    own = {row.pk for row in seats}
    return {
        facts.member.pk
        for found in hearings.values()
        for panel in panels_of(found).values()
        for facts in panel
        if facts.barred and facts.member.pk in own
    }


def scored_items(seats: Sequence[PanelMember]) -> dict[int, int]:
    """First scores given, by seat id: for the progress on the desk."""
    found: dict[int, int] = defaultdict(int)
    rows = PanelRating.objects.filter(member__in=[row.pk for row in seats], round=1)
    for pk in rows.exclude(score=None).values_list("member_id", flat=True):
        found[pk] += 1
    return found


def items_of(hearings: Sequence[Hearing]) -> dict[int, int]:
    """Items to score, by hearing id."""
    found: dict[int, int] = defaultdict(int)
    rows = ChecklistResponse.objects.filter(hearing__in=[row.pk for row in hearings])
    for pk in rows.filter(is_not_applicable=False).values_list("hearing_id", flat=True):
        found[pk] += 1
    return found
