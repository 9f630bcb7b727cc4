"""The one input of this slice: why an account is stopped or let in again."""

from django import forms


class ReasonForm(forms.Form):
    """A reason, kept in the trail."""

    reason = forms.CharField(
        label="理由",
        max_length=500,
        help_text="監査記録に残ります。例：3月31日の異動に伴う停止",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
