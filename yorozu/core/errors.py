"""Errors a user may see: each one carries a sentence in Japanese, ready for the screen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault of an input, placed where the user finds it: row of the file and column name.

    `row` is the row number as a spreadsheet shows it (the first line is 1), None for the file
    as a whole; `column` is the heading (or a cell address), empty when the row as a whole is meant.
    """

    row: int | None
    column: str
    message: str

    def as_text(self) -> str:
        """The place and the fault in one line: 「12行目「氏名」：必須です。」."""
        place = "" if self.row is None else f"{self.row}行目"
        if self.column:
            place += f"「{self.column}」"
        return f"{place}：{self.message}" if place else self.message

    def __str__(self) -> str:
        return self.as_text()


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing still lacking before a step, with the page where it is supplied.

    ``anchor`` is the id of the field or section on that page; ``link_args`` are the arguments of
    its address, when the page of the refusal cannot know them.
    """

    text: str
    link_name: str | None = None
    anchor: str = ""
    link_args: tuple[int | str, ...] = ()


class UserError(Exception):
    """Common parent: whatever is raised from here may be shown to the user word for word."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return self.message


class Refused(UserError):  # noqa: N818 (named by what happened)
    """The rules do not allow this person to do this now."""


class Conflict(UserError):  # noqa: N818 (named by what happened)
    """Someone else changed the thing in the meantime; look again before going on.

    ``way``: the page on which the thing stands as it is now.
    """

    def __init__(self, message: str, way: Missing | None = None) -> None:
        super().__init__(message)
        self.way = way


class NotReady(UserError):  # noqa: N818 (named by what happened)
    """The step is allowed, but something it needs is still lacking."""

    def __init__(self, message: str, missing: Iterable[Missing] = ()) -> None:
        super().__init__(message)
        self.missing: list[Missing] = list(missing)


class InvalidInput(UserError):  # noqa: N818 (named by what happened)
    """What was sent in cannot be taken; every fault is listed, not only the first."""

    def __init__(self, problems: Sequence[Problem], message: str | None = None) -> None:
        self.problems: list[Problem] = list(problems)
        super().__init__(message or _summary(self.problems))


def _summary(problems: Sequence[Problem]) -> str:
    if not problems:
        return "入力内容に誤りがあります。"
    if len(problems) == 1:
        return problems[0].as_text()
    return f"入力内容に{len(problems)}件の誤りがあります。"
