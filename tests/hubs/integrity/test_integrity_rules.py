"""The checks of evaluation.md 6 against values reckoned by hand; nothing is decided by a float."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from hubs.integrity.rules import (
    CURRENT,
    Check,
    Edit,
    Finding,
    HubMaterial,
    Indicator,
    findings_of_hub,
    just_over,
    method_rows,
)
from hubs.integrity.rules.yearly import modified_z
from yorozu.core.canonical import canonical_json
from yorozu.core.fiscal import months_of

NAMES = {
    "CONS": Indicator("CONS", "相談対応件数", "件"),
    "VISIT": Indicator("VISIT", "来訪相談者数", "者"),
    "SOLVE": Indicator("SOLVE", "課題解決件数", "件"),
    "NETW": Indicator("NETW", "ネットワーク活動件数", "回"),
}
YEAR = 2026
# Last digits 1, 2, 3, 4, 6, 7, 8, 9 in turn and no value twice: nothing to ask about.
CALM = (101, 112, 93, 104, 106, 97, 108, 99, 111, 92, 103, 94)


def at(year: int, values: Sequence[int], first: int = 0) -> dict[date, int]:
    return dict(zip(months_of(year)[first:], values, strict=False))


def hub(code: str = "CONS", *years: tuple[int, Sequence[int]], **more: Any) -> HubMaterial:
    values: dict[date, int] = {}
    for year, numbers in years:
        values |= at(year, numbers)
    span = range(YEAR - 4, YEAR + 1)
    return HubMaterial(
        hub_id=1,
        values={code: values},
        owed={year: months_of(year) for year in span},
        worked=dict.fromkeys(span, 12),
        **more,
    )


def found(material: HubMaterial, check: Check, year: int = YEAR) -> list[Finding]:
    every = findings_of_hub(material, NAMES, year, CURRENT)
    return [finding for finding in every if finding.check == check]


def test_an_ordinary_year_asks_nothing() -> None:
    assert findings_of_hub(hub("CONS", (YEAR, CALM)), NAMES, YEAR, CURRENT) == []
    assert findings_of_hub(hub("CONS"), NAMES, YEAR, CURRENT) == []


# --- Logic and the records -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ({"CONS": 10, "VISIT": 10, "SOLVE": 10}, []),
        ({"CONS": 10, "VISIT": 11, "SOLVE": 3}, ["VISIT"]),
        ({"CONS": 10, "VISIT": 12, "SOLVE": 11}, ["VISIT", "SOLVE"]),
        ({"VISIT": 12, "SOLVE": 11}, []),
        ({"CONS": 10, "NETW": 99}, []),
        ({"CONS": -1}, ["CONS"]),
    ],
)
def test_more_visitors_or_solutions_than_consultations(
    values: dict[str, int], codes: list[str]
) -> None:
    month = date(2026, 9, 1)
    one = HubMaterial(1, {code: {month: value} for code, value in values.items()}, {}, {})
    asked = found(one, Check.LOGIC)
    assert [finding.subject for finding in asked] == [f"2026-09/{code}" for code in codes]
    assert all(finding.month == month for finding in asked)


def test_the_sentence_of_a_contradiction_names_both_figures_and_accuses_nobody() -> None:
    month = date(2026, 9, 1)
    one = HubMaterial(1, {"CONS": {month: 1200}, "VISIT": {month: 1300}}, {}, {})
    assert found(one, Check.LOGIC)[0].sentence == (
        "令和8年9月の来訪相談者数（1,300）が相談対応件数（1,200）を超えています。"
        "入力の誤りがないか、確認をお願いします。"
    )


def test_a_drawn_figure_that_the_records_no_longer_say() -> None:
    april, may = date(2026, 4, 1), date(2026, 5, 1)
    one = hub(
        "CONS",
        drawn={(april, "CONS"): 12, (may, "CONS"): 8, (may, "VISIT"): 3},
        counted={(april, "CONS"): 12, (may, "CONS"): 9},
    )
    asked = found(one, Check.LEDGER)
    assert [(finding.subject, dict(finding.basis)) for finding in asked] == [
        ("2026-05/CONS", {"drawn": 8, "counted": 9}),
        ("2026-05/VISIT", {"drawn": 3, "counted": 0}),
    ]
    assert found(one, Check.LEDGER, YEAR - 1) == []


# --- Heaping: P(X >= k) with chance 1/5 ----------------------------------------------------------


@pytest.mark.parametrize(
    ("heaped", "others", "asked"),
    [
        # 12 months, 8 heaped: (495*256 + 220*64 + 66*16 + 12*4 + 1) / 5^12 = 0.000581
        (8, 4, True),
        # 7 of 12: 0.000581 + 792*1024/5^12 = 0.003903
        (7, 5, False),
        # 5 of 5: 1/3125 = 0.00032; 4 of 4: 1/625 = 0.0016
        (5, 0, True),
        (4, 0, False),
        (0, 12, False),
    ],
)
def test_heaping(heaped: int, others: int, asked: bool) -> None:
    values = [100 + 5 * n for n in range(heaped)] + [201 + 10 * n for n in range(others)]
    asking = found(hub("CONS", (YEAR, values)), Check.HEAPING)
    assert bool(asking) is asked
    if asked:
        assert asking[0].subject == f"{YEAR}/CONS"
        assert len(asking[0].basis["months"]) == heaped


def test_heaping_shows_its_reckoning() -> None:
    values = [100 + 5 * n for n in range(8)] + [201, 211, 221, 231]
    figures = found(hub("CONS", (YEAR, values)), Check.HEAPING)[0].figures
    assert ["偶然にこれ以上となる確率", "0.000581"] in figures["facts"]
    assert sum(row[2] for row in figures["rows"]) == 8


def test_small_values_end_in_few_digits_and_are_left_out() -> None:
    assert found(hub("NETW", (YEAR, [5, 0, 5, 5, 0, 5, 5, 0])), Check.HEAPING) == []


def test_a_month_that_is_not_round_does_not_ask_anew() -> None:
    heaped = [100 + 5 * n for n in range(8)]
    first, later, again = (
        found(hub("CONS", (YEAR, [*heaped, *more])), Check.HEAPING)[0]
        for more in ([], [201], [200])
    )
    assert first.basis == later.basis
    assert first.basis != again.basis


# --- Jumps: 0.6745 * |x - median| / MAD > 3.5 ----------------------------------------------------

# Median 100, deviations 0 2 2 1 1 0, so MAD 1: asked when |x - 100| > 5.189.
STEADY = (100, 102, 98, 101, 99, 100)


@pytest.mark.parametrize(
    ("value", "asked"), [(106, True), (105, False), (94, True), (95, False), (0, True)]
)
def test_jump(value: int, asked: bool) -> None:
    asking = found(hub("CONS", (YEAR, [*STEADY, value])), Check.JUMP)
    assert [finding.subject for finding in asking] == (["2026-10/CONS"] if asked else [])


def test_jump_shows_centre_score_and_edge() -> None:
    figures = found(hub("CONS", (YEAR, [*STEADY, 106])), Check.JUMP)[0].figures
    # 0.6745 * 6 = 4.047; the edge lies at 100 + 3.5 / 0.6745 = 105.19
    assert ["頑健zスコア", "4.05"] in figures["facts"]
    assert figures["lines"] == [["中央値", "100.0"], ["目安の範囲の端", "105.2"]]
    assert figures["rows"][-1] == ["令和8年10月", 106, 1]


def test_jump_needs_six_months_and_looks_back_two_years() -> None:
    assert found(hub("CONS", (YEAR, [*STEADY[:5], 900])), Check.JUMP) == []
    # 24 months of 1, 2, 3 lie between: the values of 2023 no longer count.
    small = [1, 2, 3] * 4
    old = hub("CONS", (YEAR - 3, [900, 910] * 6), (YEAR - 2, small), (YEAR - 1, small), (YEAR, [9]))
    history = found(old, Check.JUMP)[0].figures["rows"][:-1]
    assert [row[1] for row in history] == small * 2
    # All but equal months have no spread to compare with.
    assert found(hub("CONS", (YEAR, [100] * 5 + [101, 900])), Check.JUMP) == []


# --- The same value running ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "subjects"),
    [
        ([120, 120, 120], ["2026-04/CONS"]),
        ([120, 120, 121, 120], []),
        ([9, 9, 9, 9], []),
        ([10, 10, 10], ["2026-04/CONS"]),
        ([131, 120, 120, 120, 120], ["2026-05/CONS"]),
    ],
)
def test_same_value_three_months_running(values: list[int], subjects: list[str]) -> None:
    asked = found(hub("CONS", (YEAR, values)), Check.REPEAT)
    assert [finding.subject for finding in asked] == subjects


def test_a_gap_breaks_a_run_and_a_run_belongs_to_the_year_of_its_end() -> None:
    months = months_of(YEAR)
    broken = HubMaterial(1, {"CONS": {months[0]: 50, months[1]: 50, months[3]: 50}}, {}, {})
    assert found(broken, Check.REPEAT) == []
    across = hub("CONS", (YEAR - 1, [*CALM[:10], 77, 77]), (YEAR, [77]))
    assert [one.subject for one in found(across, Check.REPEAT)] == ["2026-02/CONS"]
    assert found(across, Check.REPEAT, YEAR - 1) == []


# --- March ---------------------------------------------------------------------------------------


def year_with_march(march: int, total: int = 1200) -> list[int]:
    rest, each = total - march, (total - march) // 11
    return [each] * 10 + [rest - 10 * each, march]


# Shares 8, 9, 10 %: median 9, MAD 1 point; z = 0.6745 * (x - 9) > 3.5 from 14.19 % on.
PAST = [(YEAR - 3, year_with_march(96)), (YEAR - 2, year_with_march(108))]
PAST += [(YEAR - 1, year_with_march(120))]


@pytest.mark.parametrize(("march", "asked"), [(171, True), (170, False), (30, False)])
def test_bunching_in_march(march: int, asked: bool) -> None:
    material = hub("CONS", *PAST, (YEAR, year_with_march(march)))
    asking = found(material, Check.BUNCHING)
    assert [finding.subject for finding in asking] == ([f"{YEAR}/CONS"] if asked else [])


def test_bunching_needs_three_whole_marches_and_a_rise_that_matters() -> None:
    assert found(hub("CONS", *PAST[1:], (YEAR, year_with_march(400))), Check.BUNCHING) == []
    short = hub("CONS", *PAST, (YEAR, year_with_march(400)[:11]))
    assert found(short, Check.BUNCHING) == []
    # 8.0, 8.1, 8.2 % of 1000: z is 12.8 at 10.0 %, but the rise is 1.9 points; 11.1 % is 3.0.
    near = [(YEAR - 3 + n, year_with_march(march, 1000)) for n, march in enumerate((80, 81, 82))]
    assert found(hub("CONS", *near, (YEAR, year_with_march(100, 1000))), Check.BUNCHING) == []
    assert found(hub("CONS", *near, (YEAR, year_with_march(111, 1000))), Check.BUNCHING) != []


def test_equal_marches_before_leave_the_rise_alone_to_decide() -> None:
    same = [(YEAR - 3 + n, year_with_march(96)) for n in range(3)]
    assert found(hub("CONS", *same, (YEAR, year_with_march(131))), Check.BUNCHING) == []
    assert found(hub("CONS", *same, (YEAR, year_with_march(132))), Check.BUNCHING) != []


@pytest.mark.parametrize(
    ("value", "history", "score"),
    [
        (14, (8, 9, 10), Fraction(6745, 2000)),
        # Two of three equal: MAD 0, mean deviation 1/3; (12 - 9) / (1.253314 / 3)
        (12, (9, 9, 10), Fraction(9_000_000, 1_253_314)),
        (12, (9, 9, 9), None),
    ],
)
def test_modified_z(value: int, history: tuple[int, ...], score: Fraction | None) -> None:
    assert modified_z(Fraction(value), [Fraction(one) for one in history]) == score


# --- Ratchet -------------------------------------------------------------------------------------


def with_targets(earlier: int, last: int, before: int, target: int) -> HubMaterial:
    years = [(YEAR - 2, year_with_march(90, earlier)), (YEAR - 1, year_with_march(90, last))]
    targets = {(YEAR - 1, "CONS"): before, (YEAR, "CONS"): target}
    return hub("CONS", *years, targets=targets)


@pytest.mark.parametrize(
    ("earlier", "last", "before", "target", "asked"),
    [
        # 100 % of the year before, then 95 %: a fall of exactly 5 %, results + 1 %
        (990, 1000, 990, 950, True),
        (990, 1000, 990, 951, False),
        # Results move by exactly 10 %, then by more
        (1000, 1100, 1000, 1000, True),
        (1000, 1101, 1000, 1000, False),
        (1000, 900, 1000, 800, True),
        (1000, 899, 1000, 800, False),
        # The target rises with the results
        (1000, 1050, 1000, 1050, False),
    ],
)
def test_ratchet(earlier: int, last: int, before: int, target: int, asked: bool) -> None:
    asking = found(with_targets(earlier, last, before, target), Check.RATCHET)
    assert [finding.subject for finding in asking] == ([f"{YEAR}/CONS"] if asked else [])


def test_ratchet_says_both_shares() -> None:
    sentence = found(with_targets(990, 1000, 990, 900), Check.RATCHET)[0].sentence
    assert "前年度実績の90.0%で、前の年度の割合（100.0%）より下がっています" in sentence
    assert "増減は+1.0%です" in sentence


def test_ratchet_compares_whole_years_only() -> None:
    part = with_targets(990, 1000, 990, 900)
    opened = HubMaterial(1, part.values, part.owed, {**part.worked, YEAR - 2: 7}, part.targets)
    assert found(opened, Check.RATCHET) == []


# --- Late corrections ----------------------------------------------------------------------------


def edits(*pairs: tuple[int | None, int | None]) -> list[Edit]:
    return [
        Edit(number, month, "CONS", old, new)
        for number, (month, (old, new)) in enumerate(zip(months_of(YEAR), pairs, strict=False))
    ]


@pytest.mark.parametrize(
    ("pairs", "asked"),
    [
        ([(10, 11), (10, 12), (None, 3)], True),
        ([(10, 11), (10, 12)], False),
        ([(10, 11), (10, 12), (10, 9)], False),
        ([(10, 11), (10, 12), (10, None)], False),
        ([], False),
    ],
)
def test_corrections_that_only_help(
    pairs: list[tuple[int | None, int | None]], asked: bool
) -> None:
    asking = found(hub("CONS", edits=edits(*pairs)), Check.LATE)
    assert [finding.subject for finding in asking] == ([f"{YEAR}"] if asked else [])


# --- The network ---------------------------------------------------------------------------------


def network(over: int, under: int, far: int = 20) -> list[HubMaterial]:
    """Hubs with a target of 1000 for the year: at 1010, at 990, and far from it."""
    totals = [1010] * over + [990] * under + [1300] * far
    return [
        hub("CONS", (YEAR, year_with_march(90, total)), targets={(YEAR, "CONS"): 1000})
        for total in totals
    ]


@pytest.mark.parametrize(
    ("over", "under", "asked"),
    [
        # 1/128 = 0.0078; 1/64 = 0.0156
        (7, 0, True),
        (6, 0, False),
        # (11 + 1) / 2048 = 0.0059; (10 + 1) / 1024 = 0.0107
        (10, 1, True),
        (9, 1, False),
        (0, 9, False),
        (0, 0, False),
    ],
)
def test_just_over_target(over: int, under: int, asked: bool) -> None:
    asking = just_over(network(over, under), NAMES, YEAR, CURRENT)
    assert bool(asking) is asked
    if asked:
        assert asking[0].hub_id is None
        assert asking[0].basis == {"over": over, "under": under}
        assert f"{over}件" in asking[0].sentence


@pytest.mark.parametrize(
    ("total", "inside"), [(1000, True), (1019, True), (1020, False), (999, False)]
)
def test_the_band_is_closed_below_and_open_above(total: int, inside: bool) -> None:
    hubs = [
        hub("CONS", (YEAR, year_with_march(90, total)), targets={(YEAR, "CONS"): 1000})
        for _ in range(7)
    ]
    assert bool(just_over(hubs, NAMES, YEAR, CURRENT)) is inside


def test_a_part_year_is_held_against_its_part_of_the_target() -> None:
    # 6 months of 12, target 1000: T* = 500, and 505 is just over it.
    months = months_of(YEAR)[6:]
    one = HubMaterial(
        1,
        {"CONS": at(YEAR, [84, 84, 84, 84, 84, 85], first=6)},
        {YEAR: months},
        {YEAR: 6},
        {(YEAR, "CONS"): 1000},
    )
    assert just_over([one] * 7, NAMES, YEAR, CURRENT) != []
    open_year = HubMaterial(1, one.values, {YEAR: months_of(YEAR)}, {YEAR: 6}, one.targets)
    assert just_over([open_year] * 7, NAMES, YEAR, CURRENT) == []


# --- The method ----------------------------------------------------------------------------------


def test_the_table_of_thresholds_names_every_check_once_and_its_numbers() -> None:
    rows = method_rows(CURRENT)
    assert [row.check for row in rows] == list(Check)
    said = "".join(row.rule + row.applies for row in rows)
    for number in ("20%", "0.001未満", "102%", "98%", "0.01未満", "3.5", "24か月", "3か月以上"):
        assert number in said


def test_findings_are_plain_and_repeatable() -> None:
    values = [100 + 5 * n for n in range(8)] + [201, 211, 221, 900]
    material = hub("CONS", (YEAR, values))
    first = findings_of_hub(material, NAMES, YEAR, CURRENT)
    again = findings_of_hub(material, NAMES, YEAR, CURRENT)
    assert {finding.check for finding in first} == {Check.HEAPING, Check.JUMP}
    for one, other in zip(first, again, strict=True):
        assert canonical_json(dict(one.figures)) == canonical_json(dict(other.figures))
        assert one.basis == other.basis
        assert one.sentence.endswith("確認をお願いします。")
