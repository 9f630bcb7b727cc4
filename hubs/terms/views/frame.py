"""What the screens of a term share."""

from django.shortcuts import get_object_or_404
from django.urls import reverse

from hubs.terms import queries
from hubs.terms.models import ActivityPolicy, Term
from yorozu.core.access import Scope
from yorozu.core.fiscal import nendo
from yorozu.core.web.crumbs import Crumb


def crumbs(*steps: tuple[str, str | None]) -> list[Crumb]:
    """Home, the list of terms, then the given steps."""
    root = [Crumb("ホーム", "/"), Crumb("期", reverse("term_list"))]
    return [*root, *(Crumb(label, url) for label, url in steps)]


def term_crumb(term: Term) -> tuple[str, str]:
    """The step that leads back to the term."""
    return nendo(term.fiscal_year), reverse("term_detail", args=[term.pk])


def parts_crumb(term: Term) -> tuple[str, str]:
    """The step that leads back to the parts of the year."""
    return "年度の項目", reverse("term_parts", args=[term.pk])


def rules_crumb(term: Term) -> tuple[str, str]:
    """The step that leads back to the rules of the year."""
    return "年度の規則", reverse("year_rules", args=[term.pk])


def visible_policy(scope: Scope, pk: int) -> ActivityPolicy:
    """A draft that the scope may not see is not found."""
    term = get_object_or_404(Term, policies=pk)
    return get_object_or_404(queries.policies(scope, term), pk=pk)
