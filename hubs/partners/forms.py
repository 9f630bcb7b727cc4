"""Forms of the register."""

from django import forms

from hubs.network.models import Prefecture
from hubs.partners.models import OrganizationType


class OrganizationForm(forms.Form):
    """A support organisation to register."""

    name = forms.CharField(
        label="名称",
        max_length=80,
        help_text="正式な名称を入力してください（例：見本商工会議所）。",
    )
    kind = forms.ChoiceField(label="種別", choices=[("", "選択"), *OrganizationType.choices])
    prefecture = forms.ModelChoiceField(
        label="都道府県",
        queryset=Prefecture.objects.all(),
        empty_label=None,
        help_text="支援機関の本部がある都道府県です。",
    )


class OrganizationFilter(forms.Form):
    """The conditions of the list."""

    q = forms.CharField(
        label="名称", max_length=40, required=False, widget=forms.TextInput(attrs={"size": "18"})
    )
    kind = forms.ChoiceField(
        label="種別", choices=[("", "すべて"), *OrganizationType.choices], required=False
    )
    area = forms.ChoiceField(
        label="範囲", choices=[("", "自分の地域"), ("all", "全国")], required=False
    )
