"""The job that makes the hearing sheets of a term and stores them as one zip."""

import tempfile
import zipfile
from typing import Any

from django.utils import timezone

from evaluation.hearings.models import Hearing
from evaluation.hearings.operations.sheets import KIND, MAKE, planned_hearings
from evaluation.hearings.papers import sheet_html, sheet_name
from hubs.terms.models import Term
from yorozu.core.access import require
from yorozu.core.errors import NotReady
from yorozu.core.fiscal import nendo
from yorozu.core.jobs.files import keep_file
from yorozu.core.jobs.registry import handles
from yorozu.core.jobs.runner import JobContext, actor_of
from yorozu.core.pdf import PdfSession


@handles(KIND)
def make_sheets(context: JobContext) -> dict[str, Any]:
    """Make every sheet with the rights of the person who asked; the zip appears at the end."""
    require(actor_of(context.job), MAKE)
    term = Term.objects.filter(pk=context.params["term_id"]).first()
    hearings = planned_hearings(term) if term is not None else []
    if term is None or not hearings:
        raise NotReady("ヒアリング票を作成できません。この期のヒアリングがありません。")
    context.progress(0, len(hearings), "ヒアリングを読んでいます")
    with tempfile.TemporaryFile() as packed:
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, PdfSession() as session:
            for done, hearing in enumerate(hearings, start=1):
                archive.writestr(_entry(hearing), session.render(sheet_html(hearing)))
                said = f"ヒアリング票を作成しています（{hearing.hub.name}）"
                context.progress(done, len(hearings), said)
        with context.closing() as result:
            result.update(
                file=keep_file(context.job_id, packed, f"hearing_sheets-{term.fiscal_year}.zip"),
                count=len(hearings),
                filename=f"{nendo(term.fiscal_year)}_ヒアリング票_{len(hearings)}拠点.zip",
            )
    return result


def _entry(hearing: Hearing) -> zipfile.ZipInfo:
    """Name and time of a sheet are the same at every attempt."""
    moment = hearing.settled_at or hearing.opened_at or hearing.starts_at
    stamp = timezone.localtime(moment).timetuple()[:6] if moment else (2000, 1, 1, 0, 0, 0)
    entry = zipfile.ZipInfo(f"{sheet_name(hearing)}.pdf", stamp)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
