"""The job that makes the sheets of all hubs and stores them as one zip."""

import io
import tempfile
import zipfile
from collections.abc import Sequence
from typing import IO, Any

from django.utils import timezone

from evaluation.reports import files, queries
from evaluation.reports.operations import BUDGET_PAPER
from evaluation.scoring.models import EvaluationRun
from evaluation.scoring.queries import visible_runs
from yorozu.core import fiscal
from yorozu.core.access import require
from yorozu.core.errors import NotReady
from yorozu.core.jobs.files import keep_file
from yorozu.core.jobs.registry import handles
from yorozu.core.jobs.runner import JobContext, actor_of
from yorozu.core.pdf import render_side_by_side

READING = "評価結果を読んでいます"


@handles("reports.hub_sheets")
def make_hub_sheets(context: JobContext) -> dict[str, Any]:
    """Make every sheet with the rights of the person who asked; the zip appears at the end."""
    actor = actor_of(context.job)
    run = visible_runs(actor).filter(pk=context.params["run_id"]).first()
    if run is None:
        raise NotReady("評価票を作成できません。評価が見つからないか、見る権限がなくなりました。")
    context.progress(0, run.hub_results.count(), READING)
    pages = [
        (sheet.result.hub_name, files.hub_sheet_name(sheet), files.hub_sheet_html(sheet))
        for sheet in queries.hub_sheets(run, actor)
    ]
    with tempfile.TemporaryFile() as packed:
        _pack(packed, pages, run, context)
        with context.closing() as result:
            result.update(
                file=keep_file(context.job_id, packed, f"hub_sheets-{run.term.fiscal_year}.zip"),
                count=len(pages),
                filename=f"{fiscal.nendo(run.term.fiscal_year)}_評価票_{len(pages)}拠点.zip",
            )
    return result


@handles(BUDGET_PAPER)
def make_budget_paper(context: JobContext) -> dict[str, Any]:
    """Print a proposal with the rights the person has now."""
    actor = actor_of(context.job)
    require(actor, "evaluation.budget.paper")
    scenario = queries.visible_scenarios(actor).filter(pk=context.params["scenario_id"]).first()
    if scenario is None:
        raise NotReady(
            "配分案のPDFを作成できません。配分案が見つからないか、見る権限がなくなりました。"
        )
    context.progress(0, 2, "配分案を読んでいます")
    found = queries.budget_table(scenario, actor)
    context.progress(1, 2, "PDFを作成しています")
    made = io.BytesIO(files.budget_pdf(found))
    with context.closing() as result:
        result.update(
            file=keep_file(context.job_id, made, "budget.pdf"),
            filename=f"{files.budget_name(scenario)}.pdf",
        )
    return result


def _pack(
    packed: IO[bytes],
    pages: Sequence[tuple[str, str, str]],
    run: EvaluationRun,
    context: JobContext,
) -> None:
    """Write the PDFs into the zip as they come; names and times are the same at every attempt."""
    stamp = timezone.localtime(run.computed_at).timetuple()[:6]
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        documents = render_side_by_side([html for _, _, html in pages])
        for done, ((hub, name, _), document) in enumerate(
            zip(pages, documents, strict=True), start=1
        ):
            entry = zipfile.ZipInfo(f"{name}.pdf", stamp)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, document)
            context.progress(done, len(pages), f"評価票を作成しています（{hub}）")
