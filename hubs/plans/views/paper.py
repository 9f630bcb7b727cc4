"""Answers on paper: the print view and the PDF of one edition."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from hubs.plans.papers import paper_context, paper_name, paper_pdf
from hubs.plans.queries.editions import Edition
from hubs.plans.views.frame import may_read_minutes
from yorozu.core.access import Scope
from yorozu.core.web.downloads import attachment

PDF = "application/pdf"


def print_page(request: HttpRequest, edition: Edition, scope: Scope, back_url: str) -> HttpResponse:
    """The print view: the same inside as the PDF, for machines that cannot make one."""
    context = paper_context(edition, minutes=may_read_minutes(edition.plan, scope))
    return render(request, "hubs/plans/print.html", {**context, "back_url": back_url})


def pdf_file(edition: Edition, scope: Scope) -> HttpResponse:
    """The PDF as a file of the edition's name."""
    data = paper_pdf(edition, minutes=may_read_minutes(edition.plan, scope))
    return attachment(data, f"{paper_name(edition)}.pdf", PDF)
