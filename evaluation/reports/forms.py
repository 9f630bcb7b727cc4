"""Form of the remarks on a hub."""

from typing import Any

from django import forms

from evaluation.reports.models import HubRemarks

TEXTS = {
    "strengths": ("強み", "数値に表れない点を含めて、他の拠点の参考になる取組を書きます。"),
    "issues": ("課題", "評価結果のどの項目から読み取れるかを書きます。"),
    "next_steps": ("今後の取組", "次の年度に拠点と全国本部が取り組むことを書きます。"),
}


class RemarksForm(forms.Form):
    """Three texts; ``version`` is the writing they are based on (0: none yet)."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, standing: HubRemarks, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = standing.version
        for name, (label, hint) in TEXTS.items():
            self.fields[name] = forms.CharField(
                label=label,
                help_text=hint,
                required=False,
                max_length=1000,
                initial=getattr(standing, name),
                widget=forms.Textarea(attrs={"rows": 5}),
            )
