"""A term from its preparation to its end."""

from django.db import IntegrityError, transaction

from hubs.terms.flow import TERM_FLOW
from hubs.terms.models import Term, TermState
from hubs.terms.operations.deciding import take_over
from hubs.terms.parts import parts
from hubs.terms.queries import previous_term, term_for
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, InvalidInput, Problem
from yorozu.core.fiscal import fiscal_year_of, nendo
from yorozu.core.flow import lock

FIRST_YEAR, LAST_YEAR = 2014, 2100


def prepare_term(*, actor: Scope, fiscal_year: int, is_sample: bool = False) -> Term:
    """Begin the preparation of a fiscal year: a term without any content, open to nobody yet.

    InvalidInput beyond next year; Conflict when the term exists.
    """
    require(actor, "hubs.terms.open")
    last = min(LAST_YEAR, fiscal_year_of(clock.today()) + 1)
    if not FIRST_YEAR <= fiscal_year <= last:
        message = f"{FIRST_YEAR}から{last}までの年度を指定してください。"
        raise InvalidInput([Problem(None, "年度", message)])
    exists = f"{nendo(fiscal_year)}の期は、すでにあります。"
    if term_for(fiscal_year) is not None:
        raise Conflict(exists)
    try:
        with transaction.atomic():
            term = Term.objects.create(fiscal_year=fiscal_year, is_sample=is_sample)
            record(actor, "hubs.terms.open", term, after={"fiscal_year": fiscal_year})
    except IntegrityError as error:
        raise Conflict(exists) from error
    return term


def discard_term(*, actor: Scope, term: Term) -> None:
    """Give up a preparation begun by mistake; Conflict once anything of it was decided."""
    require(actor, "hubs.terms.open")
    with transaction.atomic():
        held = lock(term)
        if held.state != TermState.PREPARING or held.decisions.exists() or held.policies.exists():
            raise Conflict("内容を決めた期の準備は、取りやめられません。")
        record(actor, "hubs.terms.open", held, before={"fiscal_year": held.fiscal_year})
        held.delete()


def start_term(*, actor: Scope, term: Term) -> Term:
    """Start a prepared term; NotReady names the required parts nobody has decided."""
    started: Term = TERM_FLOW.apply(term, "hubs.terms.start", actor=actor)
    return started


def open_term(*, actor: Scope, fiscal_year: int, is_sample: bool = False) -> Term:
    """Prepare, take over every part there is something to take over of, and start: all at once.

    The same acts and events as one by one; for the sample year, commands and tests.
    """
    with transaction.atomic():
        term = prepare_term(actor=actor, fiscal_year=fiscal_year, is_sample=is_sample)
        previous = previous_term(term)
        codes = [part.code for part in parts() if part.propose(term, previous) is not None]
        take_over(actor=actor, term=term, codes=codes)
        return start_term(actor=actor, term=term)


def close_term(*, actor: Scope, term: Term) -> Term:
    """Close a term; NotReady while months are on their way through the approvals."""
    closed: Term = TERM_FLOW.apply(term, "hubs.terms.close", actor=actor)
    return closed
