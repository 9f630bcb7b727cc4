"""Rules of people: keys, one cell with several names, engagements over time, the table."""

from datetime import date

import pytest

from hubs.people.rules import (
    NO_STEP,
    Candidate,
    CategoryNames,
    Step,
    Stint,
    days_within,
    difference,
    engagement_step,
    find_person,
    kana_fault,
    kana_key,
    name_key,
    read_held,
    summarize,
)

NAMES = CategoryNames(
    [
        ("cpa", "公認会計士"),
        ("cpa", "会計士"),
        ("tax", "税理士"),
        ("shindanshi", "中小企業診断士"),
        ("shindanshi", "診断士"),
        ("itc", "ITコーディネーター"),
        ("itc", "ITコーディネータ"),
        ("fp", "ファイナンシャルプランニング技能士"),
        ("fp", "ファイナンシャル・プランニング技能士"),
        ("other", "その他"),
    ],
    other="other",
)


@pytest.mark.parametrize(
    ("one", "same"),
    [("髙﨑　太郎", "髙﨑太郎"), ("ｻﾝﾌﾟﾙ 太郎", "サンプル太郎"), ("Ｊｏｈｎ　Doe", "john doe")],
)
def test_names_are_the_same_whatever_width_and_blanks(one: str, same: str) -> None:
    assert name_key(one) == name_key(same)


def test_variant_characters_stay_different_people() -> None:
    assert name_key("髙橋") != name_key("高橋")


@pytest.mark.parametrize("kana", ["ミホン　タロウ", "みほん たろう", "ﾐﾎﾝ ﾀﾛｳ", "ミホン・タロウ"])
def test_readings_are_the_same_in_any_kana(kana: str) -> None:
    assert kana_key(kana) == "ミホンタロウ"
    assert not kana_fault(kana)


@pytest.mark.parametrize("kana", ["見本タロウ", "MIHON", "ミホン1"])
def test_a_reading_is_kana_only(kana: str) -> None:
    assert kana_fault(kana)


@pytest.mark.parametrize(
    ("known", "kana", "expected"),
    [
        ([], "ア", (None, False)),
        ([Candidate(1, "ア")], "ア", (1, False)),
        ([Candidate(1, "ア")], "イ", (None, False)),
        ([Candidate(1, "ア")], "", (1, False)),
        ([Candidate(1, "")], "ア", (1, False)),
        ([Candidate(1, "ア"), Candidate(2, "イ")], "", (None, True)),
        ([Candidate(1, "ア"), Candidate(2, "イ")], "イ", (2, False)),
        ([Candidate(1, ""), Candidate(2, "")], "ア", (None, True)),
    ],
)
def test_finding_a_person(
    known: list[Candidate], kana: str, expected: tuple[int | None, bool]
) -> None:
    assert find_person(known, kana) == expected


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        ("中小企業診断士、税理士", {"shindanshi", "tax"}),
        ("診断士,会計士;税理士", {"shindanshi", "cpa", "tax"}),
        ("診断士／ITコーディネータ", {"shindanshi", "itc"}),
        ("診断士・税理士", {"shindanshi", "tax"}),
        ("ファイナンシャル・プランニング技能士", {"fp"}),
        ("診断士・ファイナンシャル・プランニング技能士・税理士", {"shindanshi", "fp", "tax"}),
        ("診断士\n税理士", {"shindanshi", "tax"}),
        ("ＩＴコーディネーター", {"itc"}),
        ("なし", set()),
        ("－", set()),
        ("", set()),
    ],
)
def test_several_names_in_one_cell(cell: str, codes: set[str]) -> None:
    held = read_held(cell, NAMES)
    assert (held.codes, held.unknown) == (codes, ())


def test_other_brings_its_text_and_brackets_are_not_split() -> None:
    held = read_held("診断士、その他（宅建士、通関士）", NAMES)
    assert held.codes == {"shindanshi", "other"}
    assert held.other_text == "宅建士、通関士"


def test_words_nobody_knows_are_named() -> None:
    assert read_held("診断士・宅建士、忍者", NAMES).unknown == ("宅建士", "忍者")


DAY = date(2026, 6, 1)
BEFORE, AFTER = date(2026, 4, 1), date(2026, 10, 1)


@pytest.mark.parametrize(
    ("stints", "role", "chief", "expected"),
    [
        ([], "CO", None, Step("create")),
        ([Stint(1, "CO", BEFORE, None)], "CO", None, NO_STEP),
        ([Stint(1, "CO", BEFORE, DAY)], "CO", None, NO_STEP),
        (
            [Stint(1, "CO", BEFORE, None)], "CC", None,
            Step("switch", 1, date(2026, 5, 31), "CO"),
        ),
        ([Stint(1, "CO", DAY, None)], "CC", None, Step("correct", 1, None, "CO")),
        ([Stint(1, "CO", BEFORE, AFTER)], "CC", None, None),
        ([Stint(1, "CO", AFTER, None)], "CO", None, Step("create", ends_on=date(2026, 9, 30))),
        ([], "CC", AFTER, Step("create", ends_on=date(2026, 9, 30))),
        ([], "CO", AFTER, Step("create")),
        ([Stint(1, "CO", date(2020, 4, 1), date(2021, 3, 31))], "CO", None, Step("create")),
    ],
)  # fmt: skip
def test_what_an_answer_does_to_the_engagements(
    stints: list[Stint], role: str, chief: date | None, expected: Step | None
) -> None:
    assert engagement_step(stints, role, DAY, chief) == expected


def test_the_table_keeps_zero_rows_and_sums_halves() -> None:
    categories = [("a", "甲", 1), ("b", "乙", 1), ("c", "丙", 2)]
    this = summarize(categories, {("CC", "a"): 1, ("CO", "a"): 4, ("CO", "c"): 2})
    assert [(row.name, row.cc, row.co, row.total) for row in this.rows] == [
        ("甲", 1, 4, 5), ("乙", 0, 0, 0), ("丙", 0, 2, 2),
    ]  # fmt: skip
    assert (this.block_total(1).cc, this.block_total(1).co) == (1, 4)
    assert (this.total.cc, this.total.co, this.total.total) == (1, 6, 7)
    other = summarize(categories, {("CO", "a"): 5})
    assert difference(this.total, other.total) == (1, 1, 2)


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "days"),
    [
        (date(2017, 4, 1), None, 365),
        (date(2025, 4, 1), date(2026, 3, 31), 365),
        (date(2026, 3, 31), None, 1),
        (date(2024, 4, 1), date(2025, 4, 30), 30),
        (date(2024, 4, 1), date(2025, 3, 31), 0),
        (date(2026, 4, 1), None, 0),
    ],
)
def test_days_of_a_contract_within_a_year(starts_on, ends_on, days):
    assert days_within(starts_on, ends_on, date(2025, 4, 1), date(2026, 3, 31)) == days
