"""Choosing a file, and saying why an import is taken back."""

from typing import Any

from django import forms

from yorozu.core.imports.operations import EMPTY, MAX_BYTES, TOO_LARGE


class FileField(forms.FileField):
    """A file of at most 20 MB; refused before it is read."""

    default_error_messages = {"empty": EMPTY, "required": "ファイルを選んでください。"}

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Size first: Django has spooled a large upload to disk, and nothing has read it yet."""
        if data and data.size is not None and data.size > MAX_BYTES:
            raise forms.ValidationError(TOO_LARGE)
        return super().clean(data, initial)


class UploadForm(forms.Form):
    """The file itself; its conditions are a form of the kind."""

    file = FileField(
        label="ファイル",
        help_text="CSV（UTF-8またはShift_JIS）かXLSX。20MBまで。1行目に見出しを入れてください。",
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
