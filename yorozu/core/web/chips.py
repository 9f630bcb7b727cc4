"""The status words of the portal: one list, so that the same state has the same word everywhere.

A chip is the word in a filled outline; colour only repeats what the word says.
States of the domain keep their own enums and name the chip they are shown with.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Self


class Kind(Enum):
    """Colour family of a chip; the value is the ending of the CSS class."""

    NEUTRAL = "neutral"
    PROGRESS = "progress"
    WAITING = "waiting"
    ALERT = "alert"
    DONE = "done"
    PUBLIC = "public"
    NONE = "none"


class Status(Enum):
    """Every status word that may stand in a chip, in the order in which work goes on."""

    NOT_STARTED = ("未着手", Kind.NEUTRAL)
    NOT_SUBMITTED = ("未提出", Kind.NEUTRAL)
    DRAFT = ("入力中", Kind.PROGRESS)
    REVIEW = ("要確認", Kind.PROGRESS)
    DUE_SOON = ("期限間近", Kind.PROGRESS)
    PREPARING = ("準備中", Kind.NEUTRAL)
    SCHEDULED = ("日程確定", Kind.WAITING)
    SCORING = ("採点中", Kind.PROGRESS)
    RECONCILING = ("協議中", Kind.PROGRESS)
    SUBMITTED = ("提出済", Kind.WAITING)
    WAITING = ("確認待ち", Kind.WAITING)
    QUEUED = ("開始待ち", Kind.WAITING)
    RUNNING = ("実行中", Kind.WAITING)
    UNANSWERED = ("未回答", Kind.ALERT)
    ANSWERED = ("回答済", Kind.WAITING)
    RETURNED = ("差戻し", Kind.ALERT)
    REMARKED = ("指摘あり", Kind.ALERT)
    OVERDUE = ("期限超過", Kind.ALERT)
    FAILED = ("失敗", Kind.ALERT)
    ACCEPTED = ("確認済", Kind.DONE)
    FINALIZED = ("確定", Kind.DONE)
    SETTLED = ("対応済", Kind.DONE)
    FINISHED = ("完了", Kind.DONE)
    PUBLISHED = ("公表", Kind.PUBLIC)
    CHECKING = ("確認中", Kind.WAITING)
    READY = ("反映待ち", Kind.PROGRESS)
    APPLYING = ("反映中", Kind.WAITING)
    APPLIED = ("反映済", Kind.DONE)
    UNDOING = ("取消中", Kind.WAITING)
    REFUSED = ("取込不可", Kind.ALERT)
    OPENED = ("発動", Kind.NEUTRAL)
    PLANNING = ("計画作成", Kind.PROGRESS)
    AGREED = ("合意", Kind.DONE)
    UNDERWAY = ("実施", Kind.WAITING)
    UNDER_REVIEW = ("点検", Kind.PROGRESS)
    RELEASED = ("解除", Kind.DONE)
    CONTINUED = ("継続", Kind.DONE)
    RAISED = ("引上げ", Kind.ALERT)
    WAIVED = ("見送り", Kind.NONE)
    APPROVED = ("承認", Kind.DONE)
    NOT_APPROVED = ("不承認", Kind.ALERT)
    UNCHANGED = ("変更なし", Kind.NONE)
    UNDONE = ("取消済", Kind.NONE)
    LOCKED = ("停止中", Kind.ALERT)
    WITHDRAWN = ("取下げ", Kind.NONE)
    CANCELLED = ("中止", Kind.NONE)
    EXCLUDED = ("対象外", Kind.NONE)

    def __init__(self, label: str, kind: Kind) -> None:
        self.label = label
        self.kind = kind

    @classmethod
    def named(cls, word: "Self | str") -> Self:
        """The status itself, by its English name in any case, or by its Japanese word."""
        if isinstance(word, cls):
            return word
        for status in cls:
            if word in {status.label, status.name, status.name.lower()}:
                return status
        raise ValueError(f"no such status word: {word}")


@dataclass(frozen=True)
class Chip:
    """A status with what stands beside it, for instance 「▲ 3日超過」."""

    status: Status
    note: str = ""
    url: str = ""


def overdue(days: int) -> Chip:
    """期限超過 with the days, as every list shows it."""
    return Chip(Status.OVERDUE, f"▲ {days}日超過")
