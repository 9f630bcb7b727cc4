"""What the screens of the hearings ask."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from evaluation.hearings.models import (
    ChecklistComponent,
    Evaluator,
    Hearing,
    InterestKind,
    PanelRole,
)
from evaluation.hearings.operations import Appointment, DeclaredInterest
from evaluation.hearings.queries.people import eligible_memberships
from evaluation.hearings.rules.interests import DECLARED
from evaluation.hearings.rules.items import LONGEST_TEXT
from evaluation.hearings.rules.limits import (
    LONGEST_DETAIL,
    LONGEST_FINDING,
    LONGEST_NAME,
    LONGEST_PLACE,
    LONGEST_TITLE,
    LONGEST_WAIVER,
)
from hubs.network.models import Hub
from hubs.terms.models import Term
from yorozu.core.fiscal import nendo
from yorozu.core.web.forms import JapaneseDateField

# A sentence that is read whole while it is written.
LINES = forms.Textarea(attrs={"rows": 2})
TIME = forms.TimeInput(attrs={"type": "time", "class": "yz-input"}, format="%H:%M")


def term_choices() -> list[tuple[int, str]]:
    """Terms to choose from, the latest first."""
    years = Term.objects.values_list("fiscal_year", flat=True)
    return [(year, nendo(year)) for year in years]


class HearingImportForm(forms.Form):
    """The term the scores belong to; stored with the import as ``fiscal_year``."""

    fiscal_year = forms.TypedChoiceField(label="期", choices=term_choices, coerce=int)


class AppointmentForm(forms.Form):
    """Day, time and place of one hearing."""

    held_on = JapaneseDateField(label="実施日")
    starts = forms.TimeField(label="開始時刻", widget=TIME)
    ends = forms.TimeField(label="終了時刻", widget=TIME)
    place = forms.CharField(label="場所", max_length=LONGEST_PLACE)
    due_on = JapaneseDateField(
        label="独自の取組の提出期限",
        required=False,
        help_text="空欄のときは、実施日の5営業日前の17時です。",
    )
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    @classmethod
    def of(cls, hearing: Hearing) -> "AppointmentForm":
        """The form with what is set."""
        given: dict[str, Any] = {"place": hearing.place, "version": hearing.version}
        if hearing.starts_at is not None and hearing.ends_at is not None:
            start, end = timezone.localtime(hearing.starts_at), timezone.localtime(hearing.ends_at)
            given |= {"held_on": start.date(), "starts": start.time(), "ends": end.time()}
        if hearing.initiatives_due is not None:
            given["due_on"] = timezone.localtime(hearing.initiatives_due).date()
        return cls(initial=given)

    def appointment(self) -> Appointment:
        """What was typed, as moments in Asia/Tokyo."""
        said = self.cleaned_data
        zone = timezone.get_default_timezone()

        def at(clock: Any) -> datetime:
            return datetime.combine(said["held_on"], clock, tzinfo=zone)

        due = said["due_on"]
        return Appointment(
            starts_at=at(said["starts"]),
            ends_at=at(said["ends"]),
            place=said["place"],
            initiatives_due=(
                datetime(due.year, due.month, due.day, 17, 0, tzinfo=zone) if due else None
            ),
        )


class SeatForm(forms.Form):
    """Who takes a seat, and as what."""

    evaluator = forms.TypedChoiceField(label="評価者", coerce=int)
    role = forms.ChoiceField(label="役割", choices=PanelRole.choices, initial=PanelRole.MEMBER)

    def __init__(self, *args: Any, choices: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["evaluator"]
        if isinstance(field, forms.TypedChoiceField):
            field.choices = choices


class StepForm(forms.Form):
    """Why a step back is taken."""

    reason = forms.CharField(label="理由", max_length=400, widget=forms.Textarea(attrs={"rows": 2}))


def account_choices(term: Term) -> list[tuple[int, str]]:
    """Accounts whose role may rate and that are not on the term's list yet."""
    listed = Evaluator.objects.filter(term=term, is_active=True).values_list("user_id", flat=True)
    known = set(listed)
    found: dict[int, str] = {}
    for row in eligible_memberships():
        if row.user_id not in known:
            place = row.bureau.name if row.bureau is not None else row.get_role_display()
            found.setdefault(row.user_id, f"{row.user.name}（{place}）")
    return list(found.items())


class EvaluatorForm(forms.Form):
    """An account to enter on the list of evaluators."""

    user = forms.TypedChoiceField(label="利用者", coerce=int)
    organization = forms.CharField(
        label="所属",
        max_length=LONGEST_NAME,
        required=False,
        help_text="空欄のときは、役割の所属です。外部の委員は、勤務先を入力してください。",
    )

    def __init__(self, *args: Any, term: Term, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["user"]
        if isinstance(field, forms.TypedChoiceField):
            field.choices = account_choices(term)


class WaiverForm(forms.Form):
    """Which block is lifted, and why."""

    hub = forms.CharField(max_length=2, widget=forms.HiddenInput)
    kind = forms.ChoiceField(choices=InterestKind.choices, widget=forms.HiddenInput)
    reason = forms.CharField(
        label="解除の理由", max_length=LONGEST_WAIVER, widget=forms.Textarea(attrs={"rows": 2})
    )


def _declared_kinds() -> list[tuple[str, str]]:
    return [(kind, str(InterestKind(kind).label)) for kind in DECLARED]


def hub_choices() -> list[tuple[int, str]]:
    """All hubs by code."""
    return [(hub.pk, f"{hub.code} {hub.name}") for hub in Hub.objects.all()]


class InterestForm(forms.Form):
    """The hubs a person may not rate, of one's own knowledge."""

    hubs = forms.TypedMultipleChoiceField(
        label="利害関係のある拠点",
        coerce=int,
        choices=hub_choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    kind = forms.ChoiceField(label="関係", choices=_declared_kinds, required=False)
    detail = forms.CharField(
        label="内容",
        max_length=LONGEST_DETAIL,
        required=False,
        help_text="例：拠点のコーディネーターが三親等以内の親族。氏名は書かないでください。",
    )

    def clean(self) -> dict[str, Any]:
        """A hub needs a text; without a hub nothing else is read."""
        said: dict[str, Any] = super().clean() or {}
        if said.get("hubs") and not said.get("detail", "").strip():
            self.add_error("detail", "利害関係の内容を入力してください。")
        return said

    def interests(self) -> list[DeclaredInterest]:
        """One interest per hub."""
        said = self.cleaned_data
        kind = said["kind"] or DECLARED[0]
        return [DeclaredInterest(pk, kind, said["detail"]) for pk in said["hubs"]]


class DeclarationForm(InterestForm):
    """The declaration of the term."""

    agrees = forms.BooleanField(label="上の文面のとおり宣誓します。")


class NotApplicableForm(forms.Form):
    """Why an item does not apply to the hub."""

    reason = forms.CharField(label="該当なしの理由", max_length=LONGEST_FINDING)


class ProposalDecisionForm(forms.Form):
    """The decision of the second person."""

    approve = forms.ChoiceField(
        label="判断",
        choices=[("yes", "該当なしと認める"), ("no", "認めない（評点を付ける）")],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label="判断の理由", max_length=LONGEST_FINDING, required=False)


class DocumentForm(forms.Form):
    """A document that proves a 3 or a 4."""

    title = forms.CharField(label="名称", max_length=LONGEST_TITLE, required=False)
    file = forms.FileField(
        label="ファイル",
        help_text="PDF、Word、Excel、PowerPoint、CSV、テキスト、画像。20MBまで。",
    )


class SitInForm(forms.Form):
    """A sit-in that proves a 3 or a 4."""

    title = forms.CharField(label="同席した相談・記録の名称", max_length=LONGEST_TITLE)
    sat_in_on = JapaneseDateField(label="同席日")


class PortfolioFileForm(forms.Form):
    """A file of the hub's own initiatives as proof."""

    initiative_file = forms.TypedChoiceField(label="独自の取組の資料", coerce=int)

    def __init__(self, *args: Any, choices: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["initiative_file"]
        if isinstance(field, forms.TypedChoiceField):
            field.choices = choices


class UploadForm(forms.Form):
    """A file of an own initiative."""

    file = forms.FileField(
        label="資料のファイル",
        help_text="PDF、Word、Excel、PowerPoint、CSV、テキスト、画像。20MBまで、5つまで。",
    )


class ItemForm(forms.Form):
    """One item of a draft checklist with its five anchors."""

    component = forms.ChoiceField(label="区分", choices=ChecklistComponent.choices)
    code = forms.RegexField(
        r"^[A-Z][0-9A-Z]{0,7}$",
        label="コード",
        help_text="英大文字で始まる8文字までの英数字（例：C1）。",
        error_messages={"invalid": "英大文字で始まる8文字までの半角英数字にしてください。"},
    )
    text = forms.CharField(label="項目", max_length=LONGEST_TEXT, widget=LINES)
    weight = forms.DecimalField(
        label="重み", min_value=0, max_digits=5, decimal_places=2, initial=1
    )
    anchor_0 = forms.CharField(label="0 未実施", max_length=LONGEST_TEXT, widget=LINES)
    anchor_1 = forms.CharField(label="1 着手", max_length=LONGEST_TEXT, widget=LINES)
    anchor_2 = forms.CharField(label="2 一部実施", max_length=LONGEST_TEXT, widget=LINES)
    anchor_3 = forms.CharField(label="3 標準", max_length=LONGEST_TEXT, widget=LINES)
    anchor_4 = forms.CharField(label="4 模範", max_length=LONGEST_TEXT, widget=LINES)


class DraftForm(forms.Form):
    """Why a next version is written."""

    reason = forms.CharField(
        label="この版を作る理由", max_length=400, widget=forms.Textarea(attrs={"rows": 2})
    )
