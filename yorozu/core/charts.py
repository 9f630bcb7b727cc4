"""Charts as small SVG strings: the same picture on the screen and in the PDF, without any script.

Pure functions of labels and figures: every label is escaped, every chart carries a title and a
full sentence of its values for those who do not see it, and only presentation attributes are used,
so that the strict content security policy holds. Room for labels is reckoned from their width (a
full-width character is one em), because clipped labels are the one real fault of hand-made SVG.
Coordinates are the only floats; figures stay int or Decimal.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import segno
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

Figure = int | Decimal

WIDTH = 640
FONT = 12
SMALL = 11
LINE = 16
PAD = 8
INK = "#1a1a1a"
SOFT = "#4d4d4d"
RULE = "#b3b3b3"
# The family of PDFs (static/css/report-font.css); on screen the style sheet says otherwise.
FAMILY = "YzReport, sans-serif"
# Digits of that family take 0.76 em, more than most fonts: room for them is room for all.
NARROW = 0.76
BLANK = "—"
MISSING_TEXT = "値なし"
_MONTH = re.compile(r"(\D+)(\d+年|元年)(\d+月)")
# Colours are close in lightness, so dash and marker always tell the series apart as well.
SERIES_LOOK = (
    ("#0055ad", "", "circle"),
    ("#ac3e00", "7 3", "square"),
    ("#115a36", "2 3", "triangle"),
    ("#5109ad", "10 3 2 3", "diamond"),
)
LEVEL_LOOK = {
    4: ("#00428c", "#ffffff"),
    3: ("#0066be", "#ffffff"),
    2: ("#97d3ff", "#000000"),
    1: ("#f0f9ff", "#000000"),
    0: ("#ffffff", "#333333"),
}

# JIS prefecture code -> (short name, row, column) on a grid of 12 rows and 15 columns.
TILES: dict[str, tuple[str, int, int]] = {
    "01": ("北海道", 1, 15),
    "02": ("青森", 2, 14),
    "03": ("岩手", 3, 14),
    "04": ("宮城", 4, 14),
    "05": ("秋田", 3, 13),
    "06": ("山形", 4, 13),
    "07": ("福島", 5, 14),
    "08": ("茨城", 6, 14),
    "09": ("栃木", 5, 13),
    "10": ("群馬", 6, 12),
    "11": ("埼玉", 6, 13),
    "12": ("千葉", 7, 14),
    "13": ("東京", 7, 13),
    "14": ("神奈川", 8, 13),
    "15": ("新潟", 5, 12),
    "16": ("富山", 6, 11),
    "17": ("石川", 6, 10),
    "18": ("福井", 7, 10),
    "19": ("山梨", 7, 12),
    "20": ("長野", 7, 11),
    "21": ("岐阜", 8, 10),
    "22": ("静岡", 8, 12),
    "23": ("愛知", 8, 11),
    "24": ("三重", 9, 10),
    "25": ("滋賀", 8, 9),
    "26": ("京都", 7, 9),
    "27": ("大阪", 8, 8),
    "28": ("兵庫", 7, 8),
    "29": ("奈良", 9, 9),
    "30": ("和歌山", 10, 9),
    "31": ("鳥取", 7, 7),
    "32": ("島根", 7, 6),
    "33": ("岡山", 8, 7),
    "34": ("広島", 8, 6),
    "35": ("山口", 8, 5),
    "36": ("徳島", 11, 7),
    "37": ("香川", 10, 7),
    "38": ("愛媛", 10, 6),
    "39": ("高知", 11, 6),
    "40": ("福岡", 9, 4),
    "41": ("佐賀", 9, 3),
    "42": ("長崎", 9, 2),
    "43": ("熊本", 10, 3),
    "44": ("大分", 10, 4),
    "45": ("宮崎", 11, 4),
    "46": ("鹿児島", 11, 3),
    "47": ("沖縄", 12, 1),
}
TILE_ROWS, TILE_COLUMNS = 12, 15
_RANGE = 'fill="#97d3ff" stroke="#0055ad"'


@dataclass(frozen=True)
class Bar:
    """One bar: a label, its value (None = not there), the text for it, a mark to compare with."""

    label: str
    value: Figure | None
    text: str = ""
    mark: Figure | None = None


@dataclass(frozen=True)
class Series:
    """One line of a line chart; None leaves a gap, it is never drawn as zero."""

    name: str
    values: Sequence[Figure | None]


@dataclass(frozen=True)
class Bullet:
    """A result against its target; each row has a scale of its own, so units may differ."""

    label: str
    actual: Figure | None
    target: Figure | None
    text: str = ""


@dataclass(frozen=True)
class Step:
    """One step of a waterfall: what it adds or takes away, or a level (``is_level``)."""

    label: str
    value: Figure
    text: str = ""
    is_level: bool = False


@dataclass(frozen=True)
class Span:
    """A range with the value that stands for it, and the text written behind it."""

    label: str
    low: Figure
    high: Figure
    mark: Figure
    text: str = ""


@dataclass(frozen=True)
class Tile:
    """What one prefecture shows on the map: visible text and colour level 0 (none) to 4 (best)."""

    text: str
    level: int


def text_width(text: str, size: float = FONT) -> float:
    """Width of a text in pixels: 1.0 em for a full-width character, NARROW for any other."""
    wide = sum(unicodedata.east_asian_width(char) in "WFA" for char in text)
    return size * (wide + NARROW * (len(text) - wide))


def wrap(text: str, ems: float = 12) -> list[str]:
    """Cut a label into lines of at most so many full-width characters."""
    lines, line = [], ""
    for char in " ".join(text.split()):
        if line and text_width(line + char, 1) > ems:
            lines.append(line.strip())
            line = ""
        line += char
    lines.append(line.strip())
    return lines


def _wrap_month(label: str, ems: float) -> list[str]:
    """A month of the Japanese calendar breaks after its year or era, anything else as it comes."""
    if found := _MONTH.fullmatch(label):
        era, year, month = found.groups()
        for lines in ([f"{era}{year}", month], [era, year, month]):
            if all(text_width(line, 1) <= ems for line in lines):
                return lines
    return wrap(label, ems)


def _at(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _plain(value: Figure) -> str:
    return f"{value:,}" if value >= 0 else f"▲{-value:,}"


def _shown(value: Figure | None, unit: str, text: str = "") -> str:
    if text:
        return text
    return BLANK if value is None else f"{_plain(value)}{unit}"


def _said(value: Figure | None, unit: str, text: str = "") -> str:
    return MISSING_TEXT if value is None and not text else _shown(value, unit, text)


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", size: int = FONT, extra: str = ""
) -> str:
    fill = "" if "fill=" in extra else f' fill="{INK}"'
    return (
        f'<text x="{_at(x)}" y="{_at(y)}" text-anchor="{anchor}" font-size="{size}"{fill}{extra}>'
        f"{escape(text)}</text>"
    )


def _block(x: float, middle: float, lines: Sequence[str], *, anchor: str = "start") -> list[str]:
    first = middle - LINE * (len(lines) - 1) / 2 + FONT * 0.35
    return [_text(x, first + LINE * i, line, anchor=anchor) for i, line in enumerate(lines)]


def _rect(x: float, y: float, width: float, height: float, attributes: str) -> str:
    size = f'width="{_at(max(width, 0))}" height="{_at(height)}"'
    return f'<rect x="{_at(x)}" y="{_at(y)}" {size} {attributes}/>'


def _rule(x1: float, y1: float, x2: float, y2: float, attributes: str) -> str:
    ends = f'x1="{_at(x1)}" y1="{_at(y1)}" x2="{_at(x2)}" y2="{_at(y2)}"'
    return f"<line {ends} {attributes}/>"


def _svg(title: str, sentence: str, size: tuple[float, float], parts: Iterable[str]) -> SafeString:
    body = "".join(parts)
    # The id comes from the content: the same input gives the same bytes, other charts other ids.
    key = hashlib.sha256(f"{title}|{sentence}|{body}".encode()).hexdigest()[:12]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="yz-chart" font-family="{FAMILY}" '
        f'viewBox="0 0 {_at(size[0])} {_at(size[1])}" role="img" '
        f'aria-labelledby="t{key} d{key}">'
        f'<title id="t{key}">{escape(title)}</title><desc id="d{key}">{escape(sentence)}</desc>'
    )
    return mark_safe(f"{head}{body}</svg>")  # noqa: S308 - every text above went through escape()


def _label_columns(labels: Iterable[str]) -> tuple[list[list[str]], float]:
    wrapped = [wrap(label) for label in labels]
    widest = max((text_width(line) for lines in wrapped for line in lines), default=0)
    return wrapped, PAD + widest + PAD


def _sentence(parts: Iterable[str]) -> str:
    return "、".join(parts) + "。"


def bar(
    title: str, rows: Sequence[Bar], *, unit: str = "", top: Figure | None = None
) -> SafeString:
    """Horizontal bars in the given order, each with its value written at its end.

    A mark is an upright line on the same scale, which goes up to ``top`` when that is given.
    """
    labels, left = _label_columns(row.label for row in rows)
    texts, right = _label_columns(_shown(row.value, unit, row.text) for row in rows)
    known = [v for row in rows for v in (row.value, row.mark, top) if v is not None]
    low, high = min([0, *known]), max([0, *known])
    span = float(high - low) or 1.0
    left_pad = right if low < 0 else 0
    width = WIDTH - left - right - left_pad
    zero = left + left_pad + width * float(-low) / span
    parts, y = [], float(PAD)
    for row, lines, text in zip(rows, labels, texts, strict=True):
        height = max(LINE * max(len(lines), len(text)) + PAD, 26)
        middle = y + height / 2
        parts += _block(left - PAD, middle, lines, anchor="end")
        end, length = zero, 0.0
        if row.value is not None:
            length = width * abs(float(row.value)) / span
            end = zero - length if row.value < 0 else zero + length
            parts.append(_rect(min(zero, end), middle - 8, length, 16, 'fill="#0055ad"'))
        if row.mark is not None:
            x = zero + width * float(row.mark) / span
            parts.append(_rule(x, middle - 12, x, middle + 12, f'stroke="{INK}" stroke-width="3"'))
            end = zero + width * float(high) / span
        behind = row.value is not None and row.value < 0
        shift, anchor = (-PAD, "end") if behind else (PAD, "start")
        parts += _block(end + shift, middle, text, anchor=anchor)
        y += height
    parts.append(_rule(zero, PAD, zero, y, f'stroke="{INK}" stroke-width="1"'))
    said = _sentence(f"{row.label} {_said_bar(row, unit)}" for row in rows)
    return _svg(title, said, (WIDTH, y + PAD), parts)


def _said_bar(row: Bar, unit: str) -> str:
    beside = "" if row.mark is None else f"（比較 {_plain(row.mark)}{unit}）"
    return _said(row.value, unit, row.text) + beside


def waterfall(
    title: str, steps: Sequence[Step], *, unit: str = "", from_zero: bool = True
) -> SafeString:
    """Steps that lead from one level to the next, each with its value at the right edge.

    Every step begins where the one before ended; a level is drawn as a full bar from zero. Without
    ``from_zero`` the scale begins near the lowest level, so that small steps between large levels
    are seen: levels are then upright lines, because the length of a bar would mislead.
    """
    labels, left = _label_columns(step.label for step in steps)
    texts, right = _label_columns(_signed(step, unit) for step in steps)
    spans = _spans(steps, from_zero=from_zero)
    ends = [float(end) for span in spans for end in span]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    if not from_zero:
        low, high = min(ends), max(ends)
        room = (high - low or 1.0) * 0.08
        low, high = low - room, high + room
    scale = (WIDTH - left - right) / (high - low or 1.0)
    parts, y, before = [], float(PAD), None
    for step, (start, end), lines, text in zip(steps, spans, labels, texts, strict=True):
        height = max(LINE * max(len(lines), len(text)) + PAD, 28)
        middle = y + height / 2
        parts += _block(left - PAD, middle, lines, anchor="end")
        if before is not None:
            parts.append(_rule(before, y - 6, before, middle + 9, f'stroke="{RULE}"'))
        before = left + (float(end) - low) * scale
        begin = left + (float(start) - low) * scale
        parts.append(_step(step, begin, before, middle, from_zero=from_zero))
        parts += _block(WIDTH - PAD, middle, text, anchor="end")
        y += height
    if from_zero:
        zero = left - low * scale
        parts.append(_rule(zero, PAD, zero, y, f'stroke="{INK}" stroke-width="1"'))
    said = _sentence(f"{step.label} {_signed(step, unit)}" for step in steps)
    return _svg(title, said, (WIDTH, y + PAD), parts)


def _signed(step: Step, unit: str) -> str:
    plus = "" if step.is_level or step.value <= 0 else "+"
    return step.text or f"{plus}{_plain(step.value)}{unit}"


def _spans(steps: Sequence[Step], *, from_zero: bool) -> list[tuple[Figure, Figure]]:
    """Where each step begins and ends; a level begins at zero, or is a point."""
    spans: list[tuple[Figure, Figure]] = []
    level: Figure = 0
    for step in steps:
        start = 0 if step.is_level else level
        level = start + step.value
        spans.append((level if step.is_level and not from_zero else start, level))
    return spans


def _step(step: Step, begin: float, end: float, middle: float, *, from_zero: bool) -> str:
    if step.is_level and not from_zero:
        return _rule(end, middle - 11, end, middle + 11, f'stroke="{INK}" stroke-width="4"')
    look = 'fill="#0055ad"'
    if step.is_level:
        look = 'fill="#4d4d4d"'
    elif step.value < 0:
        look = 'fill="#ffffff" stroke="#ac3e00" stroke-width="2" stroke-dasharray="4 2"'
    return _rect(min(begin, end), middle - 8, max(abs(end - begin), 1.5), 16, look)


def bullet(title: str, rows: Sequence[Bullet], *, unit: str = "") -> SafeString:
    """Result (bar) against target (upright line), one scale per row."""
    labels, left = _label_columns(row.label for row in rows)
    texts = [_against(row, unit) for row in rows]
    right = PAD * 2 + max((text_width(line) for lines in texts for line in lines), default=0)
    width = WIDTH - left - right
    parts, y = [], float(PAD)
    for row, lines, text in zip(rows, labels, texts, strict=True):
        height = max(LINE * max(len(lines), len(text)) + PAD, 30)
        middle = y + height / 2
        parts += _block(left - PAD, middle, lines, anchor="end")
        parts.append(_rect(left, middle - 10, width, 20, f'fill="#f2f2f2" stroke="{RULE}"'))
        high = float(max(row.actual or 0, row.target or 0, 0)) * 1.1 or 1.0
        if row.actual is not None:
            length = width * max(float(row.actual), 0) / high
            parts.append(_rect(left, middle - 6, length, 12, 'fill="#0055ad"'))
        if row.target is not None:
            x = left + width * max(float(row.target), 0) / high
            parts.append(_rule(x, middle - 13, x, middle + 13, f'stroke="{INK}" stroke-width="3"'))
        parts += _block(WIDTH - right + PAD, middle, text)
        y += height
    said = _sentence(f"{row.label} {' '.join(_against(row, unit))}" for row in rows)
    return _svg(title, said, (WIDTH, y + PAD), parts)


def _against(row: Bullet, unit: str) -> list[str]:
    if row.text:
        return wrap(row.text)
    return [f"実績 {_said(row.actual, unit)}", f"目標 {_said(row.target, unit)}"]


def spans(
    title: str, rows: Sequence[Span], *, unit: str = "", bounds: Sequence[tuple[str, Figure]] = ()
) -> SafeString:
    """Ranges in the given order on one scale, each with its value as a dot.

    ``bounds`` are named upright lines; those outside the scale are left out.
    """
    labels, left = _label_columns(row.label for row in rows)
    texts, right = _label_columns(_of_span(row, unit) for row in rows)
    ends = [float(value) for row in rows for value in (row.low, row.high, row.mark)] or [0.0]
    low, span = min(ends), (max(ends) - min(ends)) or 1.0
    low, span = low - span * 0.02, span * 1.04

    def place(value: Figure) -> float:
        return left + (WIDTH - left - right) * (float(value) - low) / span

    inside = [bound for bound in bounds if low <= float(bound[1]) <= low + span]
    first = PAD + LINE if inside else PAD
    parts, y = [], float(first)
    for row, lines, text in zip(rows, labels, texts, strict=True):
        height = max(LINE * max(len(lines), len(text)) + 4, 22)
        middle = y + height / 2
        parts += _block(left - PAD, middle, lines, anchor="end")
        parts.append(_rect(place(row.low), middle - 4, place(row.high) - place(row.low), 8, _RANGE))
        parts.append(_marker("circle", place(row.mark), middle, INK))
        parts += _block(WIDTH - right + PAD, middle, text)
        y += height
    for name, value in inside:
        x = place(value)
        parts.append(_rule(x, first, x, y, f'stroke="{SOFT}" stroke-dasharray="4 3"'))
        parts.append(_text(x, first - 4, name, anchor="middle", size=SMALL))
    said = _sentence(f"{row.label} {_of_span(row, unit)}" for row in rows)
    return _svg(title, said, (WIDTH, y + PAD), parts)


def _of_span(row: Span, unit: str) -> str:
    return row.text or f"{_plain(row.low)}～{_plain(row.high)}{unit}"


def line(
    title: str, labels: Sequence[str], series: Sequence[Series], *, unit: str = ""
) -> SafeString:
    """Lines over a common axis (months); at most four series, told apart by dash and marker."""
    if len(series) > len(SERIES_LOOK):
        raise ValueError(f"at most {len(SERIES_LOOK)} series, not {len(series)}")
    if any(len(one.values) != len(labels) for one in series):
        raise ValueError("every series needs one value (or None) per label")
    legend, top = _legend(series)
    ticks = _ticks([value for one in series for value in one.values if value is not None])
    marks = [f"{_plain(tick)}{unit}" for tick in ticks]
    left = PAD * 2 + max(text_width(mark, SMALL) for mark in marks)
    shown, gap, deep = _axis(labels, left)
    bottom = top + 200
    low, high = float(ticks[0]), float(ticks[-1])

    def up(value: Figure) -> float:
        return bottom - 190 * (float(value) - low) / (high - low)

    parts = [*legend]
    for tick, mark in zip(ticks, marks, strict=True):
        stroke = INK if tick == 0 else RULE
        parts.append(_rule(left, up(tick), WIDTH - PAD, up(tick), f'stroke="{stroke}"'))
        parts.append(_text(left - PAD, up(tick) + 4, mark, anchor="end", size=SMALL))
    for i, lines in shown:
        first = bottom + 18
        x = left + gap * (i + 0.5)
        parts += [_text(x, first + LINE * n, text, anchor="middle") for n, text in enumerate(lines)]
    for look, one in zip(SERIES_LOOK, series, strict=False):
        at = [
            None if v is None else (left + gap * (i + 0.5), up(v)) for i, v in enumerate(one.values)
        ]
        parts += _stroke(look, at)
    said = "".join(_said_series(one, labels, unit) for one in series)
    return _svg(title, said, (WIDTH, bottom + 18 + LINE * deep), parts)


def _said_series(one: Series, labels: Sequence[str], unit: str) -> str:
    pairs = zip(labels, one.values, strict=True)
    return f"{one.name}：" + _sentence(f"{label} {_said(value, unit)}" for label, value in pairs)


def _axis(labels: Sequence[str], left: float) -> tuple[list[tuple[int, list[str]]], float, int]:
    """Labels below the axis: wrapped into their step, or every n-th when the step is too small."""
    gap = (WIDTH - PAD - left) / max(len(labels), 1)
    every = max(1, -(-3 * FONT // int(max(gap, 1))))
    room = max(gap * every / FONT - 0.5, 1)
    shown = [(i, _wrap_month(label, room)) for i, label in enumerate(labels) if i % every == 0]
    return shown, gap, max((len(lines) for _, lines in shown), default=0)


def _legend(series: Sequence[Series]) -> tuple[list[str], float]:
    parts, x, y = [], float(PAD), float(PAD + 10)
    for (colour, dash, marker), one in zip(SERIES_LOOK, series, strict=False):
        lines = wrap(one.name, 44)
        wide = 44 + max(text_width(text) for text in lines) + PAD * 2
        if x > PAD and x + wide > WIDTH:
            x, y = float(PAD), y + LINE + 4
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        parts.append(_rule(x, y, x + 32, y, f'stroke="{colour}" stroke-width="2.5"{dashes}'))
        parts.append(_marker(marker, x + 16, y, colour))
        for n, text in enumerate(lines):
            parts.append(_text(x + 40, y + 4 + LINE * n, text))
        y += LINE * (len(lines) - 1)
        x += wide
    return parts, y + 24


def _ticks(values: Sequence[Figure]) -> list[Figure]:
    """Round steps that hold every value and zero: 0, 20, 40 … (five or six of them)."""
    low, high = Decimal(min([0, *values])), Decimal(max([0, *values]))
    span = high - low or Decimal(1)
    power = Decimal(10) ** (span.adjusted())
    candidates = [power * factor / 100 for factor in (10, 20, 25, 50, 100, 200)]
    step = next(step for step in candidates if span / step <= 6)
    start = (low // step - (1 if low % step else 0)) * step
    ticks: list[Figure] = []
    while not ticks or ticks[-1] < high:
        value = start + step * len(ticks)
        ticks.append(int(value) if value == value.to_integral_value() else value.normalize())
    return ticks if len(ticks) > 1 else [*ticks, 1]


def _stroke(look: tuple[str, str, str], points: Sequence[tuple[float, float] | None]) -> list[str]:
    colour, dash, marker = look
    parts, run = [], list[tuple[float, float]]()
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    for point in [*points, None]:
        if point is not None:
            run.append(point)
            continue
        if len(run) > 1:
            path = " ".join(f"{_at(x)},{_at(y)}" for x, y in run)
            pen = f'fill="none" stroke="{colour}" stroke-width="2.5"{dashes}'
            parts.append(f'<polyline points="{path}" {pen}/>')
        run = []
    parts += [_marker(marker, x, y, colour) for x, y in filter(None, points)]
    return parts


def _marker(kind: str, x: float, y: float, colour: str) -> str:
    if kind == "circle":
        return f'<circle cx="{_at(x)}" cy="{_at(y)}" r="4" fill="{colour}"/>'
    if kind == "square":
        return _rect(x - 4, y - 4, 8, 8, f'fill="#ffffff" stroke="{colour}" stroke-width="2"')
    corners = {
        "triangle": ((0, -5), (5, 4), (-5, 4)),
        "diamond": ((0, -6), (5, 0), (0, 6), (-5, 0)),
    }[kind]
    path = " ".join(f"{_at(x + dx)},{_at(y + dy)}" for dx, dy in corners)
    return f'<polygon points="{path}" fill="{colour}"/>'


def tile_map(
    title: str, values: Mapping[str, Tile], *, legend: Sequence[tuple[int, str]] = ()
) -> SafeString:
    """The 47 prefectures as equal tiles, for paper; the screen shows an ordered list instead."""
    wide, high = WIDTH / TILE_COLUMNS, 40.0
    parts = []
    for code, (name, row, column) in TILES.items():
        tile = values.get(code, Tile(BLANK, 0))
        fill, ink = LEVEL_LOOK[tile.level]
        x, y = (column - 1) * wide, (row - 1) * high
        dash = ' stroke-dasharray="3 2"' if tile.level == 0 else ""
        look = f'fill="{fill}" stroke="#4d4d4d"{dash}'
        parts.append(_rect(x + 1, y + 1, wide - 2, high - 2, look))
        for n, text in enumerate((name, tile.text)):
            extra = (
                f' fill="{ink}"' + (' font-weight="bold"' if n else "") + _squeeze(text, wide - 6)
            )
            middle, base = x + wide / 2, y + 16 + LINE * n
            parts.append(_text(middle, base, text, anchor="middle", size=SMALL, extra=extra))
    for n, (level, text) in enumerate(legend):
        dash = ' stroke-dasharray="3 2"' if level == 0 else ""
        fill = LEVEL_LOOK[level][0]
        parts.append(_rect(2, 4 + 22 * n, 16, 16, f'fill="{fill}" stroke="#4d4d4d"{dash}'))
        parts.append(_text(26, 16 + 22 * n, text))
    said = _sentence(
        f"{name} {values[code].text if code in values else MISSING_TEXT}"
        for code, (name, _, _) in TILES.items()
    )
    return _svg(title, said, (wide * TILE_COLUMNS, high * TILE_ROWS), parts)


def _squeeze(text: str, room: float) -> str:
    """A text wider than its tile is set narrower, never cut off."""
    if text_width(text, SMALL) <= room:
        return ""
    return f' textLength="{_at(room)}" lengthAdjust="spacingAndGlyphs"'


# --- QR code -------------------------------------------------------------------------------------

QUIET = 4


def _runs(line: Sequence[int]) -> list[tuple[int, int]]:
    """(Start, length) of the runs of dark modules in a line."""
    found: list[tuple[int, int]] = []
    for place, dark in enumerate(line):
        if dark and found and sum(found[-1]) == place:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        elif dark:
            found.append((place, 1))
    return found


def qr(text: str, title: str) -> SafeString:
    """The QR code of a text (error correction M) with its quiet zone, one path, no image to fetch.

    ``title`` says what it leads to; the text itself belongs beside it in print.
    """
    matrix = segno.make(text, error="m", micro=False).matrix
    side = len(matrix) + 2 * QUIET
    # One stroke per run of dark modules: a bundle holds thousands of codes.
    path = "".join(
        f"M{start + QUIET} {row + QUIET}h{length}v1h-{length}z"
        for row, line in enumerate(matrix)
        for start, length in _runs(line)
    )
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="yz-qr" viewBox="0 0 {side} {side}"'
        f' role="img" shape-rendering="crispEdges"><title>{escape(title)}</title>'
    )
    drawn = f'<rect width="{side}" height="{side}" fill="#fff"/><path d="{path}" fill="#000"/>'
    return mark_safe(f"{head}{drawn}</svg>")  # noqa: S308 - numbers, and a title through escape()
