"""Forms of network activities."""

from typing import Any

from django import forms

from hubs.ledger.forms.fields import MonthField, TypedDateField, ask_in_words, coded
from hubs.ledger.models import CodeKind, NetworkActivity
from hubs.ledger.queries import (
    ACTIVITY_LABELS,
    PARTS,
    ActivityValues,
    CodeBook,
    offered_organizations,
)
from hubs.ledger.rules import MAX_COORDINATOR
from hubs.network.models import Hub
from hubs.partners.models import SupportOrganization
from yorozu.core import clock


class ActivityForm(forms.Form):
    """One activity with the organisations it was held with."""

    held_on = TypedDateField(label=ACTIVITY_LABELS["held_on"])
    title = forms.CharField(
        label=ACTIVITY_LABELS["title"],
        max_length=120,
        help_text="氏名などの個人情報は書かないでください。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    coordinator_name = forms.CharField(
        label=ACTIVITY_LABELS["coordinator_name"],
        max_length=MAX_COORDINATOR,
        widget=forms.TextInput(attrs={"list": "coordinators", "size": "14", "autocomplete": "off"}),
    )
    organizations = forms.ModelMultipleChoiceField(
        label="支援機関",
        queryset=SupportOrganization.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "支援機関を1つ以上選んでください。"},
    )

    def __init__(
        self, *args: Any, hub: Hub, book: CodeBook, row: NetworkActivity | None = None, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        kind = CodeKind.NETWORK_KIND
        self.fields["kind"] = coded(ACTIVITY_LABELS["kind"], book.options(kind), empty="選択")
        offered = offered_organizations(hub, row)
        self.fields["organizations"].queryset = offered  # type: ignore[attr-defined]
        order = ["held_on", "kind", "title", "coordinator_name", "organizations", "reason"]
        self.order_fields(order)
        ask_in_words(self)
        self.has_organizations = offered.exists()

    def clean_held_on(self) -> Any:
        """Not in the future."""
        day = self.cleaned_data["held_on"]
        if day > clock.today():
            raise forms.ValidationError("実施日が先の日付になっています。")
        return day

    def values(self) -> ActivityValues:
        """The typed content."""
        data = self.cleaned_data
        return ActivityValues(
            held_on=data["held_on"],
            kind=data["kind"],
            title=data["title"].strip(),
            coordinator_name=data["coordinator_name"].strip(),
            organization_ids=tuple(sorted(one.pk for one in data["organizations"])),
        )


class ActivityCorrectionForm(ActivityForm):
    """The content as it should be, and why it changes."""

    reason = forms.CharField(
        label="訂正の理由",
        max_length=200,
        help_text="例：実施日の入力誤り",
        widget=forms.TextInput(),
    )


class ActivityFilter(forms.Form):
    """The conditions of the list; ``indicator`` and ``year`` only come by a link."""

    month = MonthField(label="月", required=False)
    part = forms.ChoiceField(label="区分", required=False, choices=[("", "すべて"), *PARTS.items()])
    year = forms.IntegerField(
        required=False, min_value=2000, max_value=2100, widget=forms.HiddenInput
    )
    indicator = forms.CharField(required=False, max_length=8, widget=forms.HiddenInput)

    def __init__(self, *args: Any, book: CodeBook, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = coded(
            ACTIVITY_LABELS["kind"],
            book.options(CodeKind.NETWORK_KIND),
            empty="すべて",
            required=False,
        )
