"""Forms of this slice: the hub's note, the decision."""

from django import forms

from hubs.integrity.models import Outcome
from hubs.integrity.operations.answering import MAX_TEXT
from hubs.integrity.operations.deciding import MAX_REASON


class NoteForm(forms.Form):
    """What the hub says."""

    text = forms.CharField(
        label="説明",
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="数値のとおりであれば、その理由を書いてください。誤りであれば、どのように直すかを書いてください。"
        "相談者の氏名などの個人情報は書かないでください。",
    )


class ReasonForm(forms.Form):
    """Why it is decided so; the hub reads it."""

    reason = forms.CharField(
        label="理由",
        max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="拠点が読みます。確かめた資料や修正の番号があれば、あわせて書いてください。",
    )


class DecisionForm(ReasonForm):
    """The decision on a flag of a hub."""

    outcome = forms.ChoiceField(
        label="判断",
        widget=forms.RadioSelect,
        choices=[
            (Outcome.EXPLAINED.value, "説明により確認（数値はそのままでよい）"),
            (Outcome.CORRECTED.value, "修正により確認（数値が直された）"),
            (Outcome.FINDING.value, "指摘（直すまで残る。点数は変わらない）"),
        ],
    )
    field_order = ["outcome", "reason"]
