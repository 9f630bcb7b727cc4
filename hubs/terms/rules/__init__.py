"""Pure rules of a term: the calendar, comparing two versions, editing leaves, the two sides."""

from hubs.terms.rules.calendar import report_code

__all__ = ["report_code"]
