"""Forms of the run's acts."""

from django import forms

from evaluation.scoring.models import RunKind
from hubs.terms.models import Term


class StartForm(forms.Form):
    """Which term is computed, and as what."""

    term = forms.ModelChoiceField(label="期", queryset=Term.objects.all(), empty_label=None)
    kind = forms.ChoiceField(
        label="種別",
        choices=RunKind.choices,
        initial=RunKind.TRIAL,
        help_text="試行は何度でも削除できます。確定の評価は、別の担当者が確定したあと公表します。",
    )


class ReasonForm(forms.Form):
    """A reason, where the act asks for one."""

    reason = forms.CharField(
        label="理由",
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        max_length=1000,
        help_text="採点されていない項目がある場合は、このまま確定する理由を入力してください。",
    )
