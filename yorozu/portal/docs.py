"""docs/ROLES.md and docs/STATES.md, written from the tables that the code obeys."""

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterable
from inspect import getdoc

from yorozu.core.access import ALL_ROLES, Role, Rule, rules
from yorozu.core.flow import Flow, Transition

NOTICE = "Written by `./run manage write_docs` from {source}; do not edit by hand."
APPS = {
    "core": ("yorozu/core/policy.py", "Ground floor"),
    "hubs": ("hubs/policy.py", "Hubs"),
    "evaluation": ("evaluation/policy.py", "Evaluation"),
    "portal": ("yorozu/portal/policy.py", "Top floor"),
}


def roles_page() -> str:
    """Every action with its label and the roles that may do it, app by app."""
    lines = [
        "# Roles and rights",
        "",
        NOTICE.format(source="the policy tables"),
        "",
        "A right holds for the records of the hubs in the scope of the role;",
        "records of other hubs are not found at all. What a role sees of a record may be narrower",
        "still (a run before its publication, for instance): that stands in the slice's queries.",
        "",
        "| Role | Identifier |",
        "|---|---|",
        *(f"| {role.label} | `{role.value}` |" for role in Role),
    ]
    for app, (path, title) in APPS.items():
        own = [row for row in rules() if row.action.split(".")[0] == app]
        lines += ["", f"## {title} (`{path}`)", ""]
        lines += ["| Action | Label | Writes | Roles |", "|---|---|---|---|"]
        lines += [_rule_line(row) for row in own]
    return "\n".join(lines) + "\n"


def _rule_line(row: Rule) -> str:
    writes = "yes" if row.writes else ""
    return f"| `{row.action}` | {row.label} | {writes} | {_who(row)} |"


def _who(row: Rule) -> str:
    if row.open_to_all:
        return "anybody, without sign-in"
    if row.roles == ALL_ROLES:
        return "every role"
    return "、".join(role.label for role in Role if role in row.roles)


def flows() -> list[Flow]:
    """Every flow of every slice, app by app."""
    return [flow for app in ("hubs", "evaluation") for flow in _flows_of(app)]


def _flows_of(app: str) -> Iterable[Flow]:
    package = importlib.import_module(app)
    for slice_ in sorted(module.name for module in pkgutil.iter_modules(package.__path__)):
        name = f"{app}.{slice_}.flow"
        if importlib.util.find_spec(f"{app}.{slice_}") is None or not _exists(name):
            continue
        module = importlib.import_module(name)
        yield from (value for value in vars(module).values() if isinstance(value, Flow))


def _exists(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def states_page() -> str:
    """Every flow: its states, then its arrows with what they need."""
    lines = [
        "# States and transitions",
        "",
        NOTICE.format(source="the `flow.py` of the slices"),
        "",
        "An arrow is refused when the role lacks the action (see [ROLES.md](ROLES.md)), when",
        "the record is no longer in a state it starts from, or when a condition is not met;",
        "the refusal names what is missing. A state no arrow leads to is set by an operation.",
    ]
    for flow in flows():
        lines += ["", f"## {flow.label} (`{flow.name}`)", "", *_flow_lines(flow)]
    return "\n".join(lines) + "\n"


def _flow_lines(flow: Flow) -> list[str]:
    return [
        "| State | Label |",
        "|---|---|",
        *(f"| `{state.value}` | {state.label} |" for state in flow.states),
        "",
        "| Action | Label | From | To | Conditions | Reason |",
        "|---|---|---|---|---|---|",
        *(_arrow_line(flow, row) for row in flow.transitions),
    ]


def _arrow_line(flow: Flow, row: Transition) -> str:
    sources = "、".join(state.label for state in flow.states if state.value in row.sources)
    conditions = "<br>".join(_condition(check) for check in row.conditions)
    reason = "required" if row.needs_reason else ""
    target = flow.states(row.target).label
    return f"| `{row.action}` | {row.label} | {sources} | {target} | {conditions} | {reason} |"


def _condition(check: object) -> str:
    """The sentence of the condition, or its name as words."""
    sentence = (getdoc(check) or "").partition("\n")[0]
    name = str(getattr(check, "__name__", "")).strip("_").replace("_", " ")
    return f"{name}: {sentence}" if sentence else name


PAGES = {"ROLES.md": roles_page, "STATES.md": states_page}
