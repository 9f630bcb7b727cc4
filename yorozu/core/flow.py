"""Workflow as a table: lock the row, then read its state, then move it, then record it.

The same table draws the buttons (``offers``), refuses what may not be done and feeds
docs/STATES.md.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import models, transaction

from yorozu.core.access import Decision, Scope, decide, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, Missing, NotReady

Condition = Callable[[Any, Scope], list[Missing]]
Record = TypeVar("Record", bound=models.Model)


@dataclass(frozen=True)
class Transition:
    """One arrow: ``action`` is a policy action; ``sources`` and ``target`` are state values.

    ``conditions`` return what is still missing (empty list = ready); ``needs_reason`` asks for a
    text.
    """

    action: str
    label: str
    sources: frozenset[str]
    target: str
    conditions: tuple[Condition, ...] = ()
    needs_reason: bool = False


def _own_key(obj: Any) -> tuple[int | str, ...]:
    return (obj.pk,)


@dataclass(frozen=True)
class Flow:
    """All transitions of one model.

    ``page`` names the address on which an object stands, ``keys`` gives its arguments (the key of
    the object): a refused step leads there. ``advice`` says by state what may be done instead.
    """

    name: str
    label: str
    states: type[models.TextChoices]
    transitions: tuple[Transition, ...]
    state_field: str = "state"
    page: str = ""
    keys: Callable[[Any], tuple[int | str, ...]] = _own_key
    advice: Mapping[str, str] = field(default_factory=dict)
    by_action: Mapping[str, Transition] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Index the arrows; two arrows of one name would be ambiguous."""
        index = {transition.action: transition for transition in self.transitions}
        if len(index) != len(self.transitions):
            raise ValueError(f"flow {self.name} names an action twice")
        object.__setattr__(self, "by_action", index)

    def offers(self, obj: Any, actor: Scope) -> list[Transition]:
        """Transitions that this actor may start now (for buttons)."""
        state = getattr(obj, self.state_field)
        return [
            row
            for row in self.transitions
            if state in row.sources and decide(actor, row.action, hub_id=hub_of(obj)).allowed
        ]

    def decision(self, obj: Any, action: str, actor: Scope) -> Decision:
        """Whether the action may be started now, with the reason if not."""
        answer = decide(actor, action, hub_id=hub_of(obj))
        if not answer.allowed:
            return answer
        transition = self.by_action[action]
        if getattr(obj, self.state_field) not in transition.sources:
            return Decision(False, self._wrong_state(transition, obj))
        return Decision(True)

    def require(self, obj: Any, action: str, actor: Scope) -> None:
        """Raise Refused (role or hub) or Conflict (state) unless the action may be started now."""
        require(actor, action, hub_id=hub_of(obj))
        self._require_state(self.by_action[action], obj)

    def _require_state(self, transition: Transition, obj: Any) -> None:
        if getattr(obj, self.state_field) not in transition.sources:
            raise self._conflict(transition, obj)

    def _wrong_state(self, transition: Transition, obj: Any) -> str:
        state = getattr(obj, self.state_field)
        return (
            f"{self.label}は現在「{self.states(state).label}」のため、「{transition.label}」はできません。"
            f"{self.advice.get(state, '')}画面を開き直して最新の状態を確認してください。"
        )

    def _conflict(self, transition: Transition, obj: Any) -> Conflict:
        way = Missing(str(obj), self.page, link_args=self.keys(obj)) if self.page else None
        return Conflict(self._wrong_state(transition, obj), way)

    def apply(
        self,
        obj: Any,
        action: str,
        *,
        actor: Scope,
        reason: str = "",
        changes: Mapping[str, Any] | None = None,
        audit: Mapping[str, Any] | None = None,
    ) -> Any:
        """Do one transition and return the fresh row.

        ``changes`` are columns set together with the state; ``audit`` adds JSON-able facts to the
        event. Raises Refused (role or hub), Conflict (state moved on), NotReady (conditions unmet).
        """
        transition = self.by_action[action]
        require(actor, action, hub_id=hub_of(obj))
        if transition.needs_reason and not reason.strip():
            raise NotReady(f"「{transition.label}」には理由の入力が必要です。", [])
        with transaction.atomic():
            row = lock(obj)
            state = getattr(row, self.state_field)
            self._require_state(transition, row)
            missing = [item for check in transition.conditions for item in check(row, actor)]
            if missing:
                raise NotReady(
                    f"まだ「{transition.label}」はできません。次を確認してください。", missing
                )
            values = {self.state_field: transition.target, **(changes or {})}
            moved = (
                type(row)
                ._default_manager.filter(pk=row.pk, **{self.state_field: state})
                .update(**values)
            )
            if moved != 1:
                raise self._conflict(transition, row)
            record(
                actor,
                action,
                row,
                before={self.state_field: state},
                after={self.state_field: transition.target, **(audit or {})},
                reason=reason,
                hub_id=hub_of(row),
            )
            row.refresh_from_db()
        return row


def lock(obj: Record) -> Record:
    """Re-read the row under a lock (PostgreSQL; SQLite's IMMEDIATE transaction holds the file)."""
    return type(obj)._default_manager.select_for_update(of=("self",)).get(pk=obj.pk)


def hub_of(obj: Any) -> int | None:
    """The hub a record belongs to, None for national records."""
    value = getattr(obj, "hub_id", None)
    return int(value) if value is not None else None


def arrow(
    action: str,
    label: str,
    sources: Iterable[str],
    target: str,
    *conditions: Condition,
    needs_reason: bool = False,
) -> Transition:
    """Write one line of a transition table."""
    return Transition(action, label, frozenset(sources), target, conditions, needs_reason)
