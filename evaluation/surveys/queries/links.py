"""What stands behind a link: the letter of a token, and whether it may be answered now."""

import hashlib
import re
from dataclasses import dataclass
from enum import Enum

from evaluation.surveys.models import SurveyAnswer, SurveyInvitation, SurveyWave, WaveState
from yorozu.core import clock

TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


class LinkState(Enum):
    """How a link stands when somebody opens it."""

    UNKNOWN = "unknown"
    VOID = "void"
    EARLY = "early"
    OPEN = "open"
    ANSWERED = "answered"
    OVER = "over"


@dataclass(frozen=True)
class Door:
    """A link as it is found: its state, and the letter unless nobody knows the token."""

    state: LinkState
    letter: SurveyInvitation | None = None


def hash_of(token: str) -> str:
    """SHA-256 of a token: the only thing that is kept of it."""
    return hashlib.sha256(token.encode()).hexdigest()


def door_of(token: str) -> Door:
    """The letter behind a token and what may be done with it; two queries at most."""
    if not TOKEN.fullmatch(token):
        return Door(LinkState.UNKNOWN)
    letter = (
        SurveyInvitation.objects.filter(token_hash=hash_of(token))
        .select_related("wave__questionnaire", "wave__term", "hub")
        .first()
    )
    if letter is None:
        return Door(LinkState.UNKNOWN)
    return Door(state_of(letter), letter)


def state_of(letter: SurveyInvitation) -> LinkState:
    """How a letter stands now. Who has answered sees the thanks for ever."""
    if SurveyAnswer.objects.filter(wave_id=letter.wave_id, number=letter.number).exists():
        return LinkState.ANSWERED
    wave, now = letter.wave, clock.now()
    if wave.state in {WaveState.CLOSED, WaveState.CANCELLED} or now >= wave.closes_at:
        return LinkState.OVER
    if letter.voided_at is not None:
        return LinkState.VOID
    if wave.state != WaveState.OPEN or now < wave.opens_at:
        return LinkState.EARLY
    return LinkState.OPEN


def answerable(wave: SurveyWave, number: str) -> SurveyInvitation | None:
    """The newest letter of a number that was sent, for paper and files."""
    rows = SurveyInvitation.objects.filter(wave=wave, number=number).exclude(token_hash="")
    return rows.order_by("-issue").first()
