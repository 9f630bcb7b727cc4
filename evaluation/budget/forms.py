"""Forms of the budget's acts."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from evaluation.budget.operations import NEED_FACTORS
from evaluation.budget.rules.params import DEFAULT_PARAMS, read_params
from yorozu.core.web.forms import CountField

SHARES = {
    "reserve": ("留保の割合", "重点指導・災害などに備えて配分しない割合です。"),
    "base": ("均等分の割合", "全拠点に等しく配る割合です。需要分との合計を1にします。"),
    "need": ("需要分の割合", "中小企業数と面積に応じて配る割合です。"),
    "loss": ("第1段階の下限", "一律の増減と比べて下がってよい割合です。"),
    "gain": ("第1段階の上限", "一律の増減と比べて上がってよい割合です。"),
    "rate": ("評価反映の割合", "評価に応じて配り直す割合です。"),
    "loss_total": ("全体の下限", "前年度と比べて下がってよい割合です。"),
    "gain_total": ("全体の上限", "前年度と比べて上がってよい割合です。"),
}


class ScenarioForm(forms.Form):
    """Envelope and parameters of one scenario; they start from the budget rule of the year.

    ``base`` is that rule ({} when the year has none: then the product's).
    """

    title = forms.CharField(label="名称", max_length=80, help_text="例：標準案、評価反映20%案")
    total_yen = CountField(label="予算総額（円）", maximum=9_999_999_999_999)
    floor = CountField(label="1拠点の下限額（円）", maximum=9_999_999_999)

    def __init__(self, *args: Any, base: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.base = {**DEFAULT_PARAMS, "need_factors": NEED_FACTORS, **base}
        self.fields["floor"].initial = self.base["floor"]
        for name, (label, hint) in SHARES.items():
            self.fields[name] = forms.DecimalField(
                label=label,
                help_text=hint,
                min_value=Decimal(0),
                max_value=Decimal(1),
                decimal_places=3,
                initial=self.base[name],
            )

    def clean(self) -> dict[str, Any]:
        """Let the rule itself say what contradicts itself."""
        data: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                read_params(self.params())
            except (ValueError, TypeError) as refusal:
                raise ValidationError(str(refusal)) from refusal
        return data

    def params(self) -> dict[str, Any]:
        """The whole rule with what was typed in its place; decimals as text."""
        shares = {name: str(self.cleaned_data[name]) for name in SHARES}
        return {**self.base, **shares, "floor": self.cleaned_data["floor"] or 0}


class AdoptForm(forms.Form):
    """Why this scenario."""

    reason = forms.CharField(
        label="採用の理由", widget=forms.Textarea(attrs={"rows": 3}), max_length=1000
    )
