"""Whom an overdue action is brought before, and after how many days (evaluation.md 4)."""

from datetime import date
from enum import Enum

from evaluation.guidance.rules.method import Method


class Step(Enum):
    """The four steps in their order; each is taken once per due date."""

    OWNER = ("owner", "担当者")
    CHIEF = ("chief", "チーフコーディネーター")
    BUREAU = ("bureau", "経済産業局")
    HQ = ("hq", "全国本部")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


def days_of(step: Step, method: Method) -> int:
    """Days after the due date at which the step is taken."""
    return {
        Step.OWNER: method.owner_days,
        Step.CHIEF: method.chief_days,
        Step.BUREAU: method.bureau_days,
        Step.HQ: method.hq_days,
    }[step]


def steps_reached(due: date, today: date, method: Method) -> list[Step]:
    """Every step that is due today or was before; empty until the day after the due date."""
    late = (today - due).days
    return [step for step in Step if late >= days_of(step, method)]
