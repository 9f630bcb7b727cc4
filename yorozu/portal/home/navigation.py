"""The header's navigation: at most six items, those the role may open."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from yorozu.core.access import Role, Scope, decide, scope_of


@dataclass(frozen=True)
class Item:
    """One link of the navigation."""

    label: str
    url: str
    current: bool


# (label, URL name, policy action); the order is the order of the year.
_WORK = [
    ("ホーム", "home", "portal.home"),
    ("拠点", "hub_list", "hubs.network.view"),
    ("期と計画", "term_list", "hubs.terms.view"),
    ("月次実績", "results_overview", "hubs.results.view"),
    ("評価", "run_list", "evaluation.scoring.view"),
    ("取込", "import_list", "core.imports.view"),
]
_ADMINISTRATION = [
    ("ホーム", "home", "portal.home"),
    ("拠点", "hub_list", "hubs.network.view"),
    ("取込", "import_list", "core.imports.view"),
    ("ジョブ", "job_list", "core.jobs.view"),
    ("利用者", "account_list", "core.accounts.view"),
    ("監査記録", "audit_list", "core.audit.view"),
]


def _table(scope: Scope) -> list[tuple[str, str, str]]:
    return _ADMINISTRATION if scope.role in {Role.SYSTEM_ADMIN, Role.AUDITOR} else _WORK


def navigation(request: HttpRequest) -> list[Item]:
    """Items for the signed-in person; current is the longest address that begins the path."""
    scope = scope_of(request)
    rows = []
    for label, name, action in _table(scope):
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        if decide(scope, action).allowed:
            rows.append((label, url))
    here = max((url for _, url in rows if request.path.startswith(url)), key=len, default="")
    return [Item(label, url, url == here) for label, url in rows]
