"""Pure rules of the evidence book: months, totals, engine input, difference."""

import json
from copy import deepcopy
from datetime import date
from pathlib import Path

import pytest

from evaluation.evidence import readings, rules
from evaluation.scoring.rules import v1

END = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("opened", "closed", "as_of", "months"),
    [
        (date(2014, 6, 2), None, END, 12),
        (date(2025, 9, 1), None, END, 7),
        (date(2025, 9, 16), None, END, 7),  # 15 days of September
        (date(2025, 9, 17), None, END, 6),  # 14 days
        (date(2026, 2, 15), None, END, 1),  # February: 14 days, March counts
        (date(2014, 6, 2), date(2025, 4, 15), END, 1),
        (date(2014, 6, 2), date(2025, 4, 14), END, 0),
        (date(2026, 4, 1), None, END, 0),
        (date(2014, 6, 2), None, date(2025, 12, 31), 9),
        (date(2014, 6, 2), None, date(2025, 12, 30), 8),
        (date(2014, 6, 2), None, date(2026, 9, 1), 12),
    ],
)
def test_a_month_counts_when_the_hub_was_open_15_days_of_it(opened, closed, as_of, months):
    assert len(rules.operating_months(2025, opened, closed, as_of)) == months


def test_a_total_knows_gaps_from_zero():
    none = [{"state": "not_reported", "value": None}]
    zero = [{"state": "reported", "value": 0}]
    some = [{"state": "reported", "value": 3}, {"state": "not_applicable", "value": None}]
    assert rules.year_total(none) is None
    assert rules.year_total(zero) == 0
    assert rules.year_total(some + some) == 6


def source(pk=1):
    return {"table": "t", "id": pk, "import_batch": None, "row": None}


def content():
    return {
        "fiscal_year": 2025,
        "hub": {"code": "13", "months": [f"2025-{m:02d}" for m in range(4, 11)]},
        "plan": {
            "targets": [
                {
                    "code": "CONS",
                    "name": "相談対応件数",
                    "target": 1200,
                    "challenge": "1.05",
                    "is_zero_approved": False,
                    "source": source(),
                },
                {
                    "code": "NETW",
                    "name": "ネットワーク活動件数",
                    "target": 0,
                    "challenge": "1.00",
                    "is_zero_approved": True,
                    "source": source(),
                },
            ],
            "focus_areas": [
                {
                    "code": "F1",
                    "name": "承継",
                    "target": 40,
                    "challenge": "1.00",
                    "weight": "0.50",
                },
                {"code": "F2", "name": "創業", "target": None, "challenge": "1.00", "weight": None},
            ],
        },
        "results": {
            "indicators": [{"code": "CONS", "total": 700}, {"code": "NETW", "total": None}],
            "focus_areas": [{"code": "F1", "total": 38}],
        },
        "satisfaction": {"levels": [0, 2, 10, 60, 48], "is_excused": False},
        "partners": [
            {"organization": "甲", "value": "4.00", "is_excluded": False},
            {"organization": "乙", "value": "5.00", "is_excluded": True},
        ],
        "hearing": {
            "items": [
                {
                    "component": "CHK",
                    "code": "C1",
                    "text": "項目",
                    "weight": "1.00",
                    "has_evidence": True,
                    "is_not_applicable": False,
                    "ratings": [{"rater": "R-1", "score": 3}, {"rater": "R-2", "score": 4}],
                },
                {
                    "component": "UNQ",
                    "code": "U1",
                    "text": "独自",
                    "weight": "2.00",
                    "has_evidence": False,
                    "is_not_applicable": True,
                    "ratings": [],
                },
            ]
        },
        "contracts": [
            {"amount_yen": 60_000_000, "starts_on": "2025-09-01", "ends_on": "2026-03-31"},
            {"amount_yen": 5_000_000, "starts_on": "2025-10-01", "ends_on": "2026-03-31"},
        ],
        "regional_figures": [{"code": "smes", "value": 400_000}],
    }


def test_what_tells_of_a_hubs_size_is_read_with_the_days_of_a_month():
    book = content()
    assert readings.regional_values(book) == {"smes": 400_000}, "a book from before the days"
    book["coordinators"] = [{"role": "CC", "days": 365}, {"role": "CO", "days": 90}]
    book["coordinators"].append({"role": "CO", "days": 120})
    assert readings.coordinator_days(book) == {"CC": [365], "CO": [90, 120]}
    assert readings.regional_values(book) == {"smes": 400_000, "days": 575 // 7}


def test_a_book_becomes_one_hub_of_the_engines_input():
    assert rules.engine_hub(content()) == {
        "code": "13",
        "months": 7,
        "indicators": {
            "CONS": {"target": 1200, "actual": 700, "challenge": "1.05"},
            "NETW": {
                "target": 0,
                "actual": None,
                "challenge": "1.00",
                "zero_target_approved": True,
            },
        },
        "focus": [
            {"code": "F1", "target": 40, "actual": 38, "challenge": "1.00", "weight": "0.50"},
            {"code": "F2", "target": None, "actual": None, "challenge": "1.00"},
        ],
        "survey": [0, 2, 10, 60, 48],
        "partners": ["4.00"],
        "checks": {
            "CHK": [
                {
                    "code": "C1",
                    "weight": "1.00",
                    "scores": {"R-1": 3, "R-2": 4},
                    "evidence": True,
                    "na": False,
                }
            ],
            "UNQ": [{"code": "U1", "weight": "2.00", "scores": {}, "evidence": False, "na": True}],
        },
    }


def test_the_engine_takes_the_input_and_sees_the_months_and_the_excuse():
    given = rules.engine_hub(content())
    scored = v1.score({"hubs": [given]})["hubs"][0]
    # 700 of 1200 * 7/12 = 700.0000, challenge 1.05.
    assert "1.0500" in json.dumps(scored)
    excused = content()
    excused["satisfaction"] = {"levels": [0] * 5, "is_excused": True}
    assert rules.engine_hub(excused)["survey_excused"] is True


def test_the_input_scores_like_the_shipped_vector():
    """V08 (opened mid-term) put into a book and read back gives the vector's own result."""
    path = Path(__file__).parents[2] / "data/evaluation_vectors.json"
    vectors = json.loads(path.read_text(encoding="utf-8"))["vectors"]
    [vector] = [one for one in vectors if one["id"] == "V08"]
    hubs = [rules.engine_hub(as_book(hub)) for hub in vector["input"]["hubs"]]
    given = {**vector["input"], "hubs": hubs}
    assert v1.score(given)["hubs"] == v1.score(vector["input"])["hubs"]


def as_book(hub):
    book = content()
    book["hub"] = {"code": hub["code"], "months": ["x"] * hub.get("months", 12)}
    book["plan"]["targets"] = [
        {
            "code": code,
            "name": code,
            "target": entry["target"],
            "challenge": entry.get("challenge", "1.00"),
            "is_zero_approved": False,
        }
        for code, entry in hub["indicators"].items()
    ]
    book["plan"]["focus_areas"] = [
        {"challenge": "1.00", "weight": None, "name": "", **area} for area in hub["focus"]
    ]
    book["results"] = {
        "indicators": [{"code": c, "total": e["actual"]} for c, e in hub["indicators"].items()],
        "focus_areas": [{"code": a["code"], "total": a["actual"]} for a in hub["focus"]],
    }
    book["satisfaction"] = {"levels": hub["survey"], "is_excused": False}
    book["partners"] = [{"value": value, "is_excluded": False} for value in hub["partners"]]
    book["hearing"]["items"] = [
        {
            "component": component,
            "code": item["code"],
            "weight": "1",
            "has_evidence": item["evidence"],
            "is_not_applicable": False,
            "ratings": [{"rater": r, "score": s} for r, s in item["scores"].items()],
        }
        for component, items in hub["checks"].items()
        for item in items
    ]
    return book


def test_difference_names_the_path_and_both_values():
    old, new = content(), content()
    assert rules.difference(old, new) == []
    new["results"]["indicators"][0]["total"] = 701
    new["hearing"]["items"][0]["ratings"][1]["score"] = 2
    assert rules.difference(old, new) == [
        ("実績 › 活動指標 › CONS › 年計", "700", "701"),
        ("ヒアリング › 項目 › C1 › 評点 › R-2 › 評点", "4", "2"),
    ]


def test_difference_speaks_in_names_and_in_the_calendar_of_the_portal():
    old, new = content(), deepcopy(content())
    new["results"]["indicators"][0]["name"] = "相談対応件数"
    old["results"]["indicators"][0]["name"] = "相談対応件数"
    for book, score in ((old, 4), (new, 2)):
        rating = book["hearing"]["items"][0]["ratings"][1]
        rating |= {"score": score, "evaluator": "評価者B"}
    new["results"]["indicators"][0]["total"] = 701
    old["results"]["reports"] = [{"month": "2025-04", "accepted_at": "2025-05-08T09:30:00+09:00"}]
    new["results"]["reports"] = [{"month": "2025-04", "accepted_at": "2025-05-09T10:00:00+09:00"}]
    old["hearing"]["held_on"], new["hearing"]["held_on"] = None, "2026-02-10"
    old["state"], new["state"] = "not_reported", "reported"
    found = {path: (before, after) for path, before, after in rules.difference(old, new)}
    assert found["実績 › 活動指標 › 相談対応件数 › 年計"] == ("700", "701")
    assert found["ヒアリング › 項目 › C1 › 評点 › 評価者B › 評点"] == ("4", "2")
    assert found["ヒアリング › 実施日"] == ("", "令和8年2月10日")
    [(path, said)] = [row for row in found.items() if "令和7年4月" in row[0]]
    assert path.endswith("令和7年4月 › 確認日時")
    assert said == ("令和7年5月8日 09:30", "令和7年5月9日 10:00")
    assert found["状態"] == ("未報告", "報告済")


def test_a_new_row_does_not_shift_the_others():
    old, new = content(), deepcopy(content())
    new["partners"].insert(0, {"organization": "丙", "value": "3.00", "is_excluded": False})
    paths = [path for path, _, _ in rules.difference(old, new)]
    assert paths
    assert all("丙" in path for path in paths)
    back = rules.difference(new, old)
    assert {(path, before) for path, before, _ in back} >= {
        ("支援機関による評価 › 丙 › 値", "3.00")
    }


def test_a_rater_has_the_same_ascii_key_in_every_book():
    key = rules.rater_key("評価者A", "全国本部")
    assert key == rules.rater_key("評価者A", "全国本部")
    assert key.isascii()
    assert key != rules.rater_key("評価者B", "全国本部")
