"""Form ground: one renderer for all forms, and fields that read Japanese office input."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting

from yorozu.core import figures, fiscal


class PortalRenderer(TemplatesSetting):
    """All forms use templates/django/forms/."""

    field_template_name = "django/forms/field.html"
    form_template_name = "django/forms/div.html"


class CountField(forms.Field):
    """A non-negative count: full-width digits and commas are read, 12.9 and 1e3 refused."""

    widget = forms.TextInput

    def __init__(self, *, maximum: int = 9_999_999, **kwargs: Any) -> None:
        self.maximum = maximum
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Numeric keyboard on phones, right-aligned figures."""
        return {"inputmode": "numeric", "autocomplete": "off", "class": "yz-input yz-input--number"}

    def to_python(self, value: Any) -> int | None:
        """Parse, or raise ValidationError with the reason of core.figures."""
        if value is None or str(value).strip() == "":
            return None
        try:
            count = figures.parse_count(str(value))
        except ValueError as error:
            raise ValidationError(str(error)) from None
        if not isinstance(count, int):
            return None
        if not 0 <= count <= self.maximum:
            raise ValidationError(f"0から{self.maximum:,}までの整数で入力してください。")
        return count


class JapaneseDateField(forms.DateField):
    """A date in any usual form (2017/1/16, 平成29年1月16日, H29.1.16); a native date input."""

    widget = forms.DateInput(attrs={"type": "date", "class": "yz-input"}, format="%Y-%m-%d")

    def to_python(self, value: Any) -> Any:
        """Parse with core.fiscal, or raise ValidationError with its reason."""
        if isinstance(value, str) and value.strip():
            try:
                return fiscal.parse_date(value)
            except ValueError as error:
                raise ValidationError(str(error)) from None
        return super().to_python(value)


def status_of(form: forms.BaseForm | None) -> int:
    """422 for a page that shows a form with faults, 200 for any other page."""
    return 422 if form is not None and form.is_bound and form.errors else 200
