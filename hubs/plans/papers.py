"""The plan on paper: one inner template for the print view and the PDF (事業計画書 様式)."""

from typing import Any

from django.template.loader import render_to_string

from hubs.plans.queries.editions import Edition
from hubs.plans.tables.sheet import PlanSheet, sheet_of
from yorozu.core import clock
from yorozu.core.fiscal import nendo
from yorozu.core.pdf import render_pdf

SHORT_HASH = 16
SIGNERS = ("拠点", "実施機関", "経済産業局")


def paper_sheet(edition: Edition, *, minutes: bool) -> PlanSheet:
    """The sheet of an edition, with the minutes of the interview for those who may read them."""
    return sheet_of(edition.content, edition.names, minutes=minutes)


def paper_context(edition: Edition, *, minutes: bool, for_pdf: bool = False) -> dict[str, Any]:
    """What the shared inside of print view and PDF needs."""
    plan = edition.plan
    return {
        "edition": edition,
        "plan": plan,
        "sheet": paper_sheet(edition, minutes=minutes),
        "short_hash": edition.content_hash[:SHORT_HASH],
        "signers": SIGNERS,
        "made_on": clock.today(),
        "is_sample_data": plan.term.is_sample,
        "for_pdf": for_pdf,
        "back_url": "",
    }


def paper_name(edition: Edition) -> str:
    """File name without ending: 13_東京都よろず支援拠点_令和8年度事業計画書_第2版."""
    year = nendo(edition.plan.term.fiscal_year)
    mark = f"第{edition.version.number}版" if edition.version is not None else "未確定"
    return f"{edition.plan.hub.code}_{edition.plan.hub.name}_{year}事業計画書_{mark}"


def paper_html(edition: Edition, *, minutes: bool) -> str:
    """The whole document from which the PDF is made."""
    context = paper_context(edition, minutes=minutes, for_pdf=True)
    return render_to_string("hubs/plans/print.html", context)


def paper_pdf(edition: Edition, *, minutes: bool) -> bytes:
    """One plan as PDF/UA."""
    return render_pdf(paper_html(edition, minutes=minutes))
