"""What the import screens ask beside the file."""

from django import forms

from hubs.terms.models import Term
from yorozu.core.fiscal import nendo


def term_choices() -> list[tuple[int, str]]:
    """Terms to choose from, the latest first."""
    years = Term.objects.values_list("fiscal_year", flat=True)
    return [(year, nendo(year)) for year in years]


class HearingImportForm(forms.Form):
    """The term the scores belong to; stored with the import as ``fiscal_year``."""

    fiscal_year = forms.TypedChoiceField(label="期", choices=term_choices, coerce=int)
