"""The search form of the trail."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.module_loading import import_string

from yorozu.core.access import Scope, rules
from yorozu.core.web.forms import JapaneseDateField


class SearchForm(forms.Form):
    """Period, act, person, hub and object; everything may stay empty."""

    since = JapaneseDateField(label="期間（から）", required=False)
    until = JapaneseDateField(label="期間（まで）", required=False)
    action = forms.ChoiceField(label="操作", required=False)
    person = forms.CharField(label="行った人", required=False, max_length=100)
    hub = forms.ChoiceField(label="拠点", required=False)
    target = forms.CharField(label="対象", required=False, max_length=100)

    def __init__(self, *args: Any, actor: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        acts = sorted((row.label, row.action) for row in rules() if row.writes)
        self._choose("action", [(action, label) for label, action in acts])
        # The hubs belong to the floor above; settings name who knows them.
        hubs = import_string(settings.HUB_CHOICES)(actor)
        self._choose("hub", [(str(pk), name) for pk, name in hubs])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", "すべて"), *choices]
