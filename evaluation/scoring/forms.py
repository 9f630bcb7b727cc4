"""Forms of the run's acts."""

from typing import Any

from django import forms

from evaluation.scoring.models import EvaluationRun, RemarkKind, RemarkState, RunKind
from evaluation.scoring.operations.remarks import ENDINGS, MAX_FILE, MAX_TEXT
from hubs.terms.models import Term


class StartForm(forms.Form):
    """Which term is computed, and as what."""

    term = forms.ModelChoiceField(label="期", queryset=Term.objects.all(), empty_label=None)
    kind = forms.ChoiceField(
        label="種別",
        choices=RunKind.choices,
        initial=RunKind.TRIAL,
        help_text="試行は何度でも削除できます。暫定は年度途中の基準日による評価です。"
        "確定は、拠点の事実確認と審査を経て、別の担当者が確定します。"
        "再審査は、公表した評価を訂正するときに使います。",
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


class DiscardForm(forms.Form):
    """Why a computed run is laid aside."""

    reason = forms.CharField(
        label="使わない理由", widget=forms.Textarea(attrs={"rows": 3}), max_length=1000
    )


class RemarkForm(forms.Form):
    """What a hub says to one fact."""

    kind = forms.ChoiceField(
        label="区分",
        widget=forms.RadioSelect,
        choices=[
            (
                RemarkKind.OBJECTION.value,
                "異議（台帳の値が誤っている。認否を回答します）",
            ),
            (RemarkKind.COMMENT.value, "意見（値はこのままでよいが、伝えておきたいことがある）"),
        ],
    )
    proposed = forms.CharField(
        label="正しいと考える値",
        max_length=120,
        required=False,
        help_text="異議のときは、正しい値が分かれば入力してください。",
    )
    text = forms.CharField(
        label="内容",
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="どの記録と違うのかを具体的に書いてください。"
        "相談者の氏名などの個人情報は書かないでください。",
    )
    evidence = forms.FileField(
        label="根拠資料",
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(sorted(ENDINGS))}),
        help_text="PDF、Excel、CSV、Word、画像、テキスト。10MBまで。",
    )

    def clean_evidence(self) -> Any:
        """Size before anything reads the file."""
        file = self.cleaned_data["evidence"]
        if file and file.size is not None and file.size > MAX_FILE:
            raise forms.ValidationError("10MB以内のファイルを選んでください。")
        return file


ANSWERS = {
    RemarkKind.OBJECTION: [
        (RemarkState.ACCEPTED.value, "認める（もとの記録を訂正し、算定し直す）"),
        (RemarkState.REJECTED.value, "認めない（台帳の値のままとする）"),
    ],
    RemarkKind.COMMENT: [(RemarkState.NOTED.value, "承知（意見として記録に残す）")],
}


class AnswerForm(forms.Form):
    """What national HQ answers; the hub reads it."""

    decision = forms.ChoiceField(label="回答の区分", widget=forms.RadioSelect)
    answer = forms.CharField(
        label="回答",
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="拠点が読みます。確かめた資料と、認めるときはどの記録をどう訂正するかを書いてください。",
    )

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        decision = self.fields["decision"]
        if isinstance(decision, forms.ChoiceField):
            decision.choices = ANSWERS[RemarkKind(kind)]


class AdjustmentForm(forms.Form):
    """One proposed adjustment of the panel."""

    hub = forms.ChoiceField(label="拠点")
    points = forms.CharField(
        label="調整点",
        max_length=8,
        widget=forms.TextInput(
            attrs={"inputmode": "decimal", "class": "yz-input yz-input--number"}
        ),
        help_text="5点以内、小数第2位まで。減点は-を付けます。0は前の調整を取り消します。",
    )
    reason = forms.CharField(
        label="理由",
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="数値に表れない点を、50字以上で具体的に書いてください。評価票に載ります。",
    )
    evidence = forms.CharField(
        label="根拠",
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="ヒアリングの記録、提出資料の名称など。",
    )

    def __init__(self, *args: Any, run: EvaluationRun, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = run.hub_results.filter(final__isnull=False).order_by("hub__code")
        hub = self.fields["hub"]
        if isinstance(hub, forms.ChoiceField):
            hub.choices = list(rows.values_list("hub__code", "hub_name"))
