"""Flags that nobody has decided on yet: they stand in the way of a judgement, and nothing more.

A flag is never in a book and never a point. Judgement itself does not read flags (contract in
pyproject.toml); it only learns here whose decision it has to wait for (evaluation.md 6).
"""

from dataclasses import dataclass

from hubs.integrity.models import FlagState, IntegrityFlag
from hubs.terms.models import Term


@dataclass(frozen=True)
class UndecidedFlag:
    """What has to be decided, in words; ``pk`` names the flag once others than the hub see it."""

    pk: int | None
    text: str


def undecided_flags(term: Term) -> list[UndecidedFlag]:
    """Flags of the term that still need the hub's note or the decision; one query.

    While a hub has its say nobody else learns which hub it is: those flags are only counted.
    """
    rows = IntegrityFlag.objects.filter(
        term=term, state__in=[FlagState.RAISED, FlagState.WAITING]
    ).select_related("hub")
    waiting = [flag for flag in rows if flag.state == FlagState.WAITING]
    waiting.sort(key=lambda flag: (flag.hub.code if flag.hub else "99", flag.pk))
    found = [
        UndecidedFlag(
            flag.pk, f"{flag.hub.name if flag.hub else '全国'}「{flag.kind.label}」（判断待ち）"
        )
        for flag in waiting
    ]
    raised = len(rows) - len(waiting)
    if raised:
        found.insert(0, UndecidedFlag(None, f"拠点の説明を待っているものが{raised}件あります。"))
    return found
