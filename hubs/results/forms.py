"""Forms of this slice, and the reading of the grid's field names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms

_FIELD = re.compile(
    r"(?P<kind>[crv])-(?P<year>20[0-9]{2})(?P<month>0[1-9]|1[0-2])(?:-(?P<key>[A-Z0-9]{1,8}))?"
)


@dataclass
class PostedMonth:
    """What the page sent for one month."""

    month: date
    version: int = -1
    values: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)


def field_month(name: str) -> tuple[date, str] | None:
    """Month and column key of a field name of the grid; None for any other name."""
    found = _FIELD.fullmatch(name)
    if found is None:
        return None
    return date(int(found["year"]), int(found["month"]), 1), found["key"] or ""


def posted_months(data: Mapping[str, str]) -> list[PostedMonth]:
    """The months of a posted grid in order; names that are not of the grid are left alone."""
    months: dict[date, PostedMonth] = {}
    for name, text in data.items():
        found = _FIELD.fullmatch(name)
        if found is None:
            continue
        at = date(int(found["year"]), int(found["month"]), 1)
        month = months.setdefault(at, PostedMonth(at))
        if found["kind"] == "v":
            is_number = text.isascii() and text.isdigit() and len(text) < 10
            month.version = int(text) if is_number else -1
        elif found["key"]:
            target = month.values if found["kind"] == "c" else month.reasons
            target[found["key"]] = text
    return [months[at] for at in sorted(months)]


class ReturnForm(forms.Form):
    """Why the month goes back."""

    reason = forms.CharField(
        label="差戻しの理由",
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="拠点がどの数値を確かめればよいか分かるように書いてください。",
    )


class BulkForm(forms.Form):
    """The months ticked in a list."""

    reports = forms.TypedMultipleChoiceField(
        coerce=int, error_messages={"required": "1件以上選んでください。"}
    )

    def __init__(self, *args: Any, choices: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reports"].choices = choices  # type: ignore[attr-defined]
