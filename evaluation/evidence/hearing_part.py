"""The hearing in a book: scores from a file, or what counts of a settled panel (1.6)."""

from collections.abc import Mapping
from typing import Any

from evaluation.evidence.rules import rater_key
from evaluation.evidence.sources import source
from evaluation.evidence.stock import Facts
from evaluation.hearings.flow.panels import SeatFacts
from evaluation.hearings.flow.scores import ScoreBoard
from evaluation.hearings.models import ChecklistResponse, Hearing, PanelRating


def hearing_part(hearing: Hearing, facts: Facts) -> dict[str, Any]:
    """The hearing of one hub: from a file as it came, from a panel with what counts of it."""
    board = facts.boards.get(hearing.pk)
    part: dict[str, Any] = {
        "held_on": hearing.held_on.isoformat() if hearing.held_on is not None else None,
        "checklist": {"title": hearing.checklist.title, "version": hearing.checklist.version},
        "source": source(hearing),
        "items": [_item(item, facts.responses.get((hearing.pk, item.pk))) for item in facts.items],
    }
    if board is not None:
        _with_panel(part, board, facts)
    return part


def _with_panel(part: dict[str, Any], board: ScoreBoard, facts: Facts) -> None:
    """What a panel adds: its members with their interests, the scores that count, the portfolio."""
    members = {seat.member.pk: seat for seat in board.seats}
    given = {(row.response_id, row.member_id, row.round): row for row in board.ratings}
    final = board.final
    responses = {row.item.code: row for row in board.responses}
    for entry in part["items"]:
        response = responses[entry["code"]]
        entry["ratings"] = [
            _panel_rating(members[member], response.pk, given)
            for member in sorted(final.get(response.pk, {}))
        ]
    part["panel"] = [_member(seat, board, facts) for seat in board.seats]
    part["initiatives"] = [
        {
            "order": row.order,
            "title": row.title,
            "what": row.what,
            "effect": row.effect,
            "transfer": row.transfer,
            "files": [{"filename": file.name, "sha256": file.sha256} for file in row.files.all()],
            "source": source(row),
        }
        for row in facts.initiatives[board.hearing.hub_id]
    ]


def _panel_rating(
    seat: SeatFacts, response_id: int, given: Mapping[tuple[int, int, int], PanelRating]
) -> dict[str, Any]:
    """The score of one member that counts; a second one names the first beside it."""
    member, evaluator = seat.member, seat.member.evaluator
    first = given.get((response_id, member.pk, PanelRating.FIRST))
    second = given.get((response_id, member.pk, PanelRating.SECOND))
    counted = second if second is not None and second.score is not None else first
    if counted is None:
        raise ValueError("a score that counts was given by somebody")
    entry = {
        "rater": rater_key(evaluator.name, f"{evaluator.organization}#{evaluator.pk}"),
        "evaluator": evaluator.name,
        "organization": evaluator.organization,
        "score": counted.score,
        "source": source(counted),
    }
    if counted is second:
        entry["first_score"] = first.score if first is not None else None
    return entry


def _member(seat: SeatFacts, board: ScoreBoard, facts: Facts) -> dict[str, Any]:
    """A member as the report prints it: role, whether the scores count, interests and waivers."""
    member, evaluator = seat.member, seat.member.evaluator
    blocks = facts.blocks.get((evaluator.pk, board.hearing.hub_id), [])
    scored = sum(row.member_id == member.pk and row.score is not None for row in board.ratings)
    return {
        "rater": rater_key(evaluator.name, f"{evaluator.organization}#{evaluator.pk}"),
        "evaluator": evaluator.name,
        "organization": evaluator.organization,
        "role": member.get_role_display(),
        "is_outside": seat.outside,
        "counts": seat.counts,
        "conflicts": seat.barred,
        "scores_given": scored,
        "waivers": [
            f"{block.reason}（解除：{block.waiver.reason}）" for block in blocks if block.is_waived
        ],
    }


def _item(item: Any, response: ChecklistResponse | None) -> dict[str, Any]:
    part = {
        "component": item.component,
        "code": item.code,
        "text": item.text,
        "weight": f"{item.weight:.2f}",
        "has_evidence": False,
        "evidence_note": "",
        "is_not_applicable": False,
        "not_applicable_reason": "",
        "not_applicable_approver": "",
        "ratings": [],
        "source": source(item if response is None else response),
    }
    if response is None:
        return part
    for name in part:
        if hasattr(response, name) and name != "ratings":
            part[name] = getattr(response, name)
    part["ratings"] = [
        {
            "rater": rater_key(row.evaluator_name, row.evaluator_organization),
            "evaluator": row.evaluator_name,
            "organization": row.evaluator_organization,
            "score": row.score,
            "source": source(row),
        }
        for row in response.ratings.all()
    ]
    return part
