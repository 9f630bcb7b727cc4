"""Every POST needs the token of its page: without it 403, with the page's own form never."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import resolve

from tests.access.forms import Form, post_forms
from tests.access.scan import text_of
from tests.access.stage import Stage, url_of
from tests.access.table import ROWS, allowed_actors
from tests.access.targets import ACTORS, ROLES, Target, is_visible, targets_of

# Behind a one-time link: its key is the address, and there is no session to misuse.
WITHOUT_SESSION = {"survey_answer"}
# Sent by script from the grid and the plan, with the token of the page's own form.
BY_SCRIPT = {
    "amendment_autosave",
    "hearing_autosave",
    "initiative_autosave",
    "plan_autosave",
    "results_autosave",
}
# Shown only to people with several roles; the cast has one role each.
WITH_SEVERAL_ROLES = {"role_switch"}
# Shown only when no hub of the nation lacks anything; the world has hubs that do.
WHEN_ALL_IS_READY = {"evidence_freeze"}
# Shown to a hub that joined another's activity and so reads its words; this world keeps them apart.
AFTER_JOINING = {"activity_leave"}
# Shown in a state, or to a second person, that this world does not hold. The tests of their slices
# press them, and the house test of the templates finds the token in every form.
IN_ANOTHER_STATE = {
    "adjustment_drop",
    "adjustment_second",
    "checklist_adopt",
    "evaluator_retire",
    "hearing_plan",
    "hearing_settle",
    "plan_accept",
    "plan_answer",
    "plan_renew_figures",
    "policy_unsign",
    "results_check",
    "results_take",
    "rule_change_sign",
    "run_apply",
    "run_close_facts",
    "run_fix",
    "run_panel",
    "term_start",
}


def refused_token(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Stands in for the page about a missing token, so that it is told from other refusals."""
    return HttpResponse("NO TOKEN", status=403)


# The token is judged before a view runs, whatever database lies below.
pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def _marked_refusal(settings: Any) -> None:
    settings.CSRF_FAILURE_VIEW = "tests.access.test_csrf.refused_token"


@pytest.mark.parametrize(
    "name", sorted({name for name, method in ROWS if method == "POST"} - WITHOUT_SESSION)
)
def test_a_post_without_token_is_refused(stage: Stage, name: str) -> None:
    target = targets_of(name, stage.world)[0]
    answer = stage.ask("hq", "POST", url_of(name, target), check_token=True)
    assert (answer.status, answer.body) == (403, b"NO TOKEN")
    assert answer.writes == []


def _writers() -> set[str]:
    """Roles that may do more than what everybody may."""
    posts = [row for (_, method), row in ROWS.items() if method == "POST"]
    own = [row for row in posts if not all(row[role] == "o" for role in ROLES)]
    return {role for role in ROLES if any(row[role] == "o" for row in own)}


WRITERS = _writers()


def _pages(stage: Stage, name: str) -> Iterator[tuple[Target, str]]:
    """Every object of an address with one actor for each role that may open it.

    Who only reads looks at the first object: the forms of a page are those of its writers.
    """
    for place, target in enumerate(targets_of(name, stage.world)):
        roles: set[str] = set()
        for actor in allowed_actors(name, "GET"):
            role = ACTORS[actor][0]
            if role in roles or (place and role not in WRITERS):
                continue
            if is_visible(target, ROWS[name, "GET"]["scope"], actor):
                roles.add(role)
                yield target, actor


PAGES = sorted(name for name, method in ROWS if method == "GET")
SEEN: set[str] = set()
REACHED: set[str] = set()


@pytest.fixture(scope="module", autouse=True)
def _no_form_unseen() -> Iterator[None]:
    """After a whole run every address that takes a POST was reached from a page."""
    yield
    if set(PAGES) - SEEN:
        return
    elsewhere = (
        BY_SCRIPT | WITH_SEVERAL_ROLES | WHEN_ALL_IS_READY | AFTER_JOINING | IN_ANOTHER_STATE
    )
    posted = {name for name, method in ROWS if method == "POST"}
    unseen = sorted(posted - REACHED - elsewhere)
    assert not unseen, ", ".join(unseen)


@pytest.mark.parametrize("name", PAGES)
def test_every_form_carries_the_token_of_its_page(stage: Stage, name: str) -> None:
    SEEN.add(name)
    tried: set[str] = set()
    faults: list[str] = []
    for target, actor in _pages(stage, name):
        url = url_of(name, target)
        answer = stage.ask(actor, "GET", url)
        kind, text = text_of(answer.body) if answer.status == 200 else ("", "")
        if kind not in {"", "html"}:
            # A file is a file for everybody: no second look.
            break
        for form in post_forms(text) if kind == "html" else []:
            path = urlsplit(urljoin(url, form.action or url)).path
            goal = resolve(path).url_name or path
            if goal in WITHOUT_SESSION:
                tried.add(goal)
                continue
            if goal not in tried:
                tried.add(goal)
                faults += _faults(stage, actor, name, path, form)
    REACHED.update(tried)
    assert not faults, "\n".join(faults)


def _faults(stage: Stage, actor: str, page: str, path: str, form: Form) -> Iterator[str]:
    token = form.fields.get("csrfmiddlewaretoken", "")
    if not token:
        yield f"{page}: the form to {path} has no token"
        return
    answer = stage.ask(actor, "POST", path, form.fields, check_token=True, token=token)
    if answer.status >= 500 or answer.body == b"NO TOKEN":
        yield f"{page}: the form to {path} was answered with {answer.status} {answer.error}"
