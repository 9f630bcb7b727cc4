"""Choosing a file, and saying why an import is taken back."""

from collections.abc import Callable
from typing import Any

from django import forms

from yorozu.core.imports.operations import (
    BULK_TOO_LARGE,
    EMPTY,
    MAX_BULK_BYTES,
    MAX_BYTES,
    TOO_LARGE,
)


class FileField(forms.FileField):
    """A file of at most so many bytes; refused before it is read."""

    default_error_messages = {"empty": EMPTY, "required": "ファイルを選んでください。"}

    def __init__(self, *, most: Callable[[], tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._most = most

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Size first: Django has spooled a large upload to disk, and nothing has read it yet."""
        most, message = self._most()
        if data and data.size is not None and data.size > most:
            raise forms.ValidationError(message)
        return super().clean(data, initial)


class UploadForm(forms.Form):
    """The file itself; its conditions are a form of the kind."""

    file = FileField(
        most=lambda: (MAX_BYTES, TOO_LARGE),
        label="ファイル",
        help_text="CSV（UTF-8またはShift_JIS）かXLSX。20MBまで。1行目に見出しを入れてください。",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
    )


class BulkUploadForm(forms.Form):
    """The same for a file of a bulk kind."""

    file = FileField(
        most=lambda: (MAX_BULK_BYTES, BULK_TOO_LARGE),
        label="ファイル",
        help_text=(
            "CSV（UTF-8またはShift_JIS）は400MB、1,100,000行まで。XLSXは400,000行ほどまで"
            "（セル6,000,000個）。1行目に見出しを入れてください。"
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
    )


class UndoForm(forms.Form):
    """Why an applied import is taken back."""

    reason = forms.CharField(
        label="取消しの理由",
        max_length=500,
        help_text="監査記録に残ります。例：前年度のファイルを取り込んだため",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
