"""Who sat at the start interview, and how a thread of comments stands. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

HUB, BUREAU, IMPLEMENTING_BODY, NATIONAL_HQ, OTHER = "hub", "bureau", "body", "hq", "other"
SIDES = {
    HUB: "拠点",
    BUREAU: "経済産業局",
    IMPLEMENTING_BODY: "実施機関",
    NATIONAL_HQ: "全国本部",
    OTHER: "その他",
}
# The interview is a talk of these two (S74).
NEEDED_SIDES = (HUB, BUREAU)
MAX_ATTENDEES = 20
LONGEST_NAME = 80
SEPARATOR = "／"
OPEN, ANSWERED, CLOSED = "open", "answered", "closed"
CLOSING = "closed"


@dataclass(frozen=True)
class Attendee:
    """One person at the interview."""

    side: str
    organisation: str
    name: str


@dataclass(frozen=True)
class InterviewRecord:
    """What is written down of a start interview (S74)."""

    held_on: date
    attendees: Sequence[Attendee]
    minutes: str
    agreed_points: str = ""


def attendees_text(attendees: Iterable[Attendee]) -> str:
    """One line per person as files and the trail carry it: 拠点／所属／氏名."""
    return "\n".join(
        SEPARATOR.join((SIDES[row.side], row.organisation, row.name)) for row in attendees
    )


def read_attendees(text: str) -> tuple[list[Attendee], list[str]]:
    """Lines 立場／所属／氏名 to people, and what cannot be read."""
    codes = {label: code for code, label in SIDES.items()}
    found, problems = [], []
    lines = [line.strip() for line in text.replace("/", SEPARATOR).splitlines()]
    for number, line in enumerate((line for line in lines if line), start=1):
        parts = [part.strip() for part in line.split(SEPARATOR)]
        if len(parts) != 3 or parts[0] not in codes:
            labels = "、".join(SIDES.values())
            problems.append(
                f"{number}人目は「立場／所属／氏名」の形で入力してください（立場：{labels}）。"
            )
            continue
        found.append(Attendee(codes[parts[0]], parts[1], parts[2]))
    return found, problems or attendee_problems(found)


def attendee_problems(attendees: Sequence[Attendee]) -> list[str]:
    """Why these people make no interview: names, length, both sides."""
    problems = [
        f"{number}人目の氏名がありません。"
        for number, row in enumerate(attendees, start=1)
        if not row.name.strip()
    ]
    if any(len(text) > LONGEST_NAME for row in attendees for text in (row.name, row.organisation)):
        problems.append(f"氏名と所属は{LONGEST_NAME}文字以内で入力してください。")
    if len(attendees) > MAX_ATTENDEES:
        problems.append(f"出席者は{MAX_ATTENDEES}人までです。")
    return problems + [
        f"{SIDES[side]}の出席者を1人以上入力してください。"
        for side in missing_sides(row.side for row in attendees)
    ]


def missing_sides(sides: Iterable[str]) -> list[str]:
    """The sides that have to be there and are not."""
    there = set(sides)
    return [side for side in NEEDED_SIDES if side not in there]


class Line(Protocol):
    """What a thread's line tells of itself."""

    side: str
    kind: str


def thread_state(lines: Sequence[Line]) -> str:
    """open: the hub's turn; answered: the hub spoke last; closed: said to be settled.

    A new line after a closing one opens the thread again.
    """
    last = lines[-1]
    if last.kind == CLOSING:
        return CLOSED
    return ANSWERED if last.side == HUB else OPEN
