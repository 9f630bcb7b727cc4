"""Who judged, as the sheet prints it."""

from evaluation.reports.rules import Evaluator, evaluators

ITEM = {
    "ratings": [
        {"evaluator": "甲野", "organization": "商工会連合会", "score": 3},
        {"evaluator": "乙山", "organization": "中小機構", "score": 2},
    ]
}
MEMBER = {
    "rater": "ab",
    "evaluator": "丙川",
    "organization": "大学",
    "role": "主査",
    "is_outside": True,
    "counts": False,
    "conflicts": "実施機関の役職員",
    "scores_given": 4,
    "waivers": ["過去の契約（解除：3年前の講演のみ）"],
}


def test_no_book_names_nobody() -> None:
    assert evaluators(None) == ()
    assert evaluators({"hearing": {"items": []}}) == ()


def test_scores_from_a_file_name_nobody() -> None:
    assert evaluators({"hearing": {"items": [ITEM, ITEM]}}) == ()


def test_a_panel_is_named_with_interests_also_when_its_scores_do_not_count() -> None:
    found = evaluators({"hearing": {"items": [ITEM], "panel": [MEMBER]}})
    waivers = ("過去の契約（解除：3年前の講演のみ）",)
    assert found == (Evaluator("丙川", "大学", "主査", True, False, "実施機関の役職員", waivers),)
