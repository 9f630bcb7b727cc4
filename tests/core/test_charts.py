"""Charts: labels stay inside the picture, are escaped, and the values are said in words."""

import re
import unicodedata
from decimal import Decimal
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from defusedxml.ElementTree import fromstring

from yorozu.core import charts

SVG = "{http://www.w3.org/2000/svg}"
LONG = "地域の支援機関と連携して解決した経営課題の件数（創業・事業承継・海外展開を含む延べ件数）"
HOSTILE = '</text><script>alert("x")</script>&<a href="javascript:1">'
MONTHS = ["4月", "5月", "6月", "7月", "8月", "9月", "10月", "11月", "12月", "1月", "2月", "3月"]


def boxes(svg):
    """(left, top, right, bottom, text) of every text, reckoned apart from the product."""
    found = []
    for node in fromstring(svg).iter(f"{SVG}text"):
        size, text = float(node.get("font-size")), node.text or ""
        ems = sum(1.0 if unicodedata.east_asian_width(c) in "WFA" else 0.55 for c in text)
        width = float(node.get("textLength") or ems * size)
        shift = {"start": 0.0, "middle": width / 2, "end": width}[node.get("text-anchor")]
        left, base = float(node.get("x")) - shift, float(node.get("y"))
        found.append((left, base - size * 0.88, left + width, base + size * 0.22, text))
    return found


def assert_inside_and_apart(svg):
    _, _, width, height = (float(n) for n in fromstring(svg).get("viewBox").split())
    found = boxes(svg)
    assert found
    for left, top, right, bottom, text in found:
        assert left >= -0.1, text
        assert top >= -0.1, text
        assert right <= width + 0.1, text
        assert bottom <= height + 0.1, text
    for one, two in combinations(found, 2):
        across = min(one[2], two[2]) - max(one[0], two[0])
        down = min(one[3], two[3]) - max(one[1], two[1])
        assert across <= 0.5 or down <= 0.5, (one, two)


CASES = {
    "bar": charts.bar("棒", [charts.Bar(LONG, 12345), charts.Bar("短い", 3)], unit="件"),
    "bar_long_value": charts.bar("棒", [charts.Bar(LONG, 5, LONG), charts.Bar("Ａ", None)]),
    "bar_negative": charts.bar("増減", [charts.Bar(LONG, -40), charts.Bar("増", Decimal("12.5"))]),
    "bar_all_negative": charts.bar("減", [charts.Bar("あ", -40), charts.Bar("い", -2)], unit="件"),
    "bar_zero": charts.bar("零", [charts.Bar("あ", 0), charts.Bar("い", None)]),
    "bar_47": charts.bar(
        "拠点", [charts.Bar(n, i * 37) for i, (n, _, _) in enumerate(charts.TILES.values())]
    ),
    "waterfall": charts.waterfall(
        "内訳",
        [
            charts.Step(LONG, 12345678),
            charts.Step("減", -2345678),
            charts.Step("変わらない", 0),
            charts.Step("計", 10000000, is_level=True),
        ],
        unit="円",
    ),
    "waterfall_levels": charts.waterfall(
        "前年度から",
        [
            charts.Step("前年度", 61000000, is_level=True),
            charts.Step("増", 1240000, "+1,240千円"),
            charts.Step("減", Decimal(-40000)),
            charts.Step("配分案", 62200000, is_level=True),
        ],
        unit="円",
        from_zero=False,
    ),
    "waterfall_below_zero": charts.waterfall(
        "下", [charts.Step("あ", -5), charts.Step("い", 2), charts.Step("計", -3, is_level=True)]
    ),
    "waterfall_flat": charts.waterfall(
        "平", [charts.Step("計", 5, is_level=True)], from_zero=False
    ),
    "spans": charts.spans(
        "区間",
        [
            charts.Span(LONG, Decimal("78.68"), Decimal("85.64"), Decimal("81.87")),
            charts.Span("あ", 70, 70, 70, "70点だけ"),
        ],
        unit="点",
        bounds=[("S", 90), ("A", 80)],
    ),
    "spans_47": charts.spans(
        "拠点",
        [charts.Span(n, i, i + 9, i + 3) for i, (n, _, _) in enumerate(charts.TILES.values())],
    ),
    "spans_none": charts.spans("区間", [charts.Span("同", 5, 5, 5)]),
    "bullet": charts.bullet(
        "目標と実績",
        [
            charts.Bullet(LONG, 1234567890, 999999999),
            charts.Bullet("満足度", Decimal("91.2"), 90),
            charts.Bullet("未入力", None, 10),
            charts.Bullet("目標なし", 5, None),
            charts.Bullet("文", 5, 6, LONG),
        ],
        unit="円",
    ),
    "line": charts.line(
        "月別",
        MONTHS,
        [
            charts.Series(
                "来訪相談者数", [120, 130, None, 150, 99, 0, 12, 180, 175, 160, 150, 140]
            ),
            charts.Series("前年度の来訪相談者数", [100] * 12),
            charts.Series(LONG, [Decimal("55.5")] * 12),
            charts.Series("目標", [None] * 11 + [1]),
        ],
        unit="件",
    ),
    "line_long_labels": charts.line("長い", [LONG] * 6, [charts.Series("あ", [1, 2, 3, 4, 5, 6])]),
    "line_many_points": charts.line(
        "多い", [f"{i}日" for i in range(60)], [charts.Series("あ", range(60))]
    ),
    "line_one_point": charts.line("一", ["4月"], [charts.Series("あ", [10**12])], unit="円"),
    "line_empty": charts.line("空", MONTHS, [charts.Series("あ", [None] * 12)]),
    "tiles": charts.tile_map(
        "達成率",
        {code: charts.Tile("1,234,567件", 4) for code in charts.TILES},
        legend=[(4, "100％以上"), (3, "90％以上100％未満"), (0, "未提出")],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_every_text_lies_inside_the_picture_and_over_no_other(name):
    assert_inside_and_apart(CASES[name])


@pytest.mark.parametrize("name", CASES)
def test_picture_is_named_described_and_free_of_style_and_script(name):
    root = fromstring(CASES[name])
    assert root.get("role") == "img"
    ids = {node.get("id") for node in root.iter() if node.get("id")}
    assert set(root.get("aria-labelledby").split()) == ids
    assert len(ids) == 2
    assert root.find(f"{SVG}title").text
    assert root.find(f"{SVG}desc").text.endswith("。")
    for node in root.iter():
        assert node.tag not in {f"{SVG}style", f"{SVG}script"}
        assert not [key for key in node.keys() if key == "style" or key.startswith("on")]  # noqa: SIM118


@pytest.mark.parametrize("name", CASES)
def test_no_text_is_smaller_than_eleven_pixels_on_a4(name):
    root = fromstring(CASES[name])
    # 174 mm of text width on A4 are 657 CSS pixels; a wider viewBox would shrink the text
    assert float(root.get("viewBox").split()[2]) <= 657
    assert min(float(node.get("font-size")) for node in root.iter(f"{SVG}text")) >= 11


@pytest.mark.parametrize(
    "svg",
    [
        charts.bar(HOSTILE, [charts.Bar(HOSTILE, 1, HOSTILE)], unit=HOSTILE),
        charts.bullet(HOSTILE, [charts.Bullet(HOSTILE, 1, 2)], unit=HOSTILE),
        charts.line(HOSTILE, [HOSTILE], [charts.Series(HOSTILE, [1])], unit=HOSTILE),
        charts.tile_map(HOSTILE, {"01": charts.Tile(HOSTILE, 1)}, legend=[(1, HOSTILE)]),
    ],
)
def test_labels_are_escaped(svg):
    assert "<script" not in svg
    assert "<a " not in svg
    names = {node.tag.removeprefix(SVG) for node in fromstring(svg).iter()}
    assert names <= {"svg", "title", "desc", "text", "rect", "line", "polyline", "circle"}


def test_description_says_every_value_and_keeps_missing_apart_from_zero():
    svg = charts.bar("相談", [charts.Bar("青森県", 0), charts.Bar("岩手県", None)], unit="件")
    assert fromstring(svg).find(f"{SVG}desc").text == "青森県 0件、岩手県 値なし。"
    svg = charts.line("月別", ["4月", "5月"], [charts.Series("相談", [1200, None])], unit="件")
    assert fromstring(svg).find(f"{SVG}desc").text == "相談：4月 1,200件、5月 値なし。"
    svg = charts.bullet("目標", [charts.Bullet("満足度", Decimal("91.2"), 90)], unit="％")
    assert fromstring(svg).find(f"{SVG}desc").text == "満足度 実績 91.2％ 目標 90％。"


def test_a_missing_month_breaks_the_line_and_is_not_drawn_as_zero():
    svg = charts.line("月別", list("abcde"), [charts.Series("あ", [1, 2, None, 4, 5])])
    root = fromstring(svg)
    assert len(list(root.iter(f"{SVG}polyline"))) == 2
    assert len(list(root.iter(f"{SVG}circle"))) == 4 + 1  # four points and the one of the legend


def test_a_month_of_the_japanese_calendar_breaks_after_its_year():
    def labels(count):
        months = [f"令和7年{number}月" for number in range(1, count + 1)]
        svg = charts.line("月別", months, [charts.Series("件数", [1] * count)])
        return [text.text for text in fromstring(svg).iter(f"{SVG}text")]

    assert "令和7年" in labels(10)
    assert {"令和", "7年", "12月"} <= set(labels(12))


def test_series_differ_by_dash_and_marker_not_only_by_colour():
    looks = [(dash, marker) for _, dash, marker in charts.SERIES_LOOK]
    assert len({dash for dash, _ in looks}) == len({marker for _, marker in looks}) == len(looks)
    with pytest.raises(ValueError, match="at most 4"):
        charts.line("多い", ["a"], [charts.Series(str(i), [i]) for i in range(5)])
    with pytest.raises(ValueError, match="one value"):
        charts.line("不足", ["a", "b"], [charts.Series("あ", [1])])


@pytest.mark.parametrize(
    "values", [[], [0], [1], [7], [1234], [-3, 8], [-900], [Decimal("0.003")], [10**12, 1]]
)
def test_axis_steps_hold_every_value_and_zero(values):
    ticks = charts._ticks(values)
    assert ticks[0] <= min([0, *values])
    assert ticks[-1] >= max([0, *values])
    assert 0 in ticks
    assert 2 <= len(ticks) <= 9
    assert len({two - one for one, two in pairwise(ticks)}) == 1


def test_tiles_are_the_47_prefectures_and_none_lies_on_another():
    assert list(charts.TILES) == [f"{code:02d}" for code in range(1, 48)]
    root = fromstring(CASES["tiles"])
    rects = [
        tuple(float(r.get(k)) for k in ("x", "y", "width", "height"))
        for r in root.iter(f"{SVG}rect")
    ]
    assert len(rects) == 47 + 3
    for (x1, y1, w1, h1), (x2, y2, w2, h2) in combinations(rects, 2):
        assert x1 + w1 <= x2 or x2 + w2 <= x1 or y1 + h1 <= y2 or y2 + h2 <= y1


def test_same_input_gives_same_bytes_and_other_charts_other_ids():
    one, again = (charts.bar("あ", [charts.Bar("い", 1)]) for _ in range(2))
    other = charts.bar("あ", [charts.Bar("い", 2)])
    assert one == again
    assert not set(re.findall(r'id="(\w+)"', one)) & set(re.findall(r'id="(\w+)"', other))


def test_static_rules_of_the_screen_map_stand_where_the_chart_puts_the_tiles():
    css = (Path(__file__).resolve().parents[2] / "static/css/yz.css").read_text(encoding="utf-8")
    rules = dict(re.findall(r"\.yz-tile-(\d\d) \{ grid-area: ([\d /]+); \}", css))
    assert rules == {code: f"{row} / {col}" for code, (_, row, col) in charts.TILES.items()}


def rects(svg):
    """(left, right) of every bar."""
    found = list(fromstring(svg).iter(f"{SVG}rect"))
    return [(float(n.get("x")), float(n.get("x")) + float(n.get("width"))) for n in found]


def test_a_step_of_a_waterfall_begins_where_the_one_before_ended():
    steps = [charts.Step("均等", 60), charts.Step("需要", 40), charts.Step("減", -30)]
    first, second, third, level = rects(
        charts.waterfall("計", [*steps, charts.Step("計", 70, is_level=True)])
    )
    assert first[1] == pytest.approx(second[0], abs=0.11)
    assert third[1] == pytest.approx(second[1], abs=0.11)
    assert level[0] == pytest.approx(first[0], abs=0.11)
    assert level[1] == pytest.approx(third[0], abs=0.11)


def test_a_waterfall_says_signs_and_levels_in_words():
    svg = charts.waterfall(
        "計",
        [charts.Step("増", 5), charts.Step("減", -2), charts.Step("計", 3, is_level=True)],
        unit="円",
    )
    assert "増 +5円、減 ▲2円、計 3円。" in svg


def test_levels_off_the_axis_are_lines_and_not_bars():
    steps = [charts.Step("前", 900, is_level=True), charts.Step("増", 50)]
    assert len(rects(charts.waterfall("差", steps, from_zero=False))) == 1


def test_a_span_says_its_range_and_bounds_outside_the_scale_are_left_out():
    svg = CASES["spans"]
    assert "78.68～85.64点" in svg
    texts = [box[4] for box in boxes(svg)]
    assert "A" in texts
    assert "S" not in texts
