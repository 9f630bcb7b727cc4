"""The header's navigation: at most six items, those the role may open."""

from dataclasses import dataclass

from django.http import HttpRequest

from hubs.policy import HUB_SIDE
from yorozu.core.access import Role, Scope, decide, scope_of
from yorozu.core.web.addresses import address


@dataclass(frozen=True)
class Item:
    """One link of the navigation."""

    label: str
    url: str
    current: bool


# (label, URL name, policy action, addresses that belong to it); the order is the order of the year.
_Row = tuple[str, str, str, tuple[str, ...]]
_HOME: _Row = ("ホーム", "home", "portal.home", ())
_HUBS: _Row = ("拠点", "hub_list", "hubs.network.view", ("/hubs/", "/people/"))
_IMPORTS: _Row = ("取込", "import_list", "core.imports.view", ("/imports/",))
_PLANS: _Row = ("期と計画", "term_list", "hubs.terms.view", ("/terms/", "/plans/"))
_RESULTS: _Row = ("月次実績", "results_overview", "hubs.results.view", ("/results/",))
_EVALUATION: _Row = ("評価", "run_list", "evaluation.scoring.view", ("/evaluation/",))
_HEARINGS: _Row = (
    "ヒアリング",
    "hearing_desk",
    "evaluation.hearings.desk",
    ("/evaluation/hearings/",),
)
_LEDGER: _Row = ("相談記録", "ledger_hubs", "hubs.ledger.view", ("/ledger/", "/partners/"))
# Who reads files as well has no place for the ledger, and reaches it from the monthly results.
_WITH_RECORDS: _Row = (*_RESULTS[:3], ("/results/", "/ledger/"))
_WORK: list[_Row] = [_HOME, _HUBS, _PLANS, _WITH_RECORDS, _EVALUATION, _IMPORTS]
# The hub side writes its ledger every day. Its files enter from there and from the monthly results.
_HUB_SIDE: list[_Row] = [_HOME, _HUBS, _PLANS, _LEDGER, _RESULTS, _EVALUATION]
# The state reads the records behind the figures, and the bureau checks samples of them.
_STATE: list[_Row] = [_HOME, _HUBS, _PLANS, _RESULTS, _LEDGER, _EVALUATION]
_ADMINISTRATION: list[_Row] = [
    _HOME,
    ("期", "term_list", "hubs.terms.view", ("/terms/",)),
    _IMPORTS,
    ("ジョブ", "job_list", "core.jobs.view", ("/jobs/",)),
    ("利用者", "account_list", "core.accounts.view", ("/account/",)),
    ("監査記録", "audit_list", "core.audit.view", ("/audit/",)),
]
# Who reads no evaluation reaches the hearings from here.
_BOARD: list[_Row] = [_HOME, _HUBS, _PLANS, _HEARINGS]
_MANAGER: list[_Row] = [_HOME, _HUBS, _PLANS, _RESULTS, _LEDGER, _HEARINGS]
_AUDIT: list[_Row] = [_HOME, _HUBS, *_WORK[2:5], _ADMINISTRATION[-1]]


def _table(scope: Scope) -> list[_Row]:
    special = {
        Role.SYSTEM_ADMIN: _ADMINISTRATION,
        Role.AUDITOR: _AUDIT,
        Role.BOARD_MEMBER: _BOARD,
        Role.PROJECT_MANAGER: _MANAGER,
        **dict.fromkeys(HUB_SIDE, _HUB_SIDE),
        **dict.fromkeys((Role.BUREAU, Role.SME_AGENCY), _STATE),
    }
    return special.get(scope.role, _WORK) if scope.role else [_HOME]


def navigation(request: HttpRequest) -> list[Item]:
    """Items for the signed-in person; the one whose addresses hold the page is current."""
    scope = scope_of(request)
    return [
        Item(label, address(name), _holds(request.path, name, addresses))
        for label, name, action, addresses in _table(scope)
        if decide(scope, action).allowed
    ]


def _holds(path: str, name: str, addresses: tuple[str, ...]) -> bool:
    return path.startswith(addresses) if addresses else path == address(name)
