"""Forms of the network slice."""

from django import forms


class SampleFlagForm(forms.Form):
    """Condition of both imports: whether the rows are sample data, shown as such everywhere."""

    is_sample = forms.BooleanField(
        label="サンプルデータとして取り込む",
        required=False,
        help_text="動作を確かめるための架空のデータの場合に選びます。画面に「サンプル」と表示します。",
    )
