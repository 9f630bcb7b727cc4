"""Pure rules of the waves, by table: sample sizes, drawing, numbers, shrinkage, suspicions."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.surveys.rules import (
    Heard,
    Settings,
    frame_hash,
    letter_number,
    prior_mean,
    read_number,
    reason_problem,
    sample,
    sample_size,
    setting_faults,
    shrunk_mean,
    shuffled,
    wave_hash,
)
from evaluation.surveys.rules.suspicion import Answered, best_run, in_one_window, only_repeat
from evaluation.surveys.rules.suspicion import Heard as HeardHub
from hubs.integrity.rules import CURRENT
from tests.evaluation.surveys.ground import NOW

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("population", "share", "minimum", "maximum", "size"),
    [
        (0, 30, 30, 300, 0),
        (1, 30, 30, 300, 1),
        (29, 30, 30, 300, 29),
        (31, 30, 30, 300, 30),
        (100, 30, 30, 300, 30),
        (101, 30, 30, 300, 31),
        (1_000, 30, 30, 300, 300),
        (1_001, 30, 30, 300, 300),
        (9_999, 1, 5, 300, 100),
        (50, 100, 1, 300, 50),
    ],
)
def test_the_size_of_a_sample(population, share, minimum, maximum, size):
    assert sample_size(population, share_percent=share, minimum=minimum, maximum=maximum) == size


def test_a_drawing_follows_from_seed_hub_and_keys_alone():
    keys = [f"C-{number:03d}" for number in range(200)]
    drawn = sample(keys, 30, seed="s", hub_code="13")
    assert drawn == sample(reversed(keys), 30, seed="s", hub_code="13")
    assert len(set(drawn)) == 30
    assert drawn[:10] == sample(keys, 10, seed="s", hub_code="13")
    assert drawn != sample(keys, 30, seed="t", hub_code="13")
    # One client number means another person in another hub, and is drawn apart.
    assert drawn != sample(keys, 30, seed="s", hub_code="14")


def test_every_client_has_the_same_chance():
    keys = [f"C-{number:03d}" for number in range(40)]
    hits = dict.fromkeys(keys, 0)
    for seed in range(400):
        for key in sample(keys, 10, seed=f"seed{seed}", hub_code="13"):
            hits[key] += 1
    # 400 drawings of a quarter: 100 each, sd 8.7; five sd on either side.
    assert all(56 < count < 144 for count in hits.values()), hits


def test_hashes_name_a_frame():
    assert frame_hash(["b", "a"]) == frame_hash(["a", "b"])
    assert frame_hash(["a"]) != frame_hash(["b"])
    # Known answer: SHA-256 of "a\nb".
    assert frame_hash(["a", "b"]).startswith("7e18f737")
    one, two = ("13", 2, frame_hash(["a", "b"])), ("14", 0, frame_hash([]))
    assert wave_hash([one, two]) == wave_hash([two, one])
    assert wave_hash([one]) != wave_hash([one, two])


def test_numbers_tell_nothing_of_the_hub():
    places = [(code, f"C-{number}") for code in ("04", "13") for number in range(50)]
    order = shuffled(places, seed="s")
    assert sorted(order) == sorted(places)
    first = [code for code, _ in order[:50]]
    assert 10 < first.count("04") < 40


@given(st.integers(1, 99_999), st.integers(0, 5), st.integers(1, 9))
def test_every_wrong_digit_of_a_number_is_found(serial, place, change):
    number = letter_number(serial)
    assert read_number(number) == number
    digits = list(number.replace("-", ""))
    digits[place] = str((int(digits[place]) + change) % 10)
    assert read_number("".join(digits)) is None


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("00001-8", "00001-8"),
        ("000018", "00001-8"),
        ("００００１－８", "00001-8"),
        ("00001ー8", "00001-8"),
        (" 00001 - 8 ", "00001-8"),
        ("00010-8", None),
        ("1-8", None),
        ("", None),
        ("0000１-８8", None),
    ],
)
def test_numbers_as_people_type_them(typed, number):
    assert read_number(typed) == number


@pytest.mark.parametrize(
    ("n", "mean", "k", "n_min", "value"),
    [
        # V04: one high answer lifts nobody above the prior, one low answer pulls a little.
        (1, "5.0000", 20, 10, "4.0000"),
        (1, "1.0000", 20, 10, "3.8571"),
        (30, "4.5000", 20, 10, "4.3000"),
        (100, "4.5000", 20, 10, "4.4167"),
        (2, "5.0000", 8, 3, "4.0000"),
        (3, "5.0000", 8, 3, "4.2727"),
    ],
)
def test_shrinkage(n, mean, k, n_min, value):
    prior = Decimal("4.0000")
    found = shrunk_mean(n, Decimal(mean), prior=prior, k=Decimal(k), n_min=n_min)
    assert str(found) == value


@pytest.mark.parametrize(
    ("heard", "prior"),
    [
        ([], None),
        ([(0, 0)], None),
        ([(10, 40), (1000, 5000)], "4.5000"),
        ([(10, 40), (9, 45)], "4.0000"),
        ([(1, 5), (1, 2)], "3.5000"),
    ],
)
def test_each_hub_counts_once_in_the_prior(heard, prior):
    found = prior_mean([Heard(n, Decimal(total)) for n, total in heard], 10)
    assert (None if found is None else str(found)) == prior


@pytest.mark.parametrize(
    ("changed", "names"),
    [
        ({}, []),
        ({"closes_at": NOW}, ["closes_on"]),
        ({"opens_at": NOW + timedelta(days=2)}, ["closes_on"]),
        ({"frame_to": date(2026, 3, 1)}, ["frame_to"]),
        ({"share_percent": 101}, ["share_percent"]),
        ({"minimum": 0}, ["minimum"]),
        ({"maximum": 4}, ["maximum"]),
        ({"people": 6}, ["people"]),
    ],
)
def test_what_a_wave_must_satisfy(changed, names):
    given = {
        "opens_at": NOW - timedelta(days=1),
        "closes_at": NOW + timedelta(days=1),
        "frame_from": NOW.date().replace(month=4),
        "frame_to": NOW.date(),
        "share_percent": 30,
        "minimum": 5,
        "maximum": 300,
        "people": 1,
    }
    assert [name for name, _ in setting_faults(Settings(**{**given, **changed}), NOW)] == names


def test_reasons_to_choose_from():
    assert reason_problem("一つ目\n二つ目") == ""
    assert "40文字" in reason_problem("あ" * 41)


# --- Suspicions: the edges of each threshold ----------------------------------------------------


def hub(levels: list[int], *, minutes: list[int] | None = None, visits: int = 1) -> HeardHub:
    times = minutes or [60 * place for place in range(len(levels))]
    answers = [
        Answered(level, NOW + timedelta(minutes=minute), True, visits)
        for level, minute in zip(levels, times, strict=True)
    ]
    return HeardHub(1, answers, [visits] * len(levels))


@pytest.mark.parametrize(
    ("together", "apart", "found"),
    [(5, 5, True), (5, 11, True), (5, 12, False), (4, 6, False), (5, 4, False), (30, 0, True)],
)
def test_many_answers_within_ten_minutes(together, apart, found):
    minutes = [0] * together + [60 * (place + 1) for place in range(apart)]
    heard = hub([4] * len(minutes), minutes=minutes)
    assert (in_one_window(heard, CURRENT) is not None) == found


def test_paper_says_nothing_about_the_hour():
    answers = [Answered(5, NOW, False, 1)] * 30
    assert in_one_window(HeardHub(1, answers, [1] * 30), CURRENT) is None


@pytest.mark.parametrize(
    ("run", "share", "found"),
    [
        (7, Fraction(1, 10), False),
        (8, Fraction(1, 10), True),
        # Where nearly everybody says 5, a long run is nothing strange.
        (8, Fraction(9, 10), False),
        (20, Fraction(9, 10), False),
        (20, Fraction(1, 2), True),
        (20, Fraction(1), False),
    ],
)
def test_a_run_of_the_best_answer(run, share, found):
    heard = hub([4, 3] + [5] * run + [4])
    assert (best_run(heard, share, CURRENT) is not None) == found


@pytest.mark.parametrize(
    ("answered", "asked_once", "asked_twice", "found"),
    [
        (10, 40, 10, True),
        (9, 40, 10, False),
        (10, 5, 45, False),
        (10, 0, 50, False),
    ],
)
def test_only_repeat_clients_answered(answered, asked_once, asked_twice, found):
    answers = hub([4] * answered, visits=2).answers
    asked = [1] * asked_once + [2] * asked_twice
    assert (only_repeat(HeardHub(1, answers, asked), CURRENT) is not None) == found
