"""Forms of the register."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from hubs.network.models import Prefecture
from hubs.partners.models import OrganizationType, SupportOrganization


class KeptField(forms.ModelChoiceField):
    """Organisations with what tells two of one name apart."""

    def label_from_instance(self, obj: SupportOrganization) -> str:
        """Name, kind and prefecture."""
        return f"{obj.name}（{obj.get_kind_display()}、{obj.prefecture}）"


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


class EditForm(OrganizationForm):
    """An organisation to put right; ``seen`` is the content the form was drawn from."""

    seen = forms.CharField(max_length=16, widget=forms.HiddenInput)


class MergeForm(forms.Form):
    """Which entry stays, and why the two are the same organisation."""

    kept = KeptField(
        label="統合先",
        queryset=SupportOrganization.objects.none(),
        empty_label="選択",
        help_text="同じ都道府県の支援機関と、同じ名称の支援機関から選びます。",
    )
    reason = forms.CharField(
        label="統合の理由",
        max_length=200,
        help_text="例：旧名称で二重に登録されていたため",
        widget=forms.TextInput(),
    )

    def __init__(self, *args: Any, choices: QuerySet[SupportOrganization], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["kept"].queryset = choices  # type: ignore[attr-defined]


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
