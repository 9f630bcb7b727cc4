"""A hearing under its lock, and the items on it: what every act on a hearing begins with."""

from collections.abc import Collection

from evaluation.hearings.models import ChecklistResponse, Hearing
from yorozu.core.errors import Conflict, InvalidInput, Problem
from yorozu.core.flow import lock


def hold(hearing: Hearing) -> Hearing:
    """The hearing under a lock, with its hub and term at hand."""
    held = lock(hearing)
    held.hub, held.term = hearing.hub, hearing.term
    return held


def require_state(hearing: Hearing, states: Collection[str]) -> None:
    """Conflict with the state as it is now, when the act belongs to other states."""
    if hearing.state not in states:
        raise wrong_state(hearing, "変更")


def wrong_state(hearing: Hearing, act: str) -> Conflict:
    """What does not go now, with the state that stands against it."""
    return Conflict(
        f"このヒアリングは現在「{hearing.get_state_display()}」のため、{act}できません。"
    )


def response_of(hearing: Hearing, code: str) -> ChecklistResponse:
    """The finding on an item; InvalidInput for a code that is not on the checklist."""
    rows = ChecklistResponse.objects.select_related("item").filter(hearing=hearing)
    response = rows.filter(item__code=code).first()
    if response is None:
        raise InvalidInput([Problem(None, code, "この項目はチェックリストにありません。")])
    response.hearing = hearing
    return response
