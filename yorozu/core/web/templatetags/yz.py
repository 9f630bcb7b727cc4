"""Template library `yz`: Japanese dates and figures, status chips, charts and the tile map."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from yorozu.core import charts, clock, figures, fiscal
from yorozu.core.marks import Marks
from yorozu.core.web import tables
from yorozu.core.web.chips import Chip, Status
from yorozu.core.web.drawing import draw_body, draw_chip, draw_foot, draw_head
from yorozu.core.web.kept import TOKEN_PLACE, Kept

register = template.Library()
NEAR_DAYS = 7


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value if isinstance(value, date) else None


@register.filter
def wareki(value: Any) -> str:
    """令和8年11月10日; nothing for a missing date."""
    day = _day(value)
    return fiscal.wareki(day) if day else ""


@register.filter
def wareki_month(value: Any) -> str:
    """令和8年11月."""
    day = _day(value)
    return fiscal.wareki_month(day) if day else ""


@register.filter
def wareki_time(value: Any) -> str:
    """令和8年11月10日 10:32 as in tables, in the portal's time zone."""
    if not isinstance(value, datetime):
        return wareki(value)
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{fiscal.wareki(local.date())} {local:%H:%M}"


@register.filter
def wareki_moment(value: datetime) -> str:
    """令和8年11月10日（火）12:00, a deadline to the minute with its day of the week."""
    local = timezone.localtime(value)
    day = local.date()
    return f"{fiscal.wareki(day)}（{fiscal.weekday_of(day)}）{local:%H:%M}"


@register.filter
def weekday(value: Any) -> str:
    """11月10日（火）: a day of the running year, as lists of dates show it."""
    day = _day(value)
    return f"{day.month}月{day.day}日（{fiscal.weekday_of(day)}）" if day else ""


@register.filter
def nendo(value: Any) -> str:
    """令和8年度, from a fiscal year or from a date in it."""
    day = _day(value)
    if day is not None:
        return fiscal.nendo(fiscal.fiscal_year_of(day))
    return fiscal.nendo(int(value)) if value not in {None, ""} else ""


@register.simple_tag
def this_nendo() -> str:
    """The running fiscal year, for the header: 令和8年度."""
    return fiscal.nendo(fiscal.fiscal_year_of(clock.today()))


@register.filter
def count(value: Any) -> str:
    """1,234; ▲ before a negative; — when nothing was reported."""
    return tables.shown(value) or charts.BLANK


@register.filter
def yen(value: int | None) -> str:
    """1,234,567円."""
    return figures.format_yen(value)


@register.filter
def senyen(value: int | None) -> str:
    """Yen in thousands, without the unit (it stands in the header of the column)."""
    return figures.format_thousand_yen(value)


@register.filter
def percent(value: Decimal | int | None) -> str:
    """87.5%; － when it cannot be said."""
    return figures.format_percent(None if value is None else Decimal(value))


@register.filter
def deadline(value: Any) -> SafeString | str:
    """「11月10日（火）まで（あと3日）」; coloured from seven days before its end."""
    day = _day(value)
    if day is None:
        return ""
    css, said = _left(day)
    mark, said = ("▲ ", said.removeprefix("▲ ")) if said.startswith("▲") else ("", said)
    return format_html('<span class="{}">{}{}まで（{}）</span>', css, mark, weekday(day), said)


@register.filter
def days_left(value: Any) -> SafeString | str:
    """あと3日, 本日まで or 2日前 beside a date of a calendar: what has passed is not late there."""
    day = _day(value)
    if day is None:
        return ""
    past = (clock.today() - day).days
    css, said = ("yz-muted", f"{past}日前") if past > 0 else _left(day)
    return format_html('<span class="{}">{}</span>', css, said)


def _left(day: date) -> tuple[str, str]:
    """CSS class and words for the days to a deadline; coloured from seven days before its end."""
    left = (day - clock.today()).days
    if left < 0:
        return "yz-late", f"▲ {-left}日超過"
    said = "本日まで" if left == 0 else f"あと{left}日"
    return ("yz-near" if left <= NEAR_DAYS else ""), said


@register.simple_tag
def chip(status: Any, note: str = "") -> SafeString | str:
    """A status chip from a Status, a Chip, or a status word; nothing for nothing."""
    if status in {None, ""}:
        return ""
    return draw_chip(status if isinstance(status, Chip) else Chip(Status.named(status), note))


@register.simple_tag
def table_head(table: tables.Table) -> SafeString:
    """The header row of a table."""
    return draw_head(table)


@register.simple_tag
def table_body(table: tables.Table) -> SafeString:
    """The rows of a table."""
    return draw_body(table)


@register.simple_tag
def table_foot(table: tables.Table) -> SafeString | str:
    """The totals row of a table."""
    return draw_foot(table)


@register.simple_tag
def chip_or_text(value: Any) -> SafeString | str:
    """A chip for a Status or Chip, the escaped text for anything else."""
    if isinstance(value, Status | Chip):
        return chip(value)
    return format_html("{}", tables.shown(value))


@register.simple_tag
def mark_at(marks: Marks, month: date, key: str) -> SafeString | str:
    """The mark at one figure, a small link with its sentence; nothing where there is none."""
    mark = marks.at(month, key)
    if mark is None:
        return ""
    said = format_html('<span class="yz-hidden">：{}</span>', mark.sentence)
    return format_html(
        '<span class="yz-cell__note"><a href="{}">{}{}</a></span>', mark.url, mark.word, said
    )


@register.simple_tag
def svg(picture: Any) -> SafeString:
    """A chart of yorozu.core.charts inline; any other text is refused, never trusted."""
    if not isinstance(picture, SafeString) or not picture.startswith("<svg "):
        raise TypeError("svg takes a picture made by yorozu.core.charts")
    return picture


@register.filter
def as_widget_type(field: Any) -> str:
    """Kind of a form field's control for the field template: checkbox, group, date, file, text …"""
    widget = field.field.widget
    if getattr(field, "use_fieldset", False):
        return "group"
    return str(getattr(widget, "input_type", "") or type(widget).__name__.lower())


class _KeptNode(template.Node):
    """The content between the tags, drawn anew only when what was kept no longer holds."""

    def __init__(self, nodelist: template.NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: template.Context) -> str:
        """The kept text, with the token of this answer in its forms."""
        kept: Kept = context["kept"]
        text = kept.read()
        if text is None:
            began = clock.now()
            with context.push(**kept.make(), csrf_token=TOKEN_PLACE):
                text = self.nodelist.render(context)
            kept.write(began, text)
        if TOKEN_PLACE not in text:
            return text
        return text.replace(TOKEN_PLACE, str(context["csrf_token"]))


@register.tag("kept")
def kept_content(parser: template.base.Parser, token: template.base.Token) -> _KeptNode:
    """{% kept %} ... {% endkept %}: content of ``kept`` in the context (core.web.kept.keep)."""
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return _KeptNode(nodelist)
