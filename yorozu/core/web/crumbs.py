"""The path shown above a page."""

from typing import NamedTuple


class Crumb(NamedTuple):
    """One step of the path; the last one has no url."""

    label: str
    url: str | None = None
