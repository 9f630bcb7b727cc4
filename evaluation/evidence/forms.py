"""The one question of a freeze: up to which day."""

from django import forms

from yorozu.core.web.forms import JapaneseDateField


class FreezeForm(forms.Form):
    """The cut of the evidence."""

    as_of = JapaneseDateField(
        label="基準日",
        help_text="この日までに終わった月の実績を集めます。確定の評価には年度末の日付を使います。",
    )
