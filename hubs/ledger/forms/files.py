"""The conditions of a file of network activities."""

from django import forms

REFUSE, TAKE = "refuse", "take"


class AlikeForm(forms.Form):
    """What becomes of an activity that another row or the ledger seems to hold already."""

    alike = forms.ChoiceField(
        label="同じ日・同じ種類・同じ支援機関の活動",
        choices=[
            (REFUSE, "誤りとして知らせ、取り込まない"),
            (TAKE, "別の活動として取り込む"),
        ],
        initial=REFUSE,
        widget=forms.RadioSelect,
        help_text=(
            "2つの拠点が一緒に行った活動は、1つの拠点だけで数えます。もう一方の拠点は、"
            "ネットワーク活動の画面で参加を記録してください。"
        ),
    )
