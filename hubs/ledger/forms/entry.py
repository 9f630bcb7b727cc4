"""The compact form of a record, for entry and for correction."""

from typing import Any

from django import forms

from hubs.ledger.forms.fields import TypedDateField, ask_in_words, coded
from hubs.ledger.models import CodeKind, IndividualConsultation
from hubs.ledger.queries import CodeBook
from hubs.ledger.rules import (
    LABELS,
    MAX_CLIENT_KEY,
    MAX_COORDINATOR,
    MAX_MINUTES,
    MAX_NOTE,
    MAX_RECORD_NO,
    RecordValues,
    problems_of,
    read_client_key,
    read_record_no,
    record_no_problem,
)
from hubs.network.models import Hub
from yorozu.core import clock
from yorozu.core.web.forms import CountField

CHOOSE = "選択"
AS_BEFORE = "前回と同じ"
NEW_CLIENT = "この相談者番号の記録はまだありません。{label}を選んでください。"


class RecordForm(forms.Form):
    """The content of a record. ``hub`` decides the earliest day, ``book`` the codes."""

    held_on = TypedDateField(label=LABELS["held_on"])
    coordinator_name = forms.CharField(
        label=LABELS["coordinator_name"],
        max_length=MAX_COORDINATOR,
        widget=forms.TextInput(attrs={"list": "coordinators", "size": "14", "autocomplete": "off"}),
    )
    client_key = forms.CharField(
        label=LABELS["client_key"],
        max_length=MAX_CLIENT_KEY,
        widget=forms.TextInput(attrs={"size": "14", "autocomplete": "off"}),
    )
    minutes = CountField(label=LABELS["minutes"], maximum=MAX_MINUTES)
    resolved_on = TypedDateField(label=LABELS["resolved_on"], required=False)
    client_confirmed_on = TypedDateField(label=LABELS["client_confirmed_on"], required=False)
    note = forms.CharField(
        label=LABELS["note"],
        max_length=MAX_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="氏名、電話番号、住所などの個人情報は書かないでください。",
    )

    field_order = [
        "record_no",
        "held_on",
        "coordinator_name",
        "channel",
        "client_key",
        "theme",
        "industry",
        "employees_band",
        "minutes",
        "resolved_on",
        "client_confirmed_on",
        "note",
    ]

    def __init__(self, *args: Any, hub: Hub, book: CodeBook, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hub = hub
        for kind in (CodeKind.CHANNEL, CodeKind.THEME):
            self.fields[kind.value] = coded(str(kind.label), book.options(kind), empty=CHOOSE)
        for kind in (CodeKind.INDUSTRY, CodeKind.EMPLOYEES_BAND):
            self.fields[kind.value] = coded(
                str(kind.label),
                book.options(kind),
                empty=self.carry_label,
                required=not self.carries,
            )
        self.order_fields(self.field_order)
        ask_in_words(self)

    carries = False
    carry_label = CHOOSE

    def clean_client_key(self) -> str:
        """Full-width digits and dashes are folded."""
        return read_client_key(self.cleaned_data["client_key"])

    def clean(self) -> dict[str, Any]:
        """Faults of dates, minutes and the client's number, each at its field."""
        cleaned = super().clean() or {}
        if not self.errors:
            values = self.values()
            found = problems_of(values, today=clock.today(), opened_on=self.hub.opened_on)
            for name, text in found.items():
                self.add_error(name, text)
        return cleaned

    def values(self) -> RecordValues:
        """The typed content."""
        data = self.cleaned_data
        return RecordValues(
            **{name: data[name] for name in LABELS if name not in {"coordinator_name", "note"}},
            coordinator_name=data["coordinator_name"].strip(),
            note=data["note"].strip(),
        )


class EntryForm(RecordForm):
    """A new record: with a number, and with what may be taken over from the client's last one."""

    record_no = forms.CharField(
        label="受付番号",
        max_length=MAX_RECORD_NO,
        widget=forms.TextInput(attrs={"size": "14", "autocomplete": "off"}),
    )
    proposed_no = forms.CharField(widget=forms.HiddenInput, required=False)
    entry_key = forms.CharField(widget=forms.HiddenInput, max_length=32)

    carries = True
    carry_label = AS_BEFORE

    def __init__(self, *args: Any, last: Any = None, **kwargs: Any) -> None:
        self._last = last
        self.carried_from: IndividualConsultation | None = None
        super().__init__(*args, **kwargs)
        self.fields["client_key"].widget.attrs["autofocus"] = True

    def clean_record_no(self) -> str:
        """A number that can be stored."""
        number = read_record_no(self.cleaned_data["record_no"])
        if problem := record_no_problem(number):
            raise forms.ValidationError(problem)
        return number

    def clean(self) -> dict[str, Any]:
        """Take industry and size from the client's last record where they were left open."""
        left = [name for name in ("industry", "employees_band") if not self.data.get(name)]
        key = self.cleaned_data.get("client_key")
        if left and key:
            before = self._last(key) if self._last else None
            for name in left:
                if before is None:
                    self.add_error(name, NEW_CLIENT.format(label=LABELS[name]))
                else:
                    self.cleaned_data[name] = getattr(before, name)
                    self.carried_from = before
        return super().clean()

    def chosen_number(self) -> str:
        """The number the writer insists on; "" where the proposal was left as it stood."""
        number: str = self.cleaned_data["record_no"]
        return "" if number == self.cleaned_data["proposed_no"] else number


class CorrectionForm(RecordForm):
    """The content as it should be, and why it changes."""

    reason = forms.CharField(
        label="訂正の理由",
        max_length=200,
        help_text="例：相談方法の入力誤り",
        widget=forms.TextInput(),
    )


class WithdrawForm(forms.Form):
    """Why a record is taken out of the counts."""

    reason = forms.CharField(label="取消の理由", max_length=200, help_text="例：二重に入力したため")


class OutcomeForm(forms.Form):
    """When the issue was resolved, and when the client said so."""

    resolved_on = TypedDateField(
        label=LABELS["resolved_on"], required=False, help_text="まだ解決していなければ空欄です。"
    )
    client_confirmed_on = TypedDateField(
        label=LABELS["client_confirmed_on"],
        required=False,
        help_text="相談者に解決を確かめた日です。",
    )


def initial_of(row: IndividualConsultation) -> dict[str, Any]:
    """The fields of a form that shows a version."""
    return {name: getattr(row, name) for name in LABELS}
