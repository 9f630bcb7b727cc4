"""Forms of the coded lists."""

from typing import Any

from django import forms

from hubs.ledger.models import CodeItem, CodeList
from yorozu.core.fiscal import nendo


class AliasForm(forms.Form):
    """Another spelling of a code."""

    item = forms.ModelChoiceField(
        label="コード", queryset=CodeItem.objects.none(), empty_label="選択"
    )
    alias = forms.CharField(
        label="別の表記", max_length=60, help_text="ファイルで使われる書き方です。"
    )

    def __init__(self, *args: Any, code_list: CodeList, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = CodeItem.objects.filter(code_list=code_list).order_by("order")
        self.fields["item"].queryset = rows  # type: ignore[attr-defined]


class VersionForm(forms.Form):
    """A new version: from which year on, and its codes line by line."""

    fiscal_year = forms.TypedChoiceField(label="適用を始める年度", coerce=int)
    items = forms.CharField(
        label="コードと名称",
        max_length=8_000,
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text="1行に1つ、コード、空白、名称の順に書きます。いまの版の内容が入っています。",
    )

    def __init__(self, *args: Any, years: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(year, nendo(year)) for year in years]
        self.fields["fiscal_year"].choices = choices  # type: ignore[attr-defined]

    def clean_items(self) -> list[tuple[str, str]]:
        """(code, label) per line; a line with a code alone has an empty label."""
        pairs = []
        for line in self.cleaned_data["items"].splitlines():
            words = line.replace("\u3000", " ").split(None, 1)
            if words:
                pairs.append((words[0], words[1].strip() if len(words) > 1 else ""))
        return pairs
