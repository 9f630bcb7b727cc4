"""Locking the scoring scheme of a term."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from evaluation.scoring.models import ScoringScheme
from evaluation.scoring.queries import current_scheme
from evaluation.scoring.rules.scheme import DEFAULT_SCHEME, refuse_approval
from hubs.terms.models import Term
from hubs.terms.operations import refuse_registered
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import lock_chain, record
from yorozu.core.canonical import canonical_json, sha256_text


def adopt_scheme(
    actor: Scope, *, term: Term, content: Mapping[str, Any] | None = None, title: str = ""
) -> ScoringScheme:
    """Lock a scoring scheme for the term (default: default-1). ValueError if it contradicts itself.

    The same content again returns the scheme that stands; other content becomes the next version.
    NotReady once the year's rules are registered: then only a change of the rules does it.
    """
    require(actor, "evaluation.scoring.run")
    scheme = dict(content or DEFAULT_SCHEME)
    refuse_approval(scheme)
    with transaction.atomic():
        lock_chain()
        standing = current_scheme(term)
        if standing and standing.content_hash == sha256_text(canonical_json(scheme)):
            return standing
        refuse_registered(term, "評価基準")
        row = lock_scheme(term, scheme, title)
        record(actor, "evaluation.scoring.run", row, after={"content_hash": row.content_hash})
    return row


def lock_scheme(term: Term, content: Mapping[str, Any], title: str = "") -> ScoringScheme:
    """Store a scheme as the locked one of the term, in the caller's transaction.

    The same content stands as it is; other content is the next version.
    """
    text = canonical_json(dict(content))
    standing = current_scheme(term)
    if standing and standing.content_hash == sha256_text(text):
        return standing
    return ScoringScheme.objects.create(
        term=term,
        code=f"{content['code']}-{term.fiscal_year}",
        version=(standing.version if standing else 0) + 1,
        title=title or f"{term} 評価基準",
        content=text,
        content_hash=sha256_text(text),
        is_locked=True,
        locked_at=clock.now(),
    )
