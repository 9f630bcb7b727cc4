"""Forms of the sample check."""

from django import forms

from hubs.ledger.forms.fields import MonthField
from hubs.ledger.operations.checks import MAX_DRAWN
from yorozu.core.web.forms import CountField


class DrawForm(forms.Form):
    """Of which month, and how many."""

    month = MonthField(label="課題が解決した月")
    size = CountField(
        label="抽出する件数", maximum=MAX_DRAWN, help_text="5%（5件から30件まで）が目安です。"
    )
