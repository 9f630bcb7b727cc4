"""The conditions of a list of records; an address with them stays good (drill-down)."""

from datetime import date
from typing import Any

from django import forms

from hubs.ledger.forms.fields import MonthField, TypedDateField, coded
from hubs.ledger.models import CodeKind
from hubs.ledger.queries import LAYERS, CodeBook, Wanted, last_of_month
from hubs.ledger.rules import COUNTING, MAX_COORDINATOR, read_record_no
from yorozu.core.fiscal import first_day, last_day

ALL = "すべて"


class FilterForm(forms.Form):
    """Period or month, codes, layer, coordinator, words; ``indicator`` only comes by a link."""

    month = MonthField(label="月", required=False)
    first = TypedDateField(label="期間（から）", required=False)
    last = TypedDateField(label="期間（まで）", required=False)
    coordinator = forms.CharField(
        label="担当", required=False, max_length=MAX_COORDINATOR, widget=forms.Select
    )
    layer = forms.ChoiceField(
        label="課題解決",
        required=False,
        choices=[("", ALL), *((key, label) for key, (label, _) in LAYERS.items())],
    )
    q = forms.CharField(
        label="受付番号・相談者番号",
        required=False,
        max_length=32,
        widget=forms.TextInput(attrs={"size": "14"}),
    )
    indicator = forms.ChoiceField(
        required=False,
        choices=[("", ALL), *((code, code) for code in COUNTING)],
        widget=forms.HiddenInput,
    )

    field_order = [
        "month",
        "first",
        "last",
        "channel",
        "theme",
        "industry",
        "employees_band",
        "coordinator",
        "layer",
        "q",
    ]

    def __init__(self, *args: Any, book: CodeBook, fiscal_year: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._year = fiscal_year
        for kind in CodeKind:
            if kind is not CodeKind.NETWORK_KIND:
                self.fields[kind.value] = coded(
                    str(kind.label), book.options(kind), empty=ALL, required=False
                )
        self.order_fields(self.field_order)

    def offer_coordinators(self, names: list[str]) -> None:
        """Names to choose from: those that stand in the period."""
        asked = str(self["coordinator"].value() or "")
        offered = dict.fromkeys([*names, asked] if asked else names)
        self.fields["coordinator"].widget.choices = [
            ("", ALL),
            *((name, name) for name in offered),
        ]

    def clean(self) -> dict[str, Any]:
        """A period must not run backwards."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and last < first:
            self.add_error("last", "期間の終わりが始まりより前です。")
        return cleaned

    def wanted(self) -> Wanted:
        """What the list shows; a month wins over a period, and without both it is the year."""
        data = self.cleaned_data if self.is_valid() else {}
        first, last = self._days(data)
        return Wanted(
            first=first,
            last=last,
            indicator=data.get("indicator", ""),
            channel=data.get("channel", ""),
            theme=data.get("theme", ""),
            industry=data.get("industry", ""),
            employees_band=data.get("employees_band", ""),
            coordinator=data.get("coordinator", ""),
            layer=data.get("layer", ""),
            words=read_record_no(data.get("q", "")),
        )

    def _days(self, data: dict[str, Any]) -> tuple[date, date]:
        if month := data.get("month"):
            return month, last_of_month(month)
        first, last = data.get("first"), data.get("last")
        return first or min(first_day(self._year), last or date.max), last or max(
            last_day(self._year), first or date.min
        )
