"""Entering a consultation."""

from dataclasses import replace

from django.db import IntegrityError, transaction

from hubs.ledger.models import CodeKind, IndividualConsultation
from hubs.ledger.operations.numbers import lock_series, propose_number
from hubs.ledger.operations.versions import (
    build_version,
    store_version,
    trail_of,
    trail_of_doubts,
)
from hubs.ledger.queries import (
    Doubts,
    code_book,
    like_this,
    number_is_taken,
    spelled_as_registered,
)
from hubs.ledger.rules import (
    LABELS,
    RecordValues,
    personal_data_in,
    problems_of,
    record_no_problem,
)
from hubs.network.models import Hub
from hubs.terms.models import TermState
from hubs.terms.queries import term_for
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Problem
from yorozu.core.fiscal import fiscal_year_of, nendo

CODED = (CodeKind.CHANNEL, CodeKind.THEME, CodeKind.INDUSTRY, CodeKind.EMPLOYEES_BAND)
ATTEMPTS = 3


class NumberTaken(Conflict):
    """The typed receipt number belongs to another record, withdrawn ones included."""

    def __init__(self, other: IndividualConsultation) -> None:
        owner = "別の記録" if other.is_current else "取り消された記録"
        super().__init__(
            f"受付番号{other.record_no}は{owner}に使われています。別の番号を入力してください。"
        )
        self.other = other


class Doubtful(NotReady):
    """Nothing is stored yet: personal data or a possible duplicate has to be confirmed first."""

    def __init__(self, doubts: Doubts) -> None:
        super().__init__("確認が必要な内容があります。直すか、確認の印を付けて保存してください。")
        self.doubts = doubts


def enter_consultation(
    *,
    actor: Scope,
    hub: Hub,
    values: RecordValues,
    record_no: str = "",
    confirmed: str = "",
) -> IndividualConsultation:
    """Store a new record; without ``record_no`` the next number of the year is allotted.

    ``confirmed`` is the token of the doubts the writer has seen. Raises InvalidInput (values),
    Doubtful (something has to be confirmed), NumberTaken and NotReady (closed term).
    """
    require(actor, "hubs.ledger.enter", hub_id=hub.pk)
    values = checked_values(hub, values)
    if record_no and (problem := record_no_problem(record_no)):
        raise InvalidInput([Problem(None, "受付番号", problem)])
    doubts = Doubts(personal_data_in(values.note), like_this(hub, values))
    if doubts.token != confirmed and doubts.token:
        raise Doubtful(doubts)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic():
                row = build_version(actor, hub, _number(hub, values, record_no), values)
                store_version(row)
                after = {**trail_of(values), **trail_of_doubts(doubts)}
                record(actor, "hubs.ledger.enter", row, after=after)
        except IntegrityError:
            # A file took the number in the same moment: take the next one, or say so.
            if attempt == ATTEMPTS:
                raise
        else:
            break
    return row


def _number(hub: Hub, values: RecordValues, record_no: str) -> str:
    """The number for a new record, held until the transaction ends."""
    lock_series(hub)
    year = fiscal_year_of(values.held_on)
    number = record_no or propose_number(IndividualConsultation, hub, year)
    other = number_is_taken(hub, number)
    if other is not None:
        raise NumberTaken(other)
    return number


def checked_values(hub: Hub, values: RecordValues) -> RecordValues:
    """The values as they may be stored; every fault is named. NotReady in a closed year."""
    name = spelled_as_registered(hub, values.held_on, values.coordinator_name.strip())
    values = replace(values, coordinator_name=name, note=values.note.strip())
    year = fiscal_year_of(values.held_on)
    found = problems_of(values, today=clock.today(), opened_on=hub.opened_on)
    book = code_book(year)
    for kind in CODED:
        if not book.holds(kind, getattr(values, kind)):
            found[kind] = f"{kind.label}のコードが{nendo(year)}のコード表にありません。"
    if found:
        raise InvalidInput([Problem(None, LABELS[name], text) for name, text in found.items()])
    require_open_year(year)
    return values


def require_open_year(fiscal_year: int) -> None:
    """NotReady when the term of the year is closed: its records no longer move."""
    term = term_for(fiscal_year)
    if term is not None and term.state == TermState.CLOSED:
        raise NotReady(
            f"{nendo(fiscal_year)}の期は終了しているため、記録の入力と訂正はできません。"
        )
