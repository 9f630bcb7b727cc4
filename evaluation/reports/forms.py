"""Form of the remarks on a hub."""

from typing import Any

from django import forms

from evaluation.reports.models import HubRemarks


def _text(label: str, hint: str) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 5})
    return forms.CharField(
        label=label, help_text=hint, required=False, max_length=1000, widget=widget
    )


class RemarksForm(forms.Form):
    """Three texts; ``version`` is the writing they are based on (0: none yet)."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    strengths = _text("強み", "数値に表れない点を含めて、他の拠点の参考になる取組を書きます。")
    issues = _text("課題", "評価結果のどの項目から読み取れるかを書きます。")
    next_steps = _text("今後の取組", "次の年度に拠点と全国本部が取り組むことを書きます。")

    def __init__(self, *args: Any, standing: HubRemarks, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.initial = getattr(standing, name)
