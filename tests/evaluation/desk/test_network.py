"""Medians and spread over all hubs of a run."""

from decimal import Decimal

import pytest

from evaluation.desk.rules import network
from evaluation.scoring.rules.v1 import score
from tests.evaluation.desk.network import hubs


@pytest.mark.parametrize(
    ("values", "middle"),
    [
        (["3"], "3.00"),
        (["1", "9"], "5.00"),
        (["80.0050", "80.0000", "80.0100"], "80.01"),
        (["80.0000", "80.0100"], "80.01"),
        (["1", "2", "3", "100"], "2.50"),
    ],
)
def test_median(values: list[str], middle: str) -> None:
    assert str(network.median([Decimal(value) for value in values])) == middle


def test_medians_of_a_network_leave_out_what_does_not_count() -> None:
    results = score({"hubs": hubs()})["hubs"]
    found = network.medians(results)
    solved = sorted(
        Decimal(part["detail"]["SOLVE"]["points"])
        for hub in results
        for part in hub["components"]
        if part["code"] == "IND" and part["detail"]["SOLVE"]["points"] is not None
    )
    assert len(solved) < 47
    assert found["IND", "SOLVE"] == network.median(solved)
    assert ("CHK", "C1") in found
    assert not [key for key in found if key[0] == "FOC" and key[1]]
    finals = [Decimal(hub["final"]) for hub in results]
    assert found[network.FINAL, ""] == network.median(finals)


def test_spread_counts_each_score_once_and_has_no_gaps() -> None:
    scores = [Decimal(text) for text in ("0", "4.99", "5", "62.30", "79.99", "80.00", "100.00")]
    bins = network.spread(scores)
    assert sum(one.hubs for one in bins) == len(scores)
    assert [(one.low, one.high, one.hubs) for one in bins[:2]] == [(0, 5, 2), (5, 10, 1)]
    assert [one.low for one in bins] == list(range(0, 100, 5))
    assert (bins[-1].high, bins[-1].hubs) == (100, 1)
    assert network.spread([]) == []
