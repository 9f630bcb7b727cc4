"""What the screens of guidance share: where they stand, and how an object is found."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from evaluation.guidance.models import GuidanceAction, GuidanceCase
from evaluation.guidance.queries import visible_actions, visible_cases
from yorozu.core.access import scope_of
from yorozu.core.web.crumbs import Crumb


def crumbs(*steps: Crumb) -> list[Crumb]:
    """Home, the list, then the page."""
    return [Crumb("ホーム", "/"), Crumb("重点指導", reverse("guidance_list")), *steps]


def case_crumbs(case: GuidanceCase, *steps: Crumb) -> list[Crumb]:
    """The case between the list and its pages."""
    return crumbs(Crumb(str(case), reverse("guidance_detail", args=[case.pk])), *steps)


def case_of(request: HttpRequest, pk: int) -> GuidanceCase:
    """The case, if the scope may know of it."""
    case: GuidanceCase = get_object_or_404(visible_cases(scope_of(request)), pk=pk)
    return case


def action_of(request: HttpRequest, pk: int) -> GuidanceAction:
    """The action, if the scope may know of its case."""
    action: GuidanceAction = get_object_or_404(visible_actions(scope_of(request)), pk=pk)
    return action
