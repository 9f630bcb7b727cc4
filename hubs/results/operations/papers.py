"""Asking for the compilation on paper: a document of many pages is made in the background."""

from hubs.results.queries.compilation import Compilation
from hubs.terms.queries import rules_stamp
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.canonical import sha256_text
from yorozu.core.fiscal import nendo
from yorozu.core.jobs.models import Job
from yorozu.core.jobs.operations import TrailEntry, enqueue_once

KIND = "results.compilation"
ACTION = "hubs.results.make_compilation"


def start_compilation(*, actor: Scope, found: Compilation) -> Job:
    """Queue the PDF of what the person sees compiled.

    The same figures under the same rules on the same day give the same job: a double click makes
    one file.
    """
    require(actor, ACTION)
    period = found.period
    rules = rules_stamp(found.term)
    figures = repr((found.rows, found.missing, found.areas, found.trend, found.shares, rules))
    reader = f"{actor.user_id}:{actor.membership_id}:{clock.today()}:{found.term.pk}"
    key = f"{KIND}:{sha256_text(f'{reader}:{period}:{figures}')[:40]}"
    return enqueue_once(
        actor,
        TrailEntry(ACTION, found.term, {"period": period.label}),
        kind=KIND,
        key=key,
        label=f"{nendo(found.term.fiscal_year)} 実績取りまとめのPDF（{period.label}）",
        params={
            "term_id": found.term.pk,
            "month": f"{period.last:%Y-%m}",
            "single": period.is_single,
            "shares": found.shares is not None,
        },
    )
