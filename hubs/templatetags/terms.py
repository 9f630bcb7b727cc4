"""Template library `terms`: the note that a year whose rules were changed shows on every result."""

from typing import Any

from django import template

from hubs.terms.models import Term
from hubs.terms.queries import year_rules_note as note_of

register = template.Library()


@register.inclusion_tag("hubs/terms/_rules_note.html")
def year_rules_note(term: Term) -> dict[str, Any]:
    """A banner on screens: when, what and why the rules of the year were changed."""
    return {"note": note_of(term)}


@register.inclusion_tag("hubs/terms/_rules_note_print.html")
def year_rules_note_print(term: Term) -> dict[str, Any]:
    """The same words on paper."""
    return {"note": note_of(term)}
