"""Fiscal years, eras and the reading of dates (domain 4.1)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yorozu.core import fiscal
from yorozu.core.fiscal import DateError, Phase, parse_date, parse_month

DAYS = st.dates(date(1989, 1, 8), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2017, 1, 16), 2016),
        (date(2026, 3, 31), 2025),
        (date(2026, 4, 1), 2026),
        (date(2024, 2, 29), 2023),
    ],
)
def test_a_day_belongs_to_the_year_of_its_april(day: date, year: int) -> None:
    assert fiscal.fiscal_year_of(day) == year


@given(DAYS)
def test_months_index_and_year_agree(day: date) -> None:
    year = fiscal.fiscal_year_of(day)
    months = fiscal.months_of(year)
    assert months[0] == fiscal.first_day(year)
    assert len(months) == 12
    assert months[fiscal.month_index(day) - 1] == fiscal.month_of(day)
    assert fiscal.first_day(year) <= day <= fiscal.last_day(year)
    assert fiscal.half_of(day) == (1 if 4 <= day.month <= 9 else 2)


def test_phase_follows_the_calendar_of_the_term() -> None:
    calendar = {"start_ends": date(2026, 6, 30), "end_begins": date(2027, 1, 1)}
    assert fiscal.phase(date(2026, 6, 30), **calendar) is Phase.START
    assert fiscal.phase(date(2026, 7, 1), **calendar) is Phase.MID
    assert fiscal.phase(date(2027, 1, 1), **calendar) is Phase.END
    assert [phase.label for phase in Phase] == ["期初", "期中", "期末"]


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2014, 6, 2), "平成26年6月2日"),
        (date(2019, 4, 30), "平成31年4月30日"),
        (date(2019, 5, 1), "令和元年5月1日"),
        (date(2026, 4, 1), "令和8年4月1日"),
        (date(1989, 1, 7), "昭和64年1月7日"),
        (date(1989, 1, 8), "平成元年1月8日"),
    ],
)
def test_wareki_changes_on_the_day(day: date, text: str) -> None:
    assert fiscal.wareki(day) == text
    assert parse_date(text) == day


@pytest.mark.parametrize(
    ("year", "text"),
    [
        (2026, "令和8年度"),
        (2020, "令和2年度"),
        (2019, "令和元年度"),
        (2018, "平成30年度"),
        (1989, "平成元年度"),
        (1988, "昭和63年度"),
    ],
)
def test_name_of_the_fiscal_year(year: int, text: str) -> None:
    assert fiscal.nendo(year) == text


@pytest.mark.parametrize(
    "text",
    [
        "2017/1/16", "2017/01/16", "2017-01-16", "2017.1.16", "20170116", "２０１７／１／１６",
        "２０１７年１月１６日", "2017年1月16日", "平成29年1月16日", "平成 29 年 1 月 16 日",
        "平成２９年１月１６日", "H29.1.16", "h29/1/16", "Ｈ２９．１．１６", "H29-1-16",
        "2017-01-16 00:00:00", " 2017/1/16　",
    ],
)  # fmt: skip
def test_usual_spellings_of_a_day_are_read(text: str) -> None:
    assert parse_date(text) == date(2017, 1, 16)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2017/2/29", "暦にない"),
        ("2017/13/1", "暦にない"),
        ("2017-1/16", "読めません"),
        ("2017-01", "読めません"),
        ("17/1/16", "西暦4桁"),
        ("1/16/2017", "西暦4桁"),
        ("1/16", "年がありません"),
        ("1月16日", "年がありません"),
        ("16-Jan-2017", "表計算ソフト"),
        ("42751", "シリアル値"),
        ("平成31年5月1日", "令和元年5月1日"),
        ("昭和64年1月8日", "平成元年1月8日"),
        ("平成元年1月7日", "昭和64年1月7日"),
        ("R0.1.1", "令和0年"),
        ("9999-01-01", "1926年から"),
        ("2017-01-16 09:30:00", "読めません"),
        ("", "読めません"),
        ("9" * 50_000, "長すぎます"),
    ],
)
def test_a_day_that_cannot_be_read_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(DateError, match=reason):
        parse_date(text)


@given(DAYS)
def test_every_day_reads_back_from_every_print(day: date) -> None:
    prints = (day.isoformat(), f"{day:%Y/%m/%d}", f"{day.year}年{day.month}月{day.day}日")
    assert {parse_date(text) for text in (*prints, fiscal.wareki(day))} == {day}
    first = fiscal.month_of(day)
    assert {parse_month(text) for text in (f"{day:%Y-%m}", fiscal.wareki_month(day))} == {first}


@given(st.text(max_size=50))
def test_any_text_is_a_date_or_is_refused(text: str) -> None:
    for parse in (parse_date, parse_month):
        try:
            assert isinstance(parse(text), date)
        except DateError as error:
            reason = str(error)
            assert reason.endswith("。")
