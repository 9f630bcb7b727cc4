"""Which addresses are screens, and on which object a role looks at them."""

import re
from typing import Any

from tests.access.stage import url_of
from tests.access.table import ROWS, allowed_actors
from tests.access.targets import ACTORS, ROLES, Target, is_visible, targets_of
from tests.world import World

# Files and parts of pages; everything else that answers a GET is a screen.
NOT_A_SCREEN = re.compile(
    r"(_csv|_xlsx|_pdf|_json|_export|_template|_file|_problems|_certificate|_progress)$|z$"
)
REDIRECT = 302
SCREENS = [name for name, method in ROWS if method == "GET" and not NOT_A_SCREEN.search(name)]


def actors_of(role: str) -> list[str]:
    """The actors of a role, in the order of the cast."""
    return [actor for actor, (column, _) in ACTORS.items() if column == role]


def address(world: World, name: str, actor: str) -> str:
    """The first object of the screen that this actor may see, "" when there is none."""
    row = ROWS[name, "GET"]
    if actor not in allowed_actors(name, "GET"):
        return ""
    for target in targets_of(name, world):
        if is_visible(target, row["scope"], actor):
            return url_of(name, target)
    return ""


def screens_of(world: World, role: str) -> list[tuple[str, str, str]]:
    """(screen, actor, address) for every screen that some actor of the role may open."""
    found = []
    for name in SCREENS:
        for actor in actors_of(role):
            url = address(world, name, actor)
            if url:
                found.append((name, actor, url))
                break
    return found


def every_state(world: World) -> list[tuple[str, str, str]]:
    """(label, actor, address): each screen once per state, seen by the first role that may.

    Pruned by rule: objects of one hub show all states, except plans, which differ between hubs.
    """
    found = []
    for name in SCREENS:
        for target in targets_of(name, world):
            if target.hub not in {"", "13"} and not name.startswith("plan_"):
                continue
            actor = _viewer(name, target)
            if actor:
                found.append((f"{name}-{target.label}", actor, url_of(name, target)))
    return found


def unexpected(response: Any, name: str) -> str:
    """What came instead of the screen, "" when it came.

    A page that says why something cannot be done now (409) is a screen like any other where the
    table has it. The browser follows a redirect of the table, which leads to a screen (200).
    """
    if response is None:
        return "no answer"
    codes = {int(code) for code in ROWS[name, "GET"]["status"].split()}
    if response.status not in {200 if code == REDIRECT else code for code in codes}:
        return str(response.status)
    return "the sign-in page" if "/accounts/login/" in response.url else ""


def _viewer(name: str, target: Target) -> str:
    scope = ROWS[name, "GET"]["scope"]
    for role in ROLES:
        for actor in actors_of(role):
            if actor in allowed_actors(name, "GET") and is_visible(target, scope, actor):
                return actor
    return ""
