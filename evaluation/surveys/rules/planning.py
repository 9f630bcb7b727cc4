"""What the settings of a wave must satisfy before a sample may be drawn."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

MOST_PEOPLE = 5


@dataclass(frozen=True)
class Settings:
    """Times, days and limits of a wave, as people typed them."""

    opens_at: datetime
    closes_at: datetime
    frame_from: date
    frame_to: date
    share_percent: int
    minimum: int
    maximum: int
    people: int


def setting_faults(given: Settings, now: datetime) -> list[tuple[str, str]]:
    """(Name of the setting, what is wrong), empty when a wave may be made so."""
    return [*_times(given, now), *_limits(given)]


def _times(given: Settings, now: datetime) -> Iterator[tuple[str, str]]:
    if given.closes_at <= given.opens_at:
        yield "closes_on", "回答の締切は、開始より後にしてください。"
    elif given.closes_at <= now:
        yield "closes_on", "回答の締切は、これから先の日時にしてください。"
    if given.frame_to < given.frame_from:
        yield "frame_to", "相談日の期間の終わりは、始まりより後にしてください。"


def _limits(given: Settings) -> Iterator[tuple[str, str]]:
    if not 1 <= given.share_percent <= 100:
        yield "share_percent", "抽出率は1％から100％までです。"
    if given.minimum < 1:
        yield "minimum", "拠点ごとの最少数は1以上にしてください。"
    if given.maximum < given.minimum:
        yield "maximum", "拠点ごとの最多数は、最少数以上にしてください。"
    if not 1 <= given.people <= MOST_PEOPLE:
        yield "people", f"1機関の回答者数は1人から{MOST_PEOPLE}人までです。"
