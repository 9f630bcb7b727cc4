"""The survey import: both shapes, every refusal by row and column, unchanged, changed, undone."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from hubs.people.models import (
    Engagement,
    Person,
    QualificationAggregate,
    QualificationCategory,
    QualificationResponse,
    QualificationSurvey,
    ResponseTick,
)
from hubs.people.operations import end_engagement
from hubs.people.queries import answered, summary_of
from tests.hubs.people.conftest import HEADER, PARAMS
from yorozu.core.audit.models import AuditEvent
from yorozu.core.errors import Conflict, Refused
from yorozu.core.imports import operations
from yorozu.core.imports.models import BatchState, ImportBatch
from yorozu.core.sheets import Sheet, to_csv, to_xlsx

Go = Callable[..., ImportBatch]
Make = Callable[..., bytes]
TOKYO, MIYAGI = ["13", "東京都よろず支援拠点"], ["04", "宮城県よろず支援拠点"]
TARO = [*TOKYO, "CC", "見本　太郎", "ミホン　タロウ", "診断士、社労士", ""]
HANAKO = [*TOKYO, "コーディネーター", "見本　花子", "ミホン　ハナコ", "", ""]


def faults(batch: ImportBatch) -> list[tuple[int | None, str]]:
    return [(row, column) for row, column, _ in batch.problems]


def said(batch: ImportBatch) -> str:
    return "".join(text for *_, text in batch.problems)


def nothing_written() -> bool:
    models = (Person, Engagement, QualificationResponse, QualificationSurvey)
    return not any(model.objects.exists() for model in models)


def test_people_are_created_with_engagement_answer_and_ticks(
    check: Go, apply: Go, people_file: Make
) -> None:
    batch = check(people_file(TARO, HANAKO))
    assert (batch.state, batch.rows_added) == (BatchState.READY, 2)
    assert nothing_written()
    assert apply(batch).state == BatchState.APPLIED
    taro = Person.objects.get(name="見本　太郎")
    engagement = taro.engagements.get()
    assert (engagement.role, engagement.hub.code) == ("CC", "13")
    assert engagement.starts_on == date(2026, 6, 1)
    assert engagement.implementing_body is not None
    codes = taro.responses.get().categories.values_list("code", flat=True)
    assert set(codes) == {"sme_management_consultant", "labor_social_security_attorney"}
    hanako = QualificationResponse.objects.get(person__name="見本　花子")
    assert hanako.ticks.count() == 0
    survey = QualificationSurvey.objects.get()
    assert survey.is_sample
    assert answered(survey) == {"CC": 1, "CO": 1}
    assert AuditEvent.objects.filter(action="hubs.people.import").count() == 1


def test_mark_columns_and_xlsx_are_read_too(check: Go, apply: Go) -> None:
    names = list(QualificationCategory.objects.values_list("name", flat=True))
    header = [*HEADER[:5], *names, "その他の内容"]
    header[header.index("ITコーディネーター")] = "ITコーディネータ"
    header[header.index("中小企業診断士")] = "診断士"
    marks = ["" for _ in names]
    marks[5], marks[13], marks[21] = "○", "1", "〇"
    row = ["1", "", "CO", "髙﨑 見本", "", *marks, "通関士"]
    book = to_xlsx([Sheet("調査", header, [row])])
    assert apply(check(book)).state == BatchState.APPLIED
    ticks = ResponseTick.objects.order_by("category__order")
    assert [(tick.category.name, tick.other_text) for tick in ticks] == [
        ("中小企業診断士", ""), ("ITコーディネーター", ""), ("その他", "通関士"),
    ]  # fmt: skip
    assert Person.objects.get().name == "髙﨑 見本"


@pytest.mark.once
@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({0: "48"}, (2, "拠点コード")),
        ({0: ""}, (2, "拠点コード")),
        ({1: "京都府よろず支援拠点"}, (2, "拠点名")),
        ({2: "所長"}, (2, "区分")),
        ({2: ""}, (2, "区分")),
        ({3: ""}, (2, "氏名")),
        ({4: "mihon"}, (2, "フリガナ")),
        ({5: "診断士、忍者"}, (2, "保有資格")),
        ({6: "通関士"}, (2, "その他の内容")),
        ({3: "合計"}, (2, "氏名")),
        ({5: "=1+1"}, (2, "保有資格")),
        ({3: "見本\u200b太郎"}, (2, "氏名")),
    ],
)
def test_a_faulty_cell_is_refused_by_row_and_column(
    check: Go, people_file: Make, change: dict[int, str], place: tuple[int, str]
) -> None:
    row = [change.get(index, cell) for index, cell in enumerate(TARO)]
    batch = check(people_file(row, HANAKO))
    assert batch.state == BatchState.REFUSED
    assert faults(batch) == [place]
    assert nothing_written()


def test_the_same_person_twice_names_both_rows(check: Go, people_file: Make) -> None:
    again = [*TOKYO, "CO", "見本 太郎", "みほん たろう", "", ""]
    batch = check(people_file(TARO, HANAKO, again))
    assert faults(batch) == [(4, "氏名")]
    assert "2行目" in said(batch)


def test_two_chief_coordinators_of_a_hub_are_refused(check: Go, people_file: Make) -> None:
    second = [*TOKYO, "CC", "仮山 一郎", "カリヤマ イチロウ", "", ""]
    batch = check(people_file(TARO, second))
    assert faults(batch) == [(3, "区分")]
    assert "2行目" in said(batch)


def test_a_successor_needs_the_end_of_the_predecessor_first(
    check: Go, apply: Go, people_file: Make, cast: Any
) -> None:
    apply(check(people_file(TARO)))
    params = {**PARAMS, "as_of": "2026-10-01", "name": "秋の調査"}
    data = people_file([*TOKYO, "CC", "仮山 一郎", "カリヤマ イチロウ", "", ""])
    refused = check(data, params=params)
    assert faults(refused) == [(2, "区分")]
    assert "見本　太郎" in said(refused)
    engagement = Engagement.objects.get()
    with pytest.raises(Refused):
        end_engagement(
            cast.cc_tokyo.scope, engagement=engagement, ends_on=date(2026, 9, 30), reason="退任"
        )
    end_engagement(cast.hq.scope, engagement=engagement, ends_on=date(2026, 9, 30), reason="退任")
    with pytest.raises(Conflict):
        end_engagement(
            cast.hq.scope, engagement=engagement, ends_on=date(2026, 9, 30), reason="退任"
        )
    assert apply(check(data, params=params)).state == BatchState.APPLIED
    assert Engagement.objects.get(ends_on=None).person.name == "仮山 一郎"


def test_a_promoted_coordinator_keeps_the_history(
    check: Go, apply: Go, people_file: Make, cast: Any
) -> None:
    apply(check(people_file(HANAKO)))
    params = {**PARAMS, "as_of": "2026-10-01", "name": "秋の調査"}
    promoted = [*TOKYO, "CC", *HANAKO[3:]]
    batch = apply(check(people_file(promoted), params=params))
    assert Person.objects.count() == 1
    rows = Engagement.objects.order_by("starts_on").values_list("role", "starts_on", "ends_on")
    assert list(rows) == [
        ("CO", date(2026, 6, 1), date(2026, 9, 30)),
        ("CC", date(2026, 10, 1), None),
    ]
    operations.undo(cast.hq.scope, batch=batch, reason="誤り")
    assert list(rows.all()) == [("CO", date(2026, 6, 1), None)]
    assert QualificationSurvey.objects.count() == 1


def test_cc_and_co_of_one_file_may_change_places(check: Go, apply: Go, people_file: Make) -> None:
    apply(check(people_file(TARO, HANAKO)))
    swapped = people_file([*TOKYO, "CO", *TARO[3:]], [*TOKYO, "CC", *HANAKO[3:]])
    batch = check(swapped)
    assert (batch.problems, batch.rows_changed) == ([], 2)
    assert apply(batch).state == BatchState.APPLIED
    assert Engagement.objects.get(role="CC").person.name == "見本　花子"


def test_the_same_file_gives_no_second_row(check: Go, apply: Go, people_file: Make) -> None:
    apply(check(people_file(TARO, HANAKO)))
    again = check(people_file(TARO, HANAKO))
    assert (again.state, again.rows_unchanged) == (BatchState.UNCHANGED, 2)
    assert Person.objects.count() == 2
    assert AuditEvent.objects.filter(action="hubs.people.import").count() == 1


def test_a_changed_answer_shows_before_and_after_and_is_undone_exactly(
    check: Go, apply: Go, people_file: Make, cast: Any
) -> None:
    apply(check(people_file(TARO, HANAKO)))
    changed = [*TARO[:3], "見本 太郎", TARO[4], "診断士、その他（通関士）", ""]
    batch = check(people_file(changed, HANAKO))
    assert (batch.rows_changed, batch.rows_unchanged) == (1, 1)
    fields = {label: (before, after) for label, before, after in batch.changes[0]["fields"]}
    assert fields["保有資格"] == ("社会保険労務士、中小企業診断士", "中小企業診断士、その他")
    assert fields["氏名"] == ("見本　太郎", "見本 太郎")
    apply(batch)
    assert ResponseTick.objects.get(category__code="other").other_text == "通関士"
    operations.undo(cast.hq.scope, batch=batch, reason="誤り")
    assert Person.objects.filter(name="見本　太郎").exists()
    codes = set(ResponseTick.objects.values_list("category__code", flat=True))
    assert codes == {"sme_management_consultant", "labor_social_security_attorney"}


def test_undo_is_refused_when_a_later_file_changed_the_same_person(
    check: Go, apply: Go, people_file: Make, cast: Any
) -> None:
    first = apply(check(people_file(TARO, HANAKO)))
    apply(check(people_file([*TARO[:5], "税理士", ""], HANAKO)))
    with pytest.raises(Conflict):
        operations.undo(cast.hq.scope, batch=first, reason="誤り")
    assert Person.objects.count() == 2


def test_undo_is_refused_when_another_survey_uses_its_people(
    check: Go, apply: Go, people_file: Make, cast: Any
) -> None:
    first = apply(check(people_file(HANAKO)))
    apply(check(people_file(HANAKO), params={**PARAMS, "as_of": "2026-10-01", "name": "秋の調査"}))
    with pytest.raises(Conflict):
        operations.undo(cast.hq.scope, batch=first, reason="誤り")


def test_a_missing_reading_is_filled_and_never_makes_a_second_person(
    check: Go, apply: Go, people_file: Make
) -> None:
    without = [*TARO[:4], "", *TARO[5:]]
    apply(check(people_file(without)))
    batch = apply(check(people_file(TARO)))
    assert batch.rows_changed == 1
    assert Person.objects.get().kana == "ミホン　タロウ"
    assert check(people_file(without)).state == BatchState.UNCHANGED


def test_same_names_are_told_apart_by_the_reading(check: Go, apply: Go, people_file: Make) -> None:
    one = [*TOKYO, "CO", "見本 恵", "ミホン メグミ", "", ""]
    two = [*TOKYO, "CO", "見本 恵", "ミホン ケイ", "", ""]
    apply(check(people_file(one, two)))
    assert Person.objects.count() == 2
    batch = check(people_file([*TOKYO, "CO", "見本 恵", "", "", ""]))
    assert faults(batch) == [(2, "フリガナ")]


@pytest.mark.parametrize(
    ("params", "column"),
    [
        ({**PARAMS, "as_of": ""}, "調査時点"),
        ({**PARAMS, "as_of": "2999-01-01"}, "調査時点"),
        ({**PARAMS, "name": " "}, "調査名"),
    ],
)
def test_the_survey_needs_a_past_day_and_a_name(
    check: Go, people_file: Make, params: dict[str, Any], column: str
) -> None:
    batch = check(people_file(TARO), params=params)
    assert faults(batch) == [(None, column)]


def test_another_name_for_the_same_day_is_refused(check: Go, apply: Go, people_file: Make) -> None:
    apply(check(people_file(TARO)))
    batch = check(people_file(TARO), params={**PARAMS, "name": "別の調査"})
    assert "令和8年度 保有資格調査" in said(batch)


def test_missing_heading_and_unknown_heading_are_named(check: Go) -> None:
    batch = check(
        to_csv(["拠点コード", "区分", "氏名", "保有資格", "年齢"], [["13", "CC", "見", "", "5"]])
    )
    assert (1, "年齢") in faults(batch)
    batch = check(to_csv(["拠点コード", "氏名", "保有資格"], [["13", "見本", ""]]))
    assert faults(batch) == [(1, "区分")]


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"\x81", b"x,y\n1,2\n", "拠点コード\n".encode()])
def test_what_is_no_such_file_is_refused(check: Go, data: bytes) -> None:
    batch = check(data)
    assert batch.state == BatchState.REFUSED
    assert batch.problems


def test_roles_that_may_not_import_are_refused(cast: Any, people_file: Make) -> None:
    for key in ("agency", "bureau_kanto", "cc_tokyo", "co_tokyo", "board", "auditor", "nobody"):
        with pytest.raises(Refused):
            operations.upload(
                getattr(cast, key).scope,
                kind="people.qualifications",
                params=PARAMS,
                filename="a.csv",
                data=people_file(TARO),
            )


CC_ROW = [1, 0, 0, 1, 2, 22, 0, 0, 0, 0, 0, 1, 0, 3, 0, 0, 0, 0, 0, 0, 0, 5]
CO_ROW = [4, 13, 1, 27, 23, 192, 12, 5, 7, 6, 20, 17, 4, 28, 6, 17, 0, 3, 4, 3, 1, 135]


def names() -> list[str]:
    return list(QualificationCategory.objects.values_list("name", flat=True))


def whole(cc: list[Any] | None = None, co: list[Any] | None = None) -> bytes:
    rows = [["チーフコーディネーター", *(cc or CC_ROW)], ["コーディネーター", *(co or CO_ROW)]]
    return to_csv(["", *names()], rows)


def stacked() -> bytes:
    """As the paper prints it: title, two halves one above the other, with totals, a note."""
    head = names()
    halves: list[list[Any]] = []
    for part in (slice(0, 11), slice(11, 22)):
        halves += [
            ["", *head[part], "計"],
            ["チーフコーディネーター", *CC_ROW[part], sum(CC_ROW[part])],
            ["コーディネーター", *CO_ROW[part], sum(CO_ROW[part])],
            [],
        ]
    return to_csv(["（参考）保有資格"], [*halves, ["※自己申告によるもの。"]])


@pytest.mark.parametrize("make", [whole, stacked])
def test_the_papers_matrix_is_read_whole_or_stacked(
    check: Go, apply: Go, cast: Any, make: Callable[[], bytes]
) -> None:
    batch = check(make())
    assert (batch.problems, batch.rows_added) == ([], 44)
    apply(batch)
    survey = QualificationSurvey.objects.get()
    total = summary_of(survey).total
    assert (total.cc, total.co, total.total) == (35, 528, 563)
    assert answered(survey) is None
    assert check(make()).state == BatchState.UNCHANGED
    changed = apply(check(whole(cc=[9, *CC_ROW[1:]])))
    assert (changed.rows_changed, changed.rows_unchanged) == (1, 43)
    operations.undo(cast.hq.scope, batch=changed, reason="誤り")
    assert summary_of(survey).total.cc == 35
    operations.undo(cast.hq.scope, batch=batch, reason="誤り")
    assert not QualificationAggregate.objects.exists()
    assert not QualificationSurvey.objects.exists()


@pytest.mark.once
@pytest.mark.parametrize("bad", ["-1", "12.9", "1e3", "", "－", "①"])
def test_a_count_that_is_none_is_refused_by_row_and_column(check: Go, cast: Any, bad: str) -> None:
    batch = check(whole(co=[*CO_ROW[:5], bad, *CO_ROW[6:]]))
    assert faults(batch) == [(3, "中小企業診断士")]


def test_a_matrix_with_a_hole_a_double_or_a_wrong_total_is_refused(check: Go, cast: Any) -> None:
    batch = check(to_csv(["区分", *names()], [["CC", *CC_ROW]]))
    assert len(batch.problems) == 22
    rows = [["CC", *CC_ROW], ["CO", *CO_ROW], ["CO", *CO_ROW]]
    assert faults(check(to_csv(["区分", *names()], rows)))[0] == (4, "公認会計士")
    rows = [["CC", *CC_ROW], ["CO", *CO_ROW], ["合計", *CO_ROW]]
    assert faults(check(to_csv(["区分", *names()], rows))) == [(4, "区分")]
    wrong = [["CC", *CC_ROW, 36], ["CO", *CO_ROW, 528]]
    assert faults(check(to_csv(["区分", *names(), "合計"], wrong))) == [(2, "合計")]
    strange = [["CC", *CC_ROW, 1], ["CO", *CO_ROW, 1]]
    assert faults(check(to_csv(["区分", *names(), "忍者"], strange))) == [(1, "忍者")]


def test_the_two_shapes_do_not_mix_in_one_survey(check: Go, apply: Go, people_file: Make) -> None:
    apply(check(people_file(TARO)))
    assert "集計表は取り込めません" in said(check(whole()))
    params = {**PARAMS, "as_of": "2026-05-01", "name": "春の調査"}
    apply(check(whole(), params=params))
    assert "1人1行の表は取り込めません" in said(check(people_file(HANAKO), params=params))
