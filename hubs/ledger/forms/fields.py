"""Fields of the ledger's forms: dates as people write them, coded fields, confirmations."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from yorozu.core import fiscal


class TypedDateField(forms.DateField):
    """A date typed as text, so that 令和8年5月12日, R8.5.12, 2026/5/12 and full-width go in too."""

    widget = forms.TextInput(attrs={"size": "14", "autocomplete": "off"})

    def prepare_value(self, value: Any) -> Any:
        """A date is shown as it is shortest to type."""
        return value.isoformat() if hasattr(value, "isoformat") else value

    def to_python(self, value: Any) -> Any:
        """Parse with core.fiscal, or raise ValidationError with its reason."""
        if isinstance(value, str):
            if not value.strip():
                return None
            try:
                return fiscal.parse_date(value)
            except ValueError as error:
                raise ValidationError(str(error)) from None
        return value


class MonthField(forms.CharField):
    """A month as its first day: 2026-05, 2026/5, 令和8年5月."""

    widget = forms.TextInput(attrs={"size": "12", "autocomplete": "off"})

    def to_python(self, value: Any) -> Any:
        """Parse with core.fiscal, or raise ValidationError with its reason."""
        text = super().to_python(value)
        if not text:
            return None
        try:
            return fiscal.parse_month(text)
        except ValueError as error:
            raise ValidationError(str(error)) from None

    def prepare_value(self, value: Any) -> Any:
        """A month is shown as it is shortest to type."""
        return f"{value:%Y-%m}" if hasattr(value, "isoformat") else value


def ask_in_words(form: forms.Form) -> None:
    """A blank field is asked for by its label, where the field has no words of its own."""
    for field in form.fields.values():
        plain = field.error_messages["required"] == forms.Field.default_error_messages["required"]
        if field.label and plain:
            field.error_messages["required"] = f"{field.label}を入力してください。"


def coded(
    label: str, options: list[tuple[str, str]], *, empty: str, required: bool = True
) -> forms.ChoiceField:
    """A select of codes with labels; typing the code jumps to it."""
    return forms.ChoiceField(
        label=label,
        choices=[("", empty), *options],
        required=required,
        error_messages={"required": f"{label}を選んでください。"},
    )
