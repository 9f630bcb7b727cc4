"""The guidance plan on paper: one inner template for the print view and the PDF (様式第2号)."""

from typing import Any

from django.template.loader import render_to_string

from evaluation.guidance import tables
from evaluation.guidance.models import ActionState, GuidanceCase
from evaluation.guidance.queries import case_page
from yorozu.core import clock
from yorozu.core.fiscal import nendo
from yorozu.core.pdf import render_pdf

SHORT_HASH = 16
SIGNERS = ("拠点", "経済産業局", "全国本部")


def paper_context(
    case: GuidanceCase, *, for_pdf: bool = False, back_url: str = ""
) -> dict[str, Any]:
    """What the shared inside of print view and PDF needs."""
    page = case_page(case)
    kept = [action for action in page.actions if action.state != ActionState.DROPPED]
    return {
        "case": case,
        "name": f"{nendo(case.fiscal_year)} 重点指導計画書",
        "head": tables.head_facts(case),
        "triggers": tables.trigger_table(case),
        "actions": tables.action_table(kept, on_paper=True),
        "support": tables.support_facts(case),
        "agreed": tables.agreed_facts(case),
        "checkpoints": tables.checkpoint_table(page.checkpoints),
        "watched": "、".join(label for _, label in case.read["watched"]),
        "short_hash": case.facts_hash[:SHORT_HASH],
        "signers": SIGNERS,
        "made_on": clock.today(),
        "is_sample_data": case.run.term.is_sample,
        "for_pdf": for_pdf,
        "back_url": back_url,
    }


def paper_name(case: GuidanceCase) -> str:
    """File name without ending."""
    return f"{case.hub.code}_{case.hub.name}_{nendo(case.fiscal_year)}重点指導計画書"


def paper_pdf(case: GuidanceCase) -> bytes:
    """One plan as PDF/UA."""
    context = paper_context(case, for_pdf=True)
    return render_pdf(render_to_string("evaluation/guidance/print.html", context))
