"""Fifths by size, places within them, and the years before."""

from decimal import Decimal
from itertools import pairwise

import pytest

from evaluation.scoring.rules.peers import peer_groups, places


@pytest.mark.parametrize(
    ("sizes", "groups"),
    [
        ({}, {}),
        ({"13": 400}, {"13": 1}),
        (dict.fromkeys("abcde", 7), {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}),
        ({"a": 5, "b": 4, "c": 3, "d": 2, "e": 1}, {"e": 1, "d": 2, "c": 3, "b": 4, "a": 5}),
    ],
)
def test_fifths_from_the_fewest_on(sizes: dict[str, int], groups: dict[str, int]) -> None:
    assert peer_groups(sizes) == groups


def test_groups_of_47_differ_by_one_at_most_and_do_not_lean_on_the_order() -> None:
    sizes = {f"{place:02d}": (place * 37) % 101 for place in range(1, 48)}
    groups = peer_groups(sizes)
    counts = [list(groups.values()).count(group) for group in range(1, 6)]
    assert sorted(counts) == [9, 9, 9, 10, 10]
    assert peer_groups(dict(reversed(sizes.items()))) == groups
    members = [[sizes[code] for code in groups if groups[code] == place] for place in range(1, 6)]
    assert all(max(low) <= min(high) for low, high in pairwise(members))


def test_equal_scores_share_a_place() -> None:
    scores = {"a": Decimal("80.00"), "b": Decimal("90.00"), "c": Decimal("80.00"), "d": Decimal(70)}
    assert places(scores) == {"b": 1, "a": 2, "c": 2, "d": 4}
