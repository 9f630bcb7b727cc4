"""Rules of the ledger as tables: personal data, numbers, records, counting."""

import itertools
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest

from hubs.ledger.rules import (
    COUNTING,
    RecordValues,
    client_key_problem,
    differences,
    fingerprint,
    is_serial,
    may_hold_personal_data,
    next_serial,
    personal_data_in,
    problems_of,
    read_client_key,
    serial_range,
)

PHONE, MAIL, POSTAL, ADDRESS = "電話番号", "メールアドレス", "郵便番号", "住所"
TODAY, OPENED = date(2026, 11, 22), date(2014, 6, 2)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("090-1234-5678へ連絡", PHONE, "090-1234-5678"),
        ("０３－１２３４－５６７８", PHONE, "０３－１２３４－５６７８"),
        ("０３ー１２３４ー５６７８", PHONE, "０３ー１２３４ー５６７８"),
        ("03(1234)5678まで", PHONE, "03(1234)5678"),
        ("（03）1234-5678", PHONE, "（03）1234-5678"),
        ("0312345678です", PHONE, "0312345678"),
        ("03.1234.5678", PHONE, "03.1234.5678"),
        ("0120-123-456", PHONE, "0120-123-456"),
        ("+81-90-1234-5678", PHONE, "+81-90-1234-5678"),
        ("TEL 1234-5678", PHONE, "1234-5678"),
        ("電話は１２３４－５６７８", PHONE, "１２３４－５６７８"),
        ("連絡先はa.b@example.co.jpです", MAIL, "a.b@example.co.jp"),
        ("ａ＠ｅｘａｍｐｌｅ．ｊｐ", MAIL, "ａ＠ｅｘａｍｐｌｅ．ｊｐ"),
        ("〒100-8912", POSTAL, "〒100-8912"),
        ("〒1008912", POSTAL, "〒1008912"),
        ("１００−８９１２の店", POSTAL, "１００−８９１２"),
        ("東京都千代田区霞が関1-3-1に出店", ADDRESS, "都千代田区霞が関1-3-1"),
        ("横浜市中区本町３－２", ADDRESS, "市中区本町３－２"),
        ("霞が関一丁目3番1号", ADDRESS, "一丁目3番1号"),
        ("12番地の店舗", ADDRESS, "12番地"),
        ("番号は123456789012", "12桁の番号（個人番号など）", "123456789012"),
        ("1234-5678-9012", "12桁の番号（個人番号など）", "1234-5678-9012"),
        (
            "１２３４　５６７８　９０１２",
            "12桁の番号（個人番号など）",
            "１２３４　５６７８　９０１２",
        ),
        ("7000012050002", "13桁の番号（法人番号など）", "7000012050002"),
    ],
)
def test_personal_data_is_found_where_it_stands(text: str, kind: str, words: str) -> None:
    found = personal_data_in(text)
    assert [(one.kind, one.text) for one in found] == [(kind, words)]
    assert text[found[0].start : found[0].end] == words


@pytest.mark.parametrize(
    "text",
    [
        "",
        "売上拡大の相談。次回は来月。",
        "売上を100-2000万円に",
        "100-2000円の商品",
        "市場調査を1-2回行う",
        "県内3-4社を訪問",
        "市内の店舗、10-15坪",
        "2026-05-12に来訪",
        "令和8年5月12日",
        "2026/05/12 10:00-11:30",
        "売上1,200,000円",
        "受付番号2026-00042の続き",
        "ISO 9001-2015を取得",
        "従業員12人、資本金1000万円",
        "第2丁場",
    ],
)
def test_ordinary_words_and_figures_give_no_warning(text: str) -> None:
    assert personal_data_in(text) == ()


def test_several_places_come_in_order_and_none_within_another() -> None:
    text = "〒100-8912 東京都千代田区霞が関1-3-1 電話03-1234-5678 a@example.jp"
    found = personal_data_in(text)
    assert [one.kind for one in found] == [POSTAL, ADDRESS, PHONE, MAIL]
    assert all(one.end <= other.start for one, other in itertools.pairwise(found))


def test_the_quick_look_never_misses_what_the_rule_finds() -> None:
    assert may_hold_personal_data("０９０")
    assert may_hold_personal_data("〒")
    assert not may_hold_personal_data("売上拡大の相談")


def test_a_confirmation_stands_for_these_words_only() -> None:
    one, other = personal_data_in("090-1234-5678"), personal_data_in("090-1234-5679")
    assert fingerprint(one) == fingerprint(personal_data_in("電話：090-1234-5678"))
    assert fingerprint(one) != fingerprint(other)
    assert fingerprint(()) == ""


@pytest.mark.parametrize(
    ("typed", "stored", "is_good"),
    [
        ("C-00123", "C-00123", True),
        ("Ｃ－００１２３", "C-00123", True),
        (" 42 ", "42", True),
        ("山田商店", "山田商店", False),
        ("C 123", "C 123", False),
        ("", "", False),
        ("-1", "-1", False),
        ("x" * 33, "x" * 33, False),
    ],
)
def test_a_client_is_a_number_never_a_name(typed: str, stored: str, is_good: bool) -> None:
    assert read_client_key(typed) == stored
    assert (client_key_problem(stored) == "") is is_good


def test_numbers_go_on_from_the_highest_of_the_year() -> None:
    assert next_serial(2026, None) == "2026-00001"
    assert next_serial(2026, "2026-00041") == "2026-00042"
    assert next_serial(2026, None, "N") == "N2026-00001"
    assert next_serial(2026, "2026-99999") == ""
    assert is_serial("2026-00042", 2026)
    assert not is_serial("2026-42", 2026)
    assert not is_serial("2025-00042", 2026)
    first, last = serial_range(2026)
    assert first <= "2026-00001" <= last < "2027-00001"


GOOD = RecordValues(date(2026, 11, 20), "1", "01", "E", "2", "見本太郎", "C-1", 60)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"held_on": date(2026, 11, 23)}, "held_on"),
        ({"held_on": date(2014, 6, 1)}, "held_on"),
        ({"resolved_on": date(2026, 11, 19)}, "resolved_on"),
        ({"resolved_on": date(2026, 11, 23)}, "resolved_on"),
        ({"client_confirmed_on": date(2026, 11, 21)}, "client_confirmed_on"),
        (
            {"resolved_on": date(2026, 11, 21), "client_confirmed_on": date(2026, 11, 20)},
            "client_confirmed_on",
        ),
        (
            {"resolved_on": date(2026, 11, 21), "client_confirmed_on": date(2026, 11, 23)},
            "client_confirmed_on",
        ),
        ({"minutes": 0}, "minutes"),
        ({"minutes": 601}, "minutes"),
        ({"client_key": "山田"}, "client_key"),
        ({"coordinator_name": ""}, "coordinator_name"),
    ],
)
def test_a_fault_is_named_at_its_field(changes: dict, field: str) -> None:
    found = problems_of(replace(GOOD, **changes), today=TODAY, opened_on=OPENED)
    assert list(found) == [field]


def test_a_good_record_has_no_fault_and_differs_where_it_was_changed() -> None:
    full = replace(GOOD, resolved_on=TODAY, client_confirmed_on=TODAY)
    assert problems_of(full, today=TODAY, opened_on=OPENED) == {}
    assert differences(GOOD, full) == ["resolved_on", "client_confirmed_on"]
    assert differences(GOOD, GOOD) == []


MAY = (date(2026, 5, 1), date(2026, 5, 31))


@pytest.mark.parametrize(
    ("changes", "counted"),
    [
        ({}, {"CONS", "VISIT"}),
        ({"channel": "2"}, {"CONS"}),
        ({"resolved_on": date(2026, 5, 31)}, {"CONS", "VISIT", "SOLVE"}),
        ({"resolved_on": date(2026, 6, 1)}, {"CONS", "VISIT"}),
        ({"held_on": date(2026, 4, 30), "resolved_on": date(2026, 5, 1)}, {"SOLVE"}),
        ({"is_current": False, "resolved_on": date(2026, 5, 2)}, set()),
    ],
)
def test_what_counts_in_a_month(changes: dict, counted: set[str]) -> None:
    row = {"is_current": True, "held_on": MAY[0], "channel": "1", "resolved_on": None, **changes}
    record = SimpleNamespace(**row)
    rules = [rule for rule in COUNTING.values() if rule.source == "consultation"]
    assert {rule.indicator for rule in rules if rule.counts(record, *MAY)} == counted
    assert set(COUNTING) == {"CONS", "VISIT", "SOLVE", "NETW"}
    assert all(rule.sentence.endswith("。") or "）。" in rule.sentence for rule in rules)
