"""Files of plans: drafts with interview, refusals by row and column, twice the same, undo."""

import pytest

from hubs.plans import operations as plans
from hubs.plans.models import Plan, StartInterview
from hubs.plans.queries import plan_texts, with_content
from tests.hubs.year import SYSTEM, fixed_plan, open_year, written_plan
from yorozu.core.errors import Conflict, Refused
from yorozu.core.imports import operations
from yorozu.core.imports.models import BatchState
from yorozu.core.sheets import to_csv

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]
HEADER = [
    "拠点コード",
    "拠点名",
    "地域分析",
    "事業計画",
    "相談対応件数の目標",
    "来訪相談者数の目標",
    "課題解決件数の目標",
    "ネットワーク活動件数の目標",
    "F1名称",
    "F1内容",
    "F1単位",
    "F1目標",
    "F1重み",
    "F1根拠の定め",
    "F2名称",
    "F2目標",
    "F2重み",
    "F2根拠の定め",
    "挑戦係数",
    "挑戦係数の理由",
    "面談日",
    "出席者",
    "面談記録",
    "挑戦係数の承認",
]
ROW = {
    "拠点コード": "13",
    "拠点名": "東京都よろず支援拠点",
    "地域分析": "一行目\n二行目",
    "事業計画": "販路開拓",
    "相談対応件数の目標": "3,600",
    "来訪相談者数の目標": "2400",
    "課題解決件数の目標": "1080",
    "ネットワーク活動件数の目標": "480",
    "F1名称": "事業承継",
    "F1内容": "引継ぎ",
    "F1単位": "者",
    "F1目標": "60",
    "F1重み": "0.5",
    "F1根拠の定め": "紹介状の写し",
    "F2名称": "販路",
    "F2目標": "40",
    "F2重み": "0.5",
    "F2根拠の定め": "商談の記録",
    "挑戦係数": "1.05",
    "挑戦係数の理由": "新しい地域",
    "面談日": "令和8年6月15日",
    "出席者": "経済産業局／関東経済産業局／担当者\n拠点／東京都よろず支援拠点／長子",
    "面談記録": "合意した。",
    "挑戦係数の承認": "承認",
}


@pytest.fixture
def capture(django_capture_on_commit_callbacks):
    return django_capture_on_commit_callbacks


def bring(cast, capture, *rows, year=2026):
    data = to_csv(HEADER, [[row[heading] for heading in HEADER] for row in rows])
    with capture(execute=True):
        batch = operations.upload(
            cast.hq.scope,
            kind="plans.plan",
            params={"fiscal_year": year},
            filename="plans.csv",
            data=data,
        )
    batch.refresh_from_db()
    return batch


def take(cast, capture, *rows):
    batch = bring(cast, capture, *rows)
    with capture(execute=True):
        operations.start_apply(cast.hq.scope, batch=batch)
    batch.refresh_from_db()
    assert batch.state == BatchState.APPLIED, batch.problems
    return batch


def test_a_file_writes_drafts_and_the_flow_fixes_them(cast, capture):
    term = open_year()
    take(cast, capture, ROW, ROW | {"拠点コード": "4", "拠点名": ""})
    assert set(Plan.objects.values_list("hub__code", "state")) == {("13", "draft"), ("04", "draft")}
    plan = with_content(Plan.objects.get(hub__code="13"))
    texts = plan_texts(plan)
    assert (texts["target_CONS"], texts["challenge_NETW"], texts["f1_unit"]) == (
        "3600",
        "1.05",
        "者",
    )
    plans.submit_plans(actor=SYSTEM, term=term)
    assert len(plans.finalize_plans(actor=SYSTEM, term=term)) == 2
    again = bring(cast, capture, ROW)
    assert (again.state, again.rows_unchanged) == (BatchState.UNCHANGED, 1)


REFUSED = {
    "unknown hub": ({"拠点コード": "99"}, "拠点コード", "拠点はありません"),
    "wrong name": ({"拠点名": "大阪府よろず支援拠点"}, "拠点名", "東京都よろず支援拠点"),
    "decimal": ({"相談対応件数の目標": "12.9"}, "相談対応件数の目標", "小数"),
    "negative": ({"来訪相談者数の目標": "-5"}, "来訪相談者数の目標", "負の数"),
    "exponent": ({"F1目標": "1e3"}, "F1目標", "指数"),
    "weight": ({"F1重み": "0.05"}, "F1重み", "0.1から1"),
    "future": ({"面談日": "2026-12-01"}, "面談日", "今日まで"),
    "half an interview": ({"出席者": ""}, "出席者", "そろえて"),
    "total": ({"拠点コード": "合計"}, "拠点コード", "合計の行"),
}


@pytest.mark.once
@pytest.mark.parametrize("case", sorted(REFUSED))
def test_a_bad_row_is_refused_by_row_and_column(cast, capture, case):
    change, column, said = REFUSED[case]
    open_year()
    batch = bring(cast, capture, ROW | change)
    assert batch.state == BatchState.REFUSED
    assert [problem[:2] for problem in batch.problems] == [[2, column]]
    assert said in batch.problems[0][2]
    assert not Plan.objects.exists()


def test_a_challenge_is_one_of_three(cast, capture):
    open_year()
    batch = bring(cast, capture, ROW | {"挑戦係数": "1.2"})
    assert {problem[1] for problem in batch.problems} >= {"相談対応件数の挑戦係数"}


def test_the_same_hub_twice_and_a_year_without_term(cast, capture):
    open_year()
    assert bring(cast, capture, ROW, ROW).problems[0][:2] == [3, "拠点コード"]
    assert "実施中ではありません" in bring(cast, capture, ROW, year=2024).problems[0][2]


def test_a_plan_that_is_on_its_way_is_not_overwritten(cast, capture):
    fixed_plan(open_year())
    batch = bring(cast, capture, ROW)
    assert "確定" in batch.problems[0][2]


def test_an_undo_puts_the_texts_back(cast, capture):
    term = open_year()
    plan = written_plan(term)
    before = plan_texts(with_content(plan))
    batch = take(cast, capture, ROW, ROW | {"拠点コード": "14", "拠点名": ""})
    operations.undo(cast.hq.scope, batch=batch, reason="誤り")
    assert Plan.objects.count() == 1
    assert not StartInterview.objects.exists()
    assert plan_texts(with_content(plan)) == before
    second = take(cast, capture, ROW)
    plans.submit_plan(actor=SYSTEM, plan=Plan.objects.get())
    with pytest.raises(Conflict):
        operations.undo(cast.hq.scope, batch=second, reason="誤り")


def test_a_plan_that_was_sent_and_came_back_is_not_taken_away(cast, capture):
    open_year()
    batch = take(cast, capture, ROW)
    plan = Plan.objects.get()
    plans.submit_plan(actor=SYSTEM, plan=plan)
    plans.return_plan(actor=SYSTEM, plan=plan, reason="目標を見直す")
    with pytest.raises(Conflict):
        operations.undo(cast.hq.scope, batch=batch, reason="誤り")
    assert Plan.objects.get() == plan


def test_only_hq_brings_plans(cast):
    for key in ("cc_tokyo", "bureau_kanto", "agency", "nobody"):
        with pytest.raises(Refused):
            operations.upload(
                cast.actors[key].scope, kind="plans.plan", params={}, filename="a.csv", data=b"x"
            )


def test_columns_that_the_file_lacks_stay_as_they_are(cast, capture):
    plan = written_plan(open_year(), staffing="週5日", f3_name="創業", f3_target="40")
    take(cast, capture, ROW | {"F1重み": "", "F2重み": ""})
    texts = plan_texts(with_content(plan))
    assert (texts["staffing"], texts["f3_name"]) == ("週5日", "創業")
    assert texts["business_plan"] == "販路開拓"


def test_months_typed_in_a_file_must_make_the_target(cast, capture):
    open_year()
    heading = "相談対応件数の月別目標"
    HEADER.append(heading)
    try:
        batch = bring(cast, capture, ROW | {heading: "1/2/3"})
        assert [problem[:2] for problem in batch.problems] == [[2, heading]]
        take(cast, capture, ROW | {heading: "/".join(["300"] * 12)})
    finally:
        HEADER.remove(heading)
    target = Plan.objects.get().targets.get(indicator__code="CONS")
    assert (target.phasing, target.phasing_method) == ([300] * 12, "entered")


def test_attendees_come_as_lines_with_their_side(cast, capture):
    open_year()
    batch = bring(cast, capture, ROW | {"出席者": "局 担当者"})
    assert "立場／所属／氏名" in batch.problems[0][2]
    take(cast, capture, ROW)
    people = StartInterview.objects.get().people.values_list("side", "name")
    assert list(people) == [("bureau", "担当者"), ("hub", "長子")]
