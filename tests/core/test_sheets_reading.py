"""Rules of reading beyond the single file: caps, keys, repeats, choice of sheet, choices."""

from decimal import Decimal
from typing import Any

import pytest

from tests.core.sheet_corpus import COLUMNS, GOOD, SECOND, utf8, with_cell, workbook
from yorozu.core.errors import InvalidInput, Problem
from yorozu.core.figures import Blank
from yorozu.core.sheets import Column, Limits, cells, heading_key, match_key, read_table


def test_problems_are_capped_with_a_closing_line() -> None:
    table = read_table(utf8(*[with_cell(3, "x")] * 1_234), "a.csv", COLUMNS)
    assert len(table.problems) == 1_001
    assert table.problems[0] == Problem(2, "相談対応件数", "数として読めません。")
    assert table.problems[-1].as_text() == "ほか234件の問題があります。"


def test_a_hopeless_file_is_not_read_to_its_end() -> None:
    table = read_table(utf8(*[with_cell(3, "x")] * 30_000), "a.csv", COLUMNS)
    assert table.problems[-1].message == "ほか19,000件以上の問題があります。"


def test_the_same_key_twice_names_the_first_row() -> None:
    data = utf8(GOOD, SECOND, with_cell(0, "1"))
    table = read_table(data, "a.csv", COLUMNS, unique=("hub", "name"))
    assert [p.as_text() for p in table.problems] == [
        "4行目「拠点コード・氏名」：2行目と重複しています。"
    ]


def test_a_named_sheet_is_read_and_a_missing_one_lists_the_others() -> None:
    def second_sheet(book: Any) -> None:
        sheet = book.create_sheet("四月")
        sheet.append([column.heading for column in COLUMNS])
        sheet.append(list(SECOND))

    data = workbook(GOOD, change=second_sheet)
    assert [row["hub"] for row in read_table(data, "", COLUMNS, sheet="四月").rows] == ["47"]
    missing = read_table(data, "", COLUMNS, sheet="五月")
    assert "「Sheet」、「四月」" in missing.problems[0].message


@pytest.mark.parametrize(
    ("limits", "fragment"),
    [
        (Limits(max_bytes=50), "ファイルが大きすぎます"),
        (Limits(max_rows=1), "1行を超えています"),
        (Limits(max_cells=8), "セルが多すぎます"),
        (Limits(max_lines=2), "行数が多すぎます"),
    ],
)
def test_limits_are_named(limits: Limits, fragment: str) -> None:
    table = read_table(utf8(GOOD, SECOND), "a.csv", COLUMNS, limits=limits)
    assert fragment in table.problems[0].message
    with pytest.raises(InvalidInput):
        table.checked_rows()


def test_two_columns_with_one_heading_are_a_fault_of_the_program() -> None:
    twice = [Column("a", "氏名", cells.text(5)), Column("b", "氏　名", cells.text(5))]
    with pytest.raises(ValueError, match="two columns"):
        read_table(utf8(), "a.csv", twice)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ﾁｰﾌｺｰﾃﾞｨﾈｰﾀｰ", "チーフコーディネーター"),
        ("㈱ABC", "(株)abc"),
        ("山田　太郎 ", "山田 太郎"),
        ("10～20", "10〜20"),
        ("Ａ－１", "a−1"),
        ("葛󠄀城", "葛城"),
    ],
)
def test_match_key_folds_spellings(one: str, other: str) -> None:
    assert match_key(one) == match_key(other)


def test_match_key_keeps_different_kanji_apart() -> None:
    assert match_key("髙橋") != match_key("高橋")
    assert match_key("コーヒー") != match_key("コヒ")


def test_heading_key_drops_notes_and_long_vowels_but_not_units() -> None:
    assert heading_key("ITコーディネーター（注2）") == heading_key("ＩＴコーディネータ")
    assert heading_key("ファイナンシャル・プランニング") == heading_key(
        "ファイナンシャルプランニング"
    )
    assert heading_key("金額（千円）") != heading_key("金額（円）")


def test_choice_takes_aliases_and_suggests() -> None:
    role = cells.choice({"CC": 1, "CO": 2}, {"チーフコーディネーター": "CC"})
    assert role("ｃｃ") == 1
    assert role("ﾁｰﾌｺｰﾃﾞｨﾈｰﾀｰ") == 1
    with pytest.raises(cells.CellError, match="CC、COのどれか"):
        role("SC")
    many = cells.choice({f"北海道第{n}号": n for n in range(20)})
    with pytest.raises(cells.CellError, match="ではありませんか"):
        many("北海道第１９")


def test_decimal_keeps_its_places_and_its_blanks() -> None:
    rate = cells.decimal(1, maximum=Decimal(100))
    assert rate("１２．５") == Decimal("12.5")
    assert rate("－") is Blank.NOT_APPLICABLE
    assert rate("") is Blank.NOT_REPORTED
    for text, reason in (("12.55", "第1位"), ("100.1", "100.0以下"), ("-1", "負の数")):
        with pytest.raises(ValueError, match=reason):
            rate(text)
