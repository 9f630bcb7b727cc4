"""Pure rules of where a figure comes from: agrees, differs, stale, drifted."""

import pytest

from hubs.results.rules import (
    BLANK,
    Entry,
    Origin,
    Standing,
    difference,
    drift_text,
    ledger_problem,
    source_of,
    standing,
)

NA = Entry("not_applicable")


def reported(value):
    return Entry("reported", value)


@pytest.mark.parametrize(
    ("entry", "origin", "expected"),
    [
        (reported(5), Origin(), Standing.NOT_KEPT),
        (BLANK, Origin(), Standing.NOT_KEPT),
        (reported(5), Origin(now=5), Standing.AGREES),
        (reported(0), Origin(now=0), Standing.AGREES),
        (BLANK, Origin(now=0), Standing.BLANK),
        (reported(0), Origin(now=5), Standing.DIFFERS),
        (NA, Origin(now=5), Standing.DIFFERS),
        (NA, Origin(now=0), Standing.DIFFERS),
        (reported(5), Origin("ledger", now=6), Standing.STALE),
        # A sent figure answers to the count of that day, not to today's.
        (reported(5), Origin("ledger", then=5, now=6, is_sent=True), Standing.AGREES),
        (reported(7), Origin(then=5, now=7, is_sent=True), Standing.DIFFERS),
        (reported(7), Origin(then=None, now=7, is_sent=True), Standing.NOT_KEPT),
    ],
)
def test_a_figure_stands_to_the_count_beside_it(entry, origin, expected):
    assert standing(entry, origin) is expected


@pytest.mark.parametrize(
    ("entry", "counted", "expected"),
    [
        (reported(5), 5, "ledger"),
        (reported(0), 0, "ledger"),
        (reported(5), 6, "declared"),
        (reported(5), None, "declared"),
        (BLANK, 0, "declared"),
        (NA, 0, "declared"),
    ],
)
def test_the_ledgers_own_count_comes_from_the_ledger(entry, counted, expected):
    assert source_of(entry, counted) == expected


@pytest.mark.parametrize(
    ("entry", "origin", "reason", "said"),
    [
        (reported(5), Origin(), "", ""),
        (reported(5), Origin(now=5), "", ""),
        (reported(7), Origin(now=5), "", "申告（7）が相談記録の件数（5）と異なります"),
        (NA, Origin(now=5), "", "申告（該当なし（－））が相談記録の件数（5）"),
        (reported(7), Origin(now=5), "記録が遅れた", ""),
        (reported(7), Origin(now=1234), "", "相談記録の件数（1,234）"),
        (BLANK, Origin(now=5), "", ""),
        (reported(5), Origin("ledger", now=6), "", "（取込時 5、現在 6）"),
        # The reason was for something else: it does not make a stale figure a declared one.
        (reported(5), Origin("ledger", now=6), "催事", "（取込時 5、現在 6）"),
        (reported(5), Origin("ledger", then=5, now=6, is_sent=True), "", ""),
    ],
)
def test_what_may_not_be_sent_is_named_with_both_figures(entry, origin, reason, said):
    found = ledger_problem("相談対応件数", entry, origin, reason)
    assert (said in found) if said else found == ""


@pytest.mark.parametrize(
    ("then", "now", "drift", "text"),
    [
        (5, 5, 0, ""),
        (5, 7, 2, "確認後に相談記録が変わりました：+2"),
        (1005, 5, -1000, "確認後に相談記録が変わりました：▲1,000"),
        (None, 7, None, "確認後に相談記録が登録されました：7"),
        (7, None, None, "確認後に相談記録がなくなりました：7 → 0"),
        (None, None, None, ""),
    ],
)
def test_what_became_of_the_records_is_said_beside_the_figure(then, now, drift, text):
    origin = Origin(then=then, now=now, is_sent=True, is_accepted=True)
    assert (origin.drift, drift_text(origin)) == (drift, text)
    sent = Origin(then=then, now=now, is_sent=True)
    assert drift_text(sent) == text.replace("確認後", "提出後")
    assert origin.has_drifted is bool(text)
    assert not Origin(then=then, now=now).has_drifted


def test_the_difference_is_figure_less_count():
    assert difference(reported(7), Origin(now=5)) == 2
    assert difference(reported(3), Origin(now=5)) == -2
    assert difference(NA, Origin(now=5)) is None
    assert difference(reported(3), Origin()) is None
