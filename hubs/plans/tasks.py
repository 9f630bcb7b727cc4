"""The job that makes the PDF forms of all plans of a term and stores them as one zip."""

import tempfile
import zipfile
from typing import Any

from django.utils import timezone

from hubs.plans.operations.forms import KIND
from hubs.plans.papers import paper_html, paper_name
from hubs.plans.queries import visible_plans
from hubs.plans.queries.editions import Edition, current_edition
from hubs.terms.models import Term
from yorozu.core.access import decide
from yorozu.core.errors import NotReady
from yorozu.core.fiscal import nendo
from yorozu.core.jobs.files import keep_file
from yorozu.core.jobs.registry import handles
from yorozu.core.jobs.runner import JobContext, actor_of
from yorozu.core.pdf import PdfSession


@handles(KIND)
def make_forms(context: JobContext) -> dict[str, Any]:
    """Make every form with the rights of the person who asked; the zip appears at the end."""
    actor = actor_of(context.job)
    term = Term.objects.filter(pk=context.params["term_id"]).first()
    plans = list(visible_plans(actor).filter(term=term).order_by("hub__code")) if term else []
    if term is None or not plans:
        raise NotReady("事業計画書を作成できません。計画がないか、見る権限がなくなりました。")
    context.progress(0, len(plans), "事業計画を読んでいます")
    with tempfile.TemporaryFile() as packed:
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, PdfSession() as session:
            for done, plan in enumerate(plans, start=1):
                minutes = decide(actor, "hubs.plans.read_minutes", hub_id=plan.hub_id).allowed
                edition = current_edition(plan)
                data = session.render(paper_html(edition, minutes=minutes))
                archive.writestr(_entry(edition), data)
                context.progress(done, len(plans), f"事業計画書を作成しています（{plan.hub.name}）")
        with context.closing() as result:
            result.update(
                file=keep_file(context.job_id, packed, f"plan_forms-{term.fiscal_year}.zip"),
                count=len(plans),
                filename=f"{nendo(term.fiscal_year)}_事業計画書_{len(plans)}拠点.zip",
            )
    return result


def _entry(edition: Edition) -> zipfile.ZipInfo:
    """Name and time of a form are the same at every attempt."""
    moment = timezone.localtime(edition.at).timetuple()[:6] if edition.at else (2000, 1, 1, 0, 0, 0)
    entry = zipfile.ZipInfo(f"{paper_name(edition)}.pdf", moment)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
