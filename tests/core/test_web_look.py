"""Chips, tables, template tags and the form markup: what every screen is put together from."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django import forms
from django.template import engines
from django.template.loader import render_to_string
from django.test import override_settings

from yorozu.core import charts, clock, figures
from yorozu.core.web import tables, tiles
from yorozu.core.web.chips import Chip, Kind, Status, overdue

ROOT = Path(__file__).resolve().parents[2]
CSS = (ROOT / "static/css/yz.css").read_text(encoding="utf-8")
HOSTILE = "<script>alert(1)</script>"


def draw(source, **context):
    return engines["django"].from_string("{% load yz %}" + source).render(context)


# --- Chips --------------------------------------------------------------------------------------


def test_each_status_has_a_word_of_its_own_and_a_colour_in_the_style_sheet():
    words = [status.label for status in Status]
    assert len(words) == len(set(words))
    for kind in Kind:
        if kind is not Kind.NEUTRAL:  # the plain chip is neutral
            assert f".yz-chip--{kind.value} " in CSS


@pytest.mark.parametrize("word", [Status.RETURNED, "差戻し", "RETURNED", "returned"])
def test_a_status_is_found_by_word_or_name(word):
    assert (
        draw("{% chip word %}", word=word) == '<span class="yz-chip yz-chip--alert">差戻し</span>'
    )


def test_an_unknown_word_is_a_fault_and_not_a_new_status():
    with pytest.raises(ValueError, match="no such status"):
        draw("{% chip '差し戻し' %}")
    assert draw("{% chip nothing %}", nothing=None) == ""


def test_overdue_chip_says_by_how_many_days():
    assert "期限超過</span> <span" in draw("{% chip c %}", c=overdue(3))
    assert "▲ 3日超過" in draw("{% chip c %}", c=overdue(3))


def test_chip_text_is_escaped():
    assert HOSTILE not in draw("{% chip c %}", c=Chip(Status.DRAFT, HOSTILE, f'"{HOSTILE}'))


# --- Dates and figures --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "said", "css"),
    [
        (30, "あと30日", 'class=""'),
        (8, "あと8日", 'class=""'),
        (7, "あと7日", "yz-near"),
        (0, "本日まで", "yz-near"),
        (-3, "3日超過", "yz-late"),
    ],
)
def test_deadline_says_the_day_and_what_is_left(days, said, css):
    day = clock.today() + timedelta(days)
    text = draw("{{ day|deadline }}", day=day)
    assert f"{day.month}月{day.day}日（" in text
    assert f"まで（{said}）" in text
    assert css in text


def test_dates_and_figures_have_one_form():
    moment = datetime(2026, 11, 9, 20, 5, tzinfo=UTC)  # already the 10th in Japan
    assert draw("{{ d|wareki }}", d=date(2026, 11, 10)) == "令和8年11月10日"
    assert draw("{{ d|wareki }}", d=moment) == "令和8年11月10日"
    assert draw("{{ d|wareki_time }}", d=moment) == "令和8年11月10日 05:05"
    assert draw("{{ d|weekday }}", d=date(2026, 11, 10)) == "11月10日（火）"
    assert draw("{{ y|nendo }}", y=2019) == "令和元年度"
    assert draw("{{ d|nendo }}", d=date(2027, 3, 31)) == "令和8年度"
    assert draw("{{ n|count }}", n=1234567) == "1,234,567"
    assert draw("{{ n|count }}", n=0) == "0"
    assert draw("{{ n|count }}", n=None) == "—"
    assert draw("{{ n|yen }}", n=1234) == "1,234円"
    assert draw("{{ n|senyen }}", n=1234567) == "1,235"
    assert draw("{{ n|percent }}", n=Decimal("87.25")) == "87.3%"
    assert draw("{{ d|wareki }}{{ d|deadline }}{{ d|nendo }}", d=None) == ""


def test_svg_tag_takes_pictures_of_the_charts_only():
    picture = charts.bar("あ", [charts.Bar("い", 1)])
    assert draw("{% svg p %}", p=picture) == picture
    with pytest.raises(TypeError):
        draw("{% svg p %}", p="<svg onload=alert(1)>")


# --- Tables -------------------------------------------------------------------------------------

COLUMNS = [
    tables.Column("hub", "拠点", header=True, sort=True),
    tables.Column("state", "状態", sort=True),
    tables.Column("people", "来訪相談者数", numeric=True, unit="人", sort=True),
]
ROWS = [
    {"hub": tables.Cell("青森", url="/a"), "state": Status.FINALIZED, "people": 30},
    {"hub": "岩手", "state": Status.DRAFT, "people": None},
    {"hub": HOSTILE, "state": overdue(2), "people": -1234},
    {"hub": "宮城", "state": Status.NOT_STARTED, "people": 0},
]


def order(wanted):
    table = tables.Table("表", COLUMNS, ROWS).sorted_by(wanted)
    return [row["people"] for row in table.rows]


def test_sorting_keeps_missing_values_last_in_both_directions():
    assert order("people") == [-1234, 0, 30, None]
    assert order("-people") == [30, 0, -1234, None]
    assert order("unknown") == order("") == [30, None, -1234, 0]
    assert order("state") == [0, None, -1234, 30]  # the order of work, not of letters


def test_sorting_links_turn_the_order_and_keep_the_other_parameters():
    table = tables.Table("表", COLUMNS, ROWS).sorted_by("people", {"area": ["関東"], "page": "3"})
    head = {cell["column"].key: cell for cell in table.head}
    assert head["people"]["aria_sort"] == "ascending"
    assert head["hub"]["aria_sort"] == "none"
    assert head["people"]["link"].endswith("sort=-people")
    assert "area=%E9%96%A2%E6%9D%B1" in head["people"]["link"]
    assert "page" not in head["people"]["link"]


def test_table_has_caption_scopes_totals_and_says_when_a_cell_is_empty():
    table = tables.Table("一覧", COLUMNS, ROWS, totals={"hub": "合計", "people": 5}, csv_url="/c")
    html = render_to_string("includes/table.html", {"table": table})
    assert "<caption>一覧</caption>" in html
    assert html.count('scope="col"') == 3
    assert html.count('scope="row"') == 5
    assert '<th scope="row"><a href="/a">青森</a></th>' in html
    assert "該当なし" in html
    assert '<td class="yz-num yz-neg">▲1,234</td>' in html
    assert '<td class="yz-num">0</td>' in html
    assert "<tfoot>" in html
    assert 'tabindex="0" role="region"' in html
    assert HOSTILE not in html


def test_an_empty_table_says_what_will_be_here_instead():
    empty = tables.Empty("まだ計画がありません。", "公表後に作成できます。", "/p", "活動方針")
    html = render_to_string(
        "includes/table.html", {"table": tables.Table("表", COLUMNS, [], empty=empty)}
    )
    assert "<table" not in html
    for text in ("まだ計画がありません。", "公表後に作成できます。", 'href="/p"'):
        assert text in html


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "はい"),
        (1234, "1,234"),
        (Decimal("12.50"), "12.50"),
        (figures.Blank.NOT_APPLICABLE, "－"),
        (date(2026, 4, 1), "令和8年4月1日"),
        ("文", "文"),
    ],
)
def test_values_are_shown_in_the_forms_of_the_house(value, text):
    assert tables.shown(value) == text


def test_tile_rows_are_all_47_prefectures_and_missing_ones_are_marked():
    rows = tiles.rows({"13": charts.Tile("98%", 3)}, {"13": "/tokyo"})
    assert len(rows) == 47
    assert rows[12] == tiles.ScreenTile("13", "東京", "98%", 3, "/tokyo")
    assert rows[0].level == 0
    html = render_to_string(
        "includes/tile_map.html", {"tiles": rows, "label": "地図", "legend": []}
    )
    assert html.count('<li class="yz-tile yz-tile-') == 47
    assert "style=" not in html


# --- Forms --------------------------------------------------------------------------------------


class Sample(forms.Form):
    """One field of each kind of control."""

    title = forms.CharField(label="名称", help_text="40字以内")
    people = forms.IntegerField(label="人数", required=False)
    day = forms.DateField(
        label="日付", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    way = forms.ChoiceField(label="方法", choices=[("a", "対面")], widget=forms.RadioSelect)
    sure = forms.BooleanField(label="確認しました")
    token = forms.CharField(widget=forms.HiddenInput, required=False)


def test_fields_carry_label_hint_need_and_error_in_this_order():
    html = str(Sample({"title": "", "way": "a", "sure": "on"}))
    label, hint, error, control = (
        html.index(part)
        for part in (
            '<label for="id_title">',
            'id="id_title_helptext"',
            'id="id_title_error"',
            'id="id_title"',
        )
    )
    assert label < hint < error < control
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'aria-invalid="true"' in html
    assert "エラー：" in html
    assert html.count('">必須</span>') == 3
    assert html.count('">任意</span>') == 2
    assert "<fieldset" in html
    assert "<legend>方法" in html
    assert 'id="id_day_wareki" for="id_day"' in html
    assert html.count('type="hidden"') == 1
    assert "*" not in html


def test_error_summary_links_to_each_field_and_escapes_what_was_typed():
    form = Sample({"title": "x", "people": HOSTILE, "way": "z"})
    form.full_clean()
    form.add_error(None, f"全体の誤り{HOSTILE}")
    html = str(form)
    assert 'role="alert" tabindex="-1" data-error-summary' in html
    assert '<a href="#id_people">' in html
    assert '<a href="#id_way">' in html
    assert 'id="id_way"' in html
    assert "全体の誤り" in html
    assert HOSTILE not in html
    assert "data-error-summary" not in str(Sample())


# --- Whole pages --------------------------------------------------------------------------------

PAGES = ["403.html", "404.html", "409.html", "422.html", "500.html", "403_csrf.html"]


@pytest.mark.parametrize("name", PAGES)
def test_error_pages_are_japanese_say_what_to_do_and_have_no_inline_code(name):
    html = render_to_string(name, {"reason": HOSTILE, "message": HOSTILE, "problems": [HOSTILE]})
    assert '<html lang="ja">' in html
    assert html.count("<h1>") == 1
    assert "ホームへ戻る" in html
    assert HOSTILE not in html
    assert "よろず支援拠点事業ポータル</title>" in html
    assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", html)


@override_settings(DEBUG=False)
def test_frame_names_the_skip_link_the_person_and_the_sample_data():
    scope = {"user_id": 1, "name": "長谷川", "role": {"label": "監査"}, "organization": "監査室"}
    nav = [{"label": "ホーム", "url": "/", "current": True}, {"label": "計画", "url": "/p"}]
    context = {"scope": scope, "nav": nav, "unread_notices": 3, "is_sample_data": True}
    html = render_to_string("base.html", context)
    assert html.index('href="#main"') < html.index("<header")
    assert 'id="main"' in html
    assert html.count('aria-current="page"') == 1
    assert "長谷川" in html
    assert "監査・監査室" in html
    assert html.count("サンプル</span>") == 2
    assert '"allowEval":false' in html
    assert "年度" in html
    assert "サンプル" not in render_to_string("base.html", {})


def test_no_template_of_the_ground_floor_uses_safe_or_inline_code():
    for path in [
        *ROOT.glob("templates/*.html"),
        *ROOT.glob("templates/includes/*.html"),
        *ROOT.glob("templates/django/**/*.html"),
    ]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe\b|autoescape off|mark_safe", text), path
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|javascript:", text), path
        for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", text, re.DOTALL):
            assert "{% csrf_token %}" in form, path


@pytest.mark.parametrize("name", ["ui.js", "forms.js"])
def test_script_stays_small_and_needs_no_eval(name):
    script = (ROOT / "static/js" / name).read_text(encoding="utf-8")
    assert len(script.splitlines()) <= 200
    assert not re.search(
        r"\beval\(|new Function|innerHTML|document\.write|insertAdjacentHTML", script
    )


def test_a_moment_in_a_table_is_told_in_japanese_time() -> None:
    assert tables.shown(datetime(2026, 11, 22, 15, 34, tzinfo=UTC)) == "令和8年11月23日 00:34"
