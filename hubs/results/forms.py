"""Forms of this slice, and the reading of the grid's field names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms

_FIELD = re.compile(
    r"(?P<kind>[acrv])-(?P<year>20[0-9]{2})(?P<month>0[1-9]|1[0-2])(?:-(?P<key>[A-Z0-9]{1,8}))?"
)


@dataclass
class PostedMonth:
    """What the page sent for one month."""

    month: date
    version: int = -1
    values: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)


_MONTH = re.compile(r"(20[0-9]{2})(0[1-9]|1[0-2])")


def month_of_code(code: str) -> date | None:
    """The month a button of the grid stands for (202604); None for anything else."""
    found = _MONTH.fullmatch(code)
    return date(int(found[1]), int(found[2]), 1) if found else None


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
            targets = {"a": month.answers, "c": month.values, "r": month.reasons}
            targets[found["kind"]][found["key"]] = text
    return [months[at] for at in sorted(months)]


def _offer(form: forms.Form, name: str, choices: Sequence[tuple[Any, str]]) -> None:
    """Give a field of a form the choices of this request."""
    field = form.fields[name]
    if isinstance(field, forms.ChoiceField):
        field.choices = list(choices)


class ReturnForm(forms.Form):
    """Why the month goes back, and what is asked about which figure."""

    reason = forms.CharField(
        label="差戻しの理由",
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="月全体についての理由を書いてください。拠点の画面の最初に表示されます。",
    )

    def __init__(self, *args: Any, columns: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._keys = [key for key, _ in columns]
        for key, label in columns:
            self.fields[f"remark-{key}"] = forms.CharField(
                label=f"{label}への指摘",
                required=False,
                max_length=1_000,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    def remarks(self) -> dict[str, str]:
        """The remarks by column key, empty ones left out."""
        given = ((key, self.cleaned_data.get(f"remark-{key}", "")) for key in self._keys)
        return {key: text for key, text in given if text}


class CorrectionForm(forms.Form):
    """What an accepted figure shall count as instead."""

    key = forms.ChoiceField(label="修正する項目")
    value = forms.CharField(
        label="修正後の値",
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text="0件は0、該当しないときは－を入力してください。",
    )
    reason = forms.CharField(
        label="修正の理由", max_length=1_000, widget=forms.Textarea(attrs={"rows": 3})
    )
    evidence = forms.CharField(
        label="根拠",
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="何で確かめられるかを書いてください（例：相談記録の受付番号、集計表の名前と日付）。",
    )

    def __init__(self, *args: Any, columns: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "key", columns)


class RefusalForm(forms.Form):
    """Why a correction is not accepted."""

    reason = forms.CharField(
        label="不承認の理由",
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="拠点が次に何をすればよいか分かるように書いてください。",
    )


class BulkForm(forms.Form):
    """The months ticked in a list; which of them can go on is the operation's to say."""

    reports = forms.TypedMultipleChoiceField(
        coerce=int, error_messages={"required": "1件以上選んでください。"}
    )

    def __init__(self, *args: Any, choices: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "reports", choices)


class ReminderForm(forms.Form):
    """The late months ticked in the list."""

    months = forms.MultipleChoiceField(error_messages={"required": "1件以上選んでください。"})

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "months", choices)
