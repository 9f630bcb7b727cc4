"""The POST forms of a rendered page, with the values they would send."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """Where a form goes and what it sends untouched."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method", "").lower() == "post":
            self._open = Form(given.get("action", ""))
            self.forms.append(self._open)
        elif self._open is not None and given.get("name"):
            self._field(tag, given)
        elif tag == "option" and self._open is not None and self._select:
            unset = self._select not in self._open.fields
            if unset or "selected" in given:
                self._open.fields[self._select] = given.get("value", "")

    def _field(self, tag: str, given: dict[str, str]) -> None:
        assert self._open is not None
        kind = given.get("type", "text")
        self._select = given["name"] if tag == "select" else ""
        unset = kind in {"checkbox", "radio"} and "checked" not in given
        if tag == "input" and not unset and kind not in {"submit", "file"}:
            self._open.fields[given["name"]] = given.get("value", "")
        elif tag == "textarea":
            self._open.fields.setdefault(given["name"], "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""


def post_forms(html: str) -> list[Form]:
    """All forms of the page that send by POST."""
    reader = _Reader()
    reader.feed(html)
    return reader.forms
