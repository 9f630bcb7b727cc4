"""What stands behind a link: the letter of a token, and whether it may be answered now."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from enum import Enum

from evaluation.surveys.models import SurveyAnswer, SurveyInvitation, SurveyWave, WaveState
from yorozu.core import clock

# Letters that are taken for digits (i, l, o) and u are left out: people type them from paper.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 26
_TOKEN = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")


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


def fresh_token() -> str:
    """A new token of 130 bits of chance; it is printed once and kept only as a hash."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def hash_of(token: str) -> str:
    """SHA-256 of a token: the only thing that is kept of it."""
    return hashlib.sha256(token.encode()).hexdigest()


def door_of(token: str) -> Door:
    """The letter behind a token and what may be done with it; two queries at most."""
    typed = token.strip().lower()
    if not _TOKEN.fullmatch(typed):
        return Door(LinkState.UNKNOWN)
    letter = (
        SurveyInvitation.objects.filter(token_hash=hash_of(typed))
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
