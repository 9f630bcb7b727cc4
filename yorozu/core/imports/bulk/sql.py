"""Statements for any table, put together from names of the code alone."""

from string import Template


def statement(template: str, **parts: str) -> str:
    """The template with its parts; nothing a person typed may be among them.

    Parameters of a statement cannot name tables and columns, so these go in as text.
    """
    return Template(template).substitute(parts)
