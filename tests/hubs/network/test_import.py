"""Contracts and regional figures through the import door: refusals, unchanged, undo."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from hubs.network.models import CommissionContract, ImplementingBody, RegionalFigure
from yorozu.core.errors import Conflict
from yorozu.core.imports import operations
from yorozu.core.imports.models import BatchState, ImportBatch
from yorozu.core.sheets import to_csv

Go = Callable[..., ImportBatch]
CONTRACT = [
    "拠点コード", "拠点名", "実施機関", "年度", "予算区分", "契約額(円)",
    "文書番号", "開始日", "終了日",
]  # fmt: skip
FIGURE = ["拠点コード", "種類", "時点", "値", "単位", "出典"]
SAPPORO = [
    "1", "北海道よろず支援拠点", "公益財団法人見本", "令和8年度", "当初予算",
    "６０，０００，０００", "第1号", "2026/4/1", "令和9年3月31日",
]  # fmt: skip


@pytest.fixture
def check(cast: Any, django_capture_on_commit_callbacks: Any) -> Go:
    def go(kind: str, header: list[str], *rows: list[Any], sample: bool = True) -> ImportBatch:
        with django_capture_on_commit_callbacks(execute=True):
            batch = operations.upload(
                cast.hq.scope,
                kind=kind,
                params={"is_sample": sample},
                filename="表.csv",
                data=to_csv(header, rows),
            )
        batch.refresh_from_db()
        return batch

    return go


@pytest.fixture
def apply(cast: Any, django_capture_on_commit_callbacks: Any) -> Callable[[ImportBatch], Any]:
    def go(batch: ImportBatch) -> ImportBatch:
        assert batch.state == BatchState.READY, batch.problems
        with django_capture_on_commit_callbacks(execute=True):
            operations.start_apply(cast.hq.scope, batch=batch)
        batch.refresh_from_db()
        return batch

    return go


def test_contract_is_added_unchanged_changed_and_undone(
    check: Go, apply: Callable[..., Any], cast: Any
) -> None:
    first = apply(check("network.contracts", CONTRACT, SAPPORO))
    contract = CommissionContract.objects.get(hub__code="01")
    assert (contract.amount_yen, contract.fiscal_year) == (60_000_000, 2026)
    assert contract.is_sample
    assert contract.implementing_body.is_sample
    assert check("network.contracts", CONTRACT, SAPPORO).state == BatchState.UNCHANGED
    row = [*SAPPORO[:2], "一般社団法人例示", *SAPPORO[3:5], "70000000", *SAPPORO[6:]]
    batch = check("network.contracts", CONTRACT, row)
    fields = {label: (old, new) for label, old, new in batch.changes[0]["fields"]}
    assert fields == {
        "実施機関": ("公益財団法人見本", "一般社団法人例示"),
        "契約額（円）": ("60,000,000", "70,000,000"),
    }
    second = apply(batch)
    with pytest.raises(Conflict):
        operations.undo(cast.hq.scope, batch=first, reason="誤り")
    operations.undo(cast.hq.scope, batch=second, reason="誤り")
    contract.refresh_from_db()
    assert contract.amount_yen == 60_000_000
    assert contract.implementing_body.name == "公益財団法人見本"
    assert not ImplementingBody.objects.filter(name="一般社団法人例示").exists()
    operations.undo(cast.hq.scope, batch=first, reason="誤り")
    assert not CommissionContract.objects.filter(hub__code="01").exists()


@pytest.mark.once
@pytest.mark.parametrize(
    ("change", "columns"),
    [
        ({0: "48"}, ["拠点コード"]),
        ({1: "青森県よろず支援拠点"}, ["拠点名"]),
        ({2: ""}, ["実施機関"]),
        ({3: "2013"}, ["年度"]),
        ({3: "来年度"}, ["年度"]),
        ({5: "-1"}, ["契約額（円）"]),
        ({5: "12.9"}, ["契約額（円）"]),
        ({5: "1e3"}, ["契約額（円）"]),
        ({5: ""}, ["契約額（円）"]),
        ({5: "－"}, ["契約額（円）"]),
        ({7: "2026/2/30"}, ["開始日"]),
        ({7: "2026/3/31"}, ["開始日"]),
        ({8: "2026/3/31"}, ["終了日", "終了日"]),
        ({0: "合計"}, ["拠点コード"]),
    ],
)
def test_faulty_contracts_are_refused_by_row_and_column(
    check: Go, change: dict[int, str], columns: list[str]
) -> None:
    before = CommissionContract.objects.count()
    row = [change.get(index, cell) for index, cell in enumerate(SAPPORO)]
    batch = check("network.contracts", CONTRACT, row)
    assert [(line, column) for line, column, _ in batch.problems] == [(2, c) for c in columns]
    assert CommissionContract.objects.count() == before


def test_the_same_contract_twice_in_a_file_is_refused(check: Go) -> None:
    batch = check("network.contracts", CONTRACT, SAPPORO, SAPPORO)
    assert [row for row, *_ in batch.problems] == [3]
    assert "2行目" in batch.problems[0][2]


def test_first_year_of_an_era_is_a_fiscal_year_too(check: Go, apply: Callable[..., Any]) -> None:
    row = [*SAPPORO[:3], "令和元年度", *SAPPORO[4:7], "2019-04-01", "2020-03-31"]
    apply(check("network.contracts", CONTRACT, row))
    assert CommissionContract.objects.get(hub__code="01").fiscal_year == 2019


def test_regional_figures_come_and_go(check: Go, apply: Callable[..., Any], cast: Any) -> None:
    rows = [
        ["13", "中小企業数", "2021", "411,600", "者", "見本の統計"],
        ["13", "面積", "令和3年", "2194", "km2", "見本の統計"],
    ]
    batch = apply(check("network.regional_figures", FIGURE, *rows, sample=False))
    found = RegionalFigure.objects.values_list("code", "year", "value", "is_sample")
    assert set(found) == {("smes", 2021, 411_600, False), ("area", 2021, 2194, False)}
    again = check("network.regional_figures", FIGURE, *rows, sample=False)
    assert again.state == BatchState.UNCHANGED
    operations.undo(cast.hq.scope, batch=batch, reason="誤り")
    assert not RegionalFigure.objects.exists()


@pytest.mark.parametrize(
    ("change", "column"),
    [({1: "人口"}, "種類"), ({2: "昔"}, "時点"), ({3: "約100"}, "値"), ({5: ""}, "出典")],
)
def test_faulty_figures_are_refused(check: Go, change: dict[int, str], column: str) -> None:
    row = ["13", "中小企業数", "2021", "411600", "者", "統計"]
    row = [change.get(index, cell) for index, cell in enumerate(row)]
    batch = check("network.regional_figures", FIGURE, row)
    assert [(line, name) for line, name, _ in batch.problems] == [(2, column)]


INDUSTRY = [*FIGURE[:2], "産業大分類", *FIGURE[2:5], "調査名", "調査の時点", FIGURE[5]]


def test_figures_by_industry_carry_survey_and_day(check: Go, apply: Callable[..., Any]) -> None:
    rows = [
        ["13", "中小企業数", "", "2021", "411,600", "者", "統計調査", "2021-06-01", "機関"],
        ["13", "中小企業数", "製造", "2021", "36,500", "者", "統計調査", "令和3年6月1日", "機関"],
        ["13", "従業者数", "卸売業、小売業", "2021", "9", "人", "", "", "機関"],
    ]
    batch = check("network.regional_figures", INDUSTRY, *rows)
    assert batch.problems == []
    apply(batch)
    found = RegionalFigure.objects.values_list("code", "industry", "value", "survey", "as_of")
    assert set(found) == {
        ("smes", "", 411_600, "統計調査", date(2021, 6, 1)),
        ("smes", "E", 36_500, "統計調査", date(2021, 6, 1)),
        ("employees", "I", 9, "", None),
    }


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({2: "宇宙業"}, "産業大分類"),
        ({1: "面積", 2: "製造業"}, "産業大分類"),
        ({7: "2020-06-01"}, "調査の時点"),
    ],
)
def test_faulty_figures_by_industry(check: Go, change: dict[int, str], column: str) -> None:
    row = ["13", "中小企業数", "", "2021", "1", "者", "調査", "2021-06-01", "機関"]
    row = [change.get(index, cell) for index, cell in enumerate(row)]
    batch = check("network.regional_figures", INDUSTRY, row)
    assert [(line, name) for line, name, _ in batch.problems] == [(2, column)]
