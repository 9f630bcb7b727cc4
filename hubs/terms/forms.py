"""Forms of this slice."""

from django import forms

from yorozu.core.web.forms import JapaneseDateField


class PrepareForm(forms.Form):
    """The fiscal year whose preparation begins."""

    fiscal_year = forms.IntegerField(
        label="年度（西暦）",
        min_value=2014,
        max_value=2100,
        help_text="4月から始まる年の西暦です。翌年度まで準備できます。",
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


class ReasonForm(forms.Form):
    """Why the rules are changed, or why a proposal is given up."""

    reason = forms.CharField(
        label="理由", max_length=1000, widget=forms.Textarea(attrs={"rows": 4})
    )


class HolidayForm(forms.Form):
    """A holiday to add."""

    day = JapaneseDateField(label="日付")
    name = forms.CharField(label="祝日", max_length=40, help_text="例：スポーツの日")
    basis = forms.CharField(
        label="根拠", max_length=120, help_text="例：国民の祝日に関する法律第2条"
    )
    is_provisional = forms.BooleanField(
        label="見込み",
        required=False,
        help_text="官報で公表される前の日付の場合に選びます。",
    )


class HolidayCorrectionForm(forms.Form):
    """What of a holiday may be corrected; its day stays (cancel it and add another)."""

    name = forms.CharField(label="祝日", max_length=40)
    basis = forms.CharField(label="根拠", max_length=120)
    is_provisional = forms.BooleanField(
        label="見込み", required=False, help_text="官報で公表されたら外します。"
    )
    is_cancelled = forms.BooleanField(
        label="取消し",
        required=False,
        help_text="法律の改正などで休日でなくなった場合に選びます。行は記録として残ります。",
    )
