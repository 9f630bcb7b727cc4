"""Checks on single months: logic, the records behind a figure, jumps, equal values running."""

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction

from hubs.integrity.rules.material import PLEASE, Figures, Finding, HubMaterial, Indicator, count
from hubs.integrity.rules.method import Check, Method
from hubs.results.rules import logic_problems
from hubs.results.rules.plausibility import MAD_SCALE, mad, median, robust_z
from yorozu.core.exact import fraction_rounded
from yorozu.core.figures import format_count, format_decimal
from yorozu.core.fiscal import months_of, wareki_month

Names = Mapping[str, Indicator]


def _subject(month: date, code: str) -> str:
    return f"{month:%Y-%m}/{code}"


def logic(hub: HubMaterial, names: Names, fiscal_year: int) -> Iterator[Finding]:
    """What cannot be true: more visitors or solved issues than consultations, negative numbers."""
    words = {code: one.name for code, one in names.items()}
    for month in months_of(fiscal_year):
        values = {code: hub.series(code).get(month) for code in names}
        said = dict(logic_problems(values, words))
        for code, value in values.items():
            if value is not None and value < 0:
                said[code] = f"{words[code]}（{count(value)}）が負の数です。"
        for code, sentence in said.items():
            figures = Figures(f"{wareki_month(month)}の実績", "bar", names[code].unit)
            for other, value in values.items():
                if value is not None:
                    figures.row(words[other], value, marked=other == code)
            yield Finding(
                Check.LOGIC,
                hub.hub_id,
                fiscal_year,
                _subject(month, code),
                f"{wareki_month(month)}の{sentence}入力の誤りがないか、{PLEASE}",
                {"values": {key: value for key, value in values.items() if value is not None}},
                figures.as_dict(),
                code,
                month,
            )


def ledger(hub: HubMaterial, names: Names, fiscal_year: int) -> Iterator[Finding]:
    """A figure drawn from the records that is no longer what the records say."""
    months = set(months_of(fiscal_year))
    for (month, code), drawn in sorted(hub.drawn.items()):
        now = hub.counted.get((month, code), 0)
        if month not in months or code not in names or drawn == now:
            continue
        name, unit = names[code].name, names[code].unit
        figures = Figures(f"{wareki_month(month)}の{name}", "bar", unit)
        figures.row("月次実績", drawn, marked=True)
        figures.row("相談記録をいま数えた件数", now)
        figures.fact("差", count(now - drawn, unit))
        yield Finding(
            Check.LEDGER,
            hub.hub_id,
            fiscal_year,
            _subject(month, code),
            f"{wareki_month(month)}の{name}（{count(drawn, unit)}）は、相談記録をいま数えた件数"
            f"（{count(now, unit)}）と一致していません。提出の後に記録を直した場合は、"
            f"実績の修正が必要かどうか、{PLEASE}",
            {"drawn": drawn, "counted": now},
            figures.as_dict(),
            code,
            month,
        )


def _level(value: Fraction) -> str:
    """A median in words: whole where it is whole."""
    if value.denominator == 1:
        return format_count(int(value))
    return format_decimal(fraction_rounded(value, 1))


def _before(series: Mapping[date, int], month: date, length: int) -> dict[date, int]:
    """The months before this one, at most so many calendar months back, in order."""
    first = month
    for _ in range(length):
        first = first.replace(day=1)
        year, number = (first.year - 1, 12) if first.month == 1 else (first.year, first.month - 1)
        first = date(year, number, 1)
    return {at: series[at] for at in sorted(series) if first <= at < month}


def jump(hub: HubMaterial, one: Indicator, fiscal_year: int, method: Method) -> Iterator[Finding]:
    """A month far from the hub's own months before it, up or down."""
    series = hub.series(one.code)
    for month, value in hub.year(one.code, fiscal_year).items():
        history = _before(series, month, method.history_months)
        score = robust_z(value, list(history.values()))
        if score is None or abs(score) <= method.robust_limit:
            continue
        centre, spread = median(list(history.values())), mad(list(history.values()))
        figures = Figures(f"{one.name}の推移", "line", one.unit)
        for at, past in history.items():
            figures.row(wareki_month(at), past)
        figures.row(wareki_month(month), value, marked=True)
        figures.line("中央値", centre)
        edge = method.robust_limit * spread / MAD_SCALE
        figures.line(
            "目安の範囲の端", centre + edge if value > centre else max(centre - edge, Fraction(0))
        )
        figures.fact("直前の月の数", f"{len(history)}か月")
        figures.fact("中央値", f"{_level(centre)}{one.unit}")
        figures.fact("中央値からのずれの中央値（MAD）", str(fraction_rounded(spread, 1)))
        figures.fact("頑健zスコア", str(fraction_rounded(score, 2)))
        figures.fact("しきい値", f"±{fraction_rounded(method.robust_limit, 1)}")
        way = "多く" if value > centre else "少なく"
        yield Finding(
            Check.JUMP,
            hub.hub_id,
            fiscal_year,
            _subject(month, one.code),
            f"{wareki_month(month)}の{one.name}（{count(value, one.unit)}）は、直前の"
            f"{len(history)}か月の中央値（{_level(centre)}{one.unit}）より大きく離れて"
            f"{way}なっています。増減の理由について、{PLEASE}",
            {"value": value},
            figures.as_dict(),
            one.code,
            month,
        )


def repeat(hub: HubMaterial, one: Indicator, fiscal_year: int, method: Method) -> Iterator[Finding]:
    """The same value month after month; a run belongs to the year of its last month."""
    for run in _runs(hub.series(one.code)):
        value = hub.series(one.code)[run[0]]
        if len(run) < method.repeat_months or value < method.repeat_from:
            continue
        if run[-1] not in months_of(fiscal_year):
            continue
        figures = Figures(f"{one.name}の推移", "line", one.unit)
        shown = _before(hub.series(one.code), run[0], 6) | dict.fromkeys(run, value)
        for at, each in shown.items():
            figures.row(wareki_month(at), each, marked=at in run)
        figures.fact("続いた月の数", f"{len(run)}か月")
        figures.fact("しきい値", f"{method.repeat_months}か月")
        yield Finding(
            Check.REPEAT,
            hub.hub_id,
            fiscal_year,
            _subject(run[0], one.code),
            f"{wareki_month(run[0])}から{wareki_month(run[-1])}まで、{one.name}が"
            f"{len(run)}か月続けて同じ値（{count(value, one.unit)}）です。"
            f"前の月の値を入力していないか、{PLEASE}",
            {"value": value, "months": len(run)},
            figures.as_dict(),
            one.code,
            run[-1],
        )


def _runs(series: Mapping[date, int]) -> Iterator[list[date]]:
    """The longest runs of equal values in months without a gap."""
    run: list[date] = []
    for month in sorted(series):
        if run and _follows(run[-1], month) and series[month] == series[run[-1]]:
            run.append(month)
            continue
        if run:
            yield run
        run = [month]
    if run:
        yield run


def _follows(month: date, other: date) -> bool:
    return (other.year - month.year) * 12 + other.month - month.month == 1
