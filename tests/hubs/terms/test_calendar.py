"""The calendar: rules of a line, days across holidays and the year's end, to the minute, typed."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from hubs.terms.models import Holiday, Term, TermDeadline
from hubs.terms.parts import PartFaults, find
from hubs.terms.queries import closed_days, missing_years
from hubs.terms.rules.calendar import (
    TOKYO,
    Line,
    as_content,
    default_lines,
    due,
    fitted,
    from_content,
    line_faults,
    rule_text,
)
from tests.core.test_business_days import CLOSED
from tests.hubs.year import SYSTEM, open_year
from yorozu.core.business_days import is_business_day
from yorozu.core.errors import NotReady


@pytest.mark.parametrize("year", range(2024, 2028))
def test_every_default_deadline_is_at_noon_on_an_open_day_in_order(year):
    rows = as_content(default_lines(), year, CLOSED)
    moments = [datetime.fromisoformat(row["due_at"]) for row in rows]
    assert len({row["code"] for row in rows}) == len(rows) == 18
    assert moments == sorted(moments)
    for moment in moments:
        assert (moment.hour, moment.minute, moment.utcoffset()) == (12, 0, timedelta(hours=9))
        assert is_business_day(moment.date(), CLOSED)


@pytest.mark.parametrize(
    ("line", "year", "nominal", "moment", "text"),
    [
        (
            Line("a", "mid", "x", 13, 1),
            2026,
            date(2027, 1, 1),
            "2027-01-04T12:00:00+09:00",
            "1月1日 12:00（休日は繰下げ）",
        ),
        (
            Line("a", "mid", "x", 13, 1, shift="previous"),
            2026,
            date(2027, 1, 1),
            "2026-12-28T12:00:00+09:00",
            "1月1日 12:00（休日は繰上げ）",
        ),
        (
            Line("a", "mid", "x", 13, 1, shift="none", at=time(0, 0)),
            2026,
            date(2027, 1, 1),
            "2027-01-01T00:00:00+09:00",
            "1月1日 00:00（休日でも移さない）",
        ),
        (
            Line("a", "end", "x", 15, base="month_end", at=time(23, 59)),
            2026,
            date(2027, 3, 31),
            "2027-03-31T23:59:00+09:00",
            "3月末日 23:59（休日は繰下げ）",
        ),
        (
            Line("a", "end", "x", 14, base="month_end"),
            2027,
            date(2028, 2, 29),
            "2028-02-29T12:00:00+09:00",
            "2月末日 12:00（休日は繰下げ）",
        ),
        (
            Line("a", "mid", "x", 5, 3, base="business_day", at=time(17, 15)),
            2026,
            date(2026, 5, 8),
            "2026-05-08T17:15:00+09:00",
            "5月の第3営業日 17:15",
        ),
        (
            Line("a", "end", "x", 16, 10),
            2026,
            date(2027, 4, 10),
            "2027-04-12T12:00:00+09:00",
            "翌年度4月10日 12:00（休日は繰下げ）",
        ),
        (
            Line("a", "start", "x", 5, 3),
            2026,
            date(2026, 5, 3),
            "2026-05-07T12:00:00+09:00",
            "5月3日 12:00（休日は繰下げ）",
        ),
    ],
)
def test_the_rule_of_a_line_gives_its_day_and_minute(line, year, nominal, moment, text):
    found = due(line, year, CLOSED)
    assert (found[0], found[1].isoformat(), rule_text(line)) == (nominal, moment, text)


def test_tokyo_has_no_summer_time_so_a_minute_is_a_minute_all_year():
    lines = [Line(f"m{month}", "mid", "x", month, 1, shift="none") for month in range(4, 16)]
    found = [due(line, 2026, ())[1] for line in lines]
    assert {moment.utcoffset() for moment in found} == {timedelta(hours=9)}
    assert {moment.astimezone(UTC).hour for moment in found} == {3}
    assert (found[-1] - found[0]) == timedelta(days=(date(2027, 3, 1) - date(2026, 4, 1)).days)


def test_a_day_that_the_year_does_not_have_is_refused_and_fitted_when_taken_over():
    leap = Line("a", "end", "x", 14, 29)
    assert line_faults([leap], 2027, CLOSED) == {}
    faults = line_faults([leap], 2026, CLOSED)
    assert faults == {"a": "2027年2月に29日はありません。月末を選んでください。"}
    assert [line.base for line in fitted([leap], 2026, CLOSED)] == ["month_end"]


def test_the_answers_cannot_be_due_before_the_plans_are_fixed():
    lines = [Line("finalize", "start", "確定", 8, 1), Line("survey", "end", "回答", 7, 1)]
    assert "事業計画の確定より後" in line_faults(lines, 2026, CLOSED)["survey"]


def test_content_and_lines_are_the_same_both_ways():
    lines = default_lines()
    content = as_content(lines, 2026, CLOSED)
    assert sorted(from_content(content), key=lambda line: line.code) == sorted(
        lines, key=lambda line: line.code
    )


pytestmark = [pytest.mark.usefixtures("november")]


@pytest.fixture
def term(cast):
    return open_year(2026, published=False)


def test_stored_lines_say_how_they_moved(term):
    row = term.deadlines.get(code="month-09")
    assert row.nominal_on == date(2026, 10, 10)
    assert (row.rule_text, row.shift_note) == (
        "10月10日 12:00（休日は繰下げ）",
        "休日のため繰下げ",
    )
    assert term.deadlines.get(code="policy").shift_note == ""


def test_typed_lines_become_content_with_their_faults_in_place(term):
    part = find("calendar")
    stands = part.stands(term)
    changed = part.read(
        term,
        stands,
        {
            "plan/number": "２５",
            "plan/at": "17時30分",
            "plan/shift": "previous",
            "extra-new/label": "中間報告",
            "extra-new/month": "10",
            "extra-new/number": "30",
            "extra-new/base": "day",
        },
    )
    by_code = {row["code"]: row for row in changed}
    assert by_code["plan"]["due_at"] == "2026-05-25T17:30:00+09:00"
    assert by_code["extra-1"]["due_at"] == "2026-10-30T12:00:00+09:00"
    with pytest.raises(PartFaults) as refusal:
        part.read(term, stands, {"plan/at": "24:00", "policy/number": "0", "hearing/month": "99"})
    assert set(refusal.value.by_key) == {"plan/label", "policy/label", "hearing/label"}
    assert "23:59" in refusal.value.by_key["plan/label"]


def test_only_added_lines_can_be_removed(term):
    part = find("calendar")
    more = part.read(term, part.stands(term), {"extra-new/label": "中間報告"})
    part.write(SYSTEM, term, more)
    assert term.deadlines.count() == 19
    fewer = part.read(term, part.stands(term), {"extra-1/remove": "1", "plan/remove": "1"})
    part.write(SYSTEM, term, fewer)
    assert set(term.deadlines.values_list("code", flat=True)) >= {"plan"}
    assert term.deadlines.count() == 18


def test_the_same_rules_give_next_years_days_and_closed_days_are_data(term):
    Holiday.objects.create(day=date(2026, 4, 13), name="試験の休日", basis="試験")
    part = find("calendar")
    later = Term(fiscal_year=2025)
    rows = {row["code"]: row for row in part.carried(part.stands(term), later)}
    assert rows["month-12"]["due_at"] == "2026-01-13T12:00:00+09:00"
    assert date(2026, 4, 13) in closed_days()
    # What was decided stays although the table of holidays has changed.
    assert TermDeadline.objects.get(term=term, code="policy").due_at.astimezone(TOKYO).date() == (
        date(2026, 4, 10)
    )
    assert rows["month-03"]["due_at"] == "2026-04-10T12:00:00+09:00"


def test_a_calendar_waits_for_the_holidays_of_its_years(cast):
    Holiday.objects.filter(day__year=2028).delete()
    assert missing_years(2027) == [2028]
    part, term = find("calendar"), Term.objects.create(fiscal_year=2027)
    with pytest.raises(NotReady) as refusal:
        part.write(SYSTEM, term, part.default(term))
    assert refusal.value.missing[0].link_name == "holiday_list"
    assert term.deadlines.count() == 0
