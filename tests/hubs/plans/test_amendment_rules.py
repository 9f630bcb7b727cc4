"""What an amendment makes of the plan: the rule of the months, areas, weights, zeros."""

import copy
from decimal import Decimal

import pytest

from hubs.plans.rules.agreed import read_agreed
from hubs.plans.rules.amending import area_codes, base_texts, read_amendment, share_rest

CONTENT = {
    "fiscal_year": 2026,
    "regional_analysis": "製造業が多い。",
    "business_plan": "承継に取り組む。",
    "targets": [
        {
            "code": "CONS",
            "name": "相談対応件数",
            "unit": "件",
            "value": 1200,
            "phasing": [100] * 12,
            "challenge": "1.05",
            "reason": "前年を上回る",
            "zero_approved": False,
        },
        {
            "code": "NETW",
            "name": "ネットワーク活動件数",
            "unit": "件",
            "value": 0,
            "phasing": [],
            "challenge": "1.00",
            "reason": "",
            "zero_approved": True,
        },
    ],
    "focus_areas": [
        {
            "code": code,
            "name": name,
            "description": "",
            "indicator": "",
            "measure": "",
            "evidence_rule": "相談票",
            "unit": "件",
            "target": 60,
            "phasing": [5] * 12,
            "weight": weight,
            "challenge": "1.00",
            "reason": "",
        }
        for code, name, weight in (("F1", "事業承継", "0.60"), ("F2", "販路開拓", "0.40"))
    ],
    "interview": {},
}


def amended(kept=6, used=("F1", "F2"), content=CONTENT, **texts):
    base = read_agreed(content)
    codes = area_codes(base, used)
    current = base_texts(content, base, codes)
    before = copy.deepcopy(content)
    found = read_amendment(content, base, {**current, **texts}, kept=kept, codes=codes)
    assert content == before
    return found


def months(found, code="CONS"):
    rows = [*found.content["targets"], *found.content["focus_areas"]]
    return next(row for row in rows if row["code"] == code)["phasing"]


def test_nothing_typed_changes_nothing():
    found = amended()
    assert not found.is_changed
    assert found.content["targets"] == CONTENT["targets"]
    assert not found.problems


MONTHS = [
    # the year's target grows: the earlier months stay, the rest is shared by the old proportions
    (6, {"target_CONS": "1,800"}, [100] * 6 + [200] * 6),
    (0, {"target_CONS": "2400"}, [200] * 12),
    (11, {"target_CONS": "1205"}, [100] * 11 + [105]),
    # typed months are fixed, blank ones take the rest
    (6, {"target_CONS": "1800", "m_CONS_07": "700"}, [100] * 6 + [700] + [100] * 5),
    # a rest that does not divide: whole numbers, the earlier months take one more
    (6, {"target_CONS": "1208"}, [100] * 6 + [102, 102, 101, 101, 101, 101]),
    # the months alone may move within the same year's target
    (10, {"m_CONS_11": "50", "m_CONS_12": "150"}, [100] * 10 + [50, 150]),
    # a month before the effective month is not asked: what stands there is not read
    (6, {"target_CONS": "1800", "m_CONS_01": "999"}, [100] * 6 + [200] * 6),
    # down to what has already been set for the earlier months
    (6, {"target_CONS": "600"}, [100] * 6 + [0] * 6),
]


@pytest.mark.parametrize(("kept", "texts", "wanted"), MONTHS)
def test_earlier_months_keep_their_phasing_and_the_rest_makes_the_year(kept, texts, wanted):
    found = amended(kept, **texts)
    assert not found.problems
    assert months(found) == wanted
    row = found.content["targets"][0]
    assert sum(row["phasing"]) == row["value"]
    assert row["challenge"] == "1.05"


def test_a_target_without_months_counts_as_equal_months():
    found = amended(6, target_NETW="240")
    assert months(found, "NETW") == [0] * 6 + [40] * 6
    assert found.content["targets"][1]["zero_approved"] is False


FAULTS = [
    ({"target_CONS": "500"}, "target_CONS", "適用開始月より前の月別の目標の合計（600）"),
    ({"target_CONS": ""}, "target_CONS", "年間目標を入力してください"),
    ({"target_CONS": "12.9"}, "target_CONS", "整数"),
    ({"target_CONS": "－"}, "target_CONS", "－は使えません"),
    ({"target_CONS": "10000000"}, "target_CONS", "9,999,999まで"),
    ({"m_CONS_07": "900"}, "target_CONS", "年間目標（1,200）と一致しません"),
    ({f"m_CONS_{n:02d}": "10" for n in range(7, 13)}, "target_CONS", "一致しません"),
    ({"m_CONS_07": "多い"}, "m_CONS_07", ""),
    ({"f1_unit": "者"}, "f1_unit", "単位は変更できません"),
    ({"f1_target": ""}, "f1_target", "年間目標を入力"),
    ({"f1_name": ""}, "f1_name", "名称を入力"),
    ({"f1_weight": "0.7"}, "f1_weight", "重み"),
    ({"f2_name": "", "f2_target": ""}, "f1_weight", "重み"),
    ({"f3_name": "創業", "f3_target": "30"}, "f3_evidence", "何を根拠に"),
    ({"business_plan": "長" * 20_001}, "business_plan", "20,000文字以内"),
    (
        {"f1_name": "", "f1_target": "", "f2_name": "", "f2_target": ""},
        "f1_name",
        "1つ以上必要",
    ),
]


@pytest.mark.parametrize(("texts", "name", "said"), FAULTS)
def test_every_fault_is_named_at_its_field(texts, name, said):
    found = amended(6, **texts)
    assert said in found.problems[name]


def test_an_area_is_given_up_and_another_added():
    found = amended(
        6,
        f1_weight="1",
        f2_name="",
        f2_target="",
        f2_weight="",
        f3_name="創業支援",
        f3_target="30",
        f3_evidence="創業計画書",
    )
    # two areas again: weights must be given to both
    assert "全部に入力" in found.problems["f1_weight"]
    found = amended(
        6,
        f1_weight="0.6",
        f2_name="",
        f2_target="",
        f3_name="創業支援",
        f3_target="30",
        f3_evidence="創業計画書",
        f3_weight="0.4",
    )
    assert not found.problems
    assert [(row["code"], row["target"]) for row in found.content["focus_areas"]] == [
        ("F1", 60),
        ("F3", 30),
    ]
    # a new area has no target before its month
    assert months(found, "F3") == [0] * 6 + [5] * 6


def test_a_place_that_was_used_is_not_given_to_another_area():
    content = {**CONTENT, "focus_areas": CONTENT["focus_areas"][:1]}
    assert area_codes(read_agreed(content), ("F1", "F2")) == ["F1", "F3", "F4", "F5"]
    assert area_codes(read_agreed(CONTENT), ("F1", "F2")) == ["F1", "F2", "F3", "F4", "F5"]


def test_a_new_zero_waits_for_the_bureau():
    found = amended(0, target_CONS="0")
    assert found.new_zeros == ("CONS",)
    assert not found.problems


def test_an_old_content_without_months_or_names_can_be_amended():
    old = copy.deepcopy(CONTENT)
    for row in old["targets"]:
        row.pop("name"), row.pop("unit"), row.pop("phasing")
    for row in old["focus_areas"]:
        for key in ("indicator", "measure", "evidence_rule", "phasing"):
            row.pop(key)
    found = amended(6, content=old, target_CONS="1800", f1_target="90")
    assert not found.problems
    assert months(found) == [100] * 6 + [200] * 6
    assert months(found, "F1") == [5] * 6 + [10] * 6


@pytest.mark.parametrize(
    ("total", "weights", "wanted"),
    [
        (10, [1, 1, 1], (4, 3, 3)),
        (0, [5, 5], (0, 0)),
        (7, [0, 0], (4, 3)),
        (100, [1, 2, 7], (10, 20, 70)),
        (5, [3, 1, 1], (3, 1, 1)),
    ],
)
def test_a_rest_is_shared_in_whole_numbers(total, weights, wanted):
    assert share_rest(total, weights) == wanted
    assert sum(wanted) == total


def test_weights_read_as_decimals():
    found = amended(6, f1_weight="0.55", f2_weight="0.45")
    assert not found.problems
    assert [Decimal(row["weight"]) for row in found.content["focus_areas"]] == [
        Decimal("0.55"),
        Decimal("0.45"),
    ]
