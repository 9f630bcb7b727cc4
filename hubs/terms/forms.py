"""Forms of this slice."""

from django import forms

from hubs.terms.operations import FIRST_YEAR, LAST_YEAR


class OpenTermForm(forms.Form):
    """The fiscal year to open."""

    fiscal_year = forms.IntegerField(
        label="年度（西暦）",
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
        help_text="4月から始まる年の西暦です。前の年度の内容は引き継ぎません。",
    )


class PolicyForm(forms.Form):
    """The text of an activity policy; ``seen`` notices a colleague's change."""

    title = forms.CharField(label="標題", max_length=120)
    body = forms.CharField(
        label="本文",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text="改行はそのまま表示されます。",
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
