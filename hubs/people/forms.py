"""Forms of people: conditions of the survey import, and the end of an engagement."""

from django import forms

from yorozu.core.web.forms import JapaneseDateField


class SurveyImportForm(forms.Form):
    """Which survey the file belongs to."""

    as_of = JapaneseDateField(
        label="調査時点",
        help_text="いつの時点の保有資格かを示す日付です。同じ時点の調査は1つだけです。",
    )
    name = forms.CharField(label="調査名", max_length=80, help_text="例：令和8年度 保有資格調査")
    is_sample = forms.BooleanField(
        label="サンプルデータとして取り込む",
        required=False,
        help_text="動作を確かめるための架空のデータの場合に選びます。画面に「サンプル」と表示します。",
    )


class EndEngagementForm(forms.Form):
    """Last day of an engagement, with the reason."""

    ends_on = JapaneseDateField(label="契約の終了日")
    reason = forms.CharField(label="理由", max_length=200, help_text="例：任期満了による退任")
