"""Reason of a return, plans ticked in the list."""

from collections.abc import Sequence
from typing import Any

from django import forms


class ReturnForm(forms.Form):
    """Why the plan goes back."""

    reason = forms.CharField(
        label="差戻しの理由",
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="拠点がどこを直せばよいか分かるように書いてください。",
    )


class BulkForm(forms.Form):
    """The plans ticked in the list."""

    plans = forms.TypedMultipleChoiceField(
        coerce=int, error_messages={"required": "1件以上選んでください。"}
    )

    def __init__(self, *args: Any, choices: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["plans"].choices = choices  # type: ignore[attr-defined]
