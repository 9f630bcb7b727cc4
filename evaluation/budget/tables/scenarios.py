"""Rows and chips of a scenario: the list, the lines of all hubs, lines of funding, its record."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from evaluation.budget.comparing import value_words
from evaluation.budget.models import BudgetLine, BudgetScenario, ScenarioState
from evaluation.budget.queries import BARS, BOUNDS, Totals
from evaluation.budget.rules.redistribute import CAPS_LEAVE_REST, FLOORS_SCALED
from evaluation.budget.rules.words import PARAMETER_WORDS
from evaluation.scoring.models import RunState
from yorozu.core import figures, fiscal
from yorozu.core.web.chips import Chip, Status
from yorozu.core.web.tables import Cell, Column, Empty, Table

CHIPS = {
    ScenarioState.PROPOSED: Chip(Status.WAITING, "案"),
    ScenarioState.ADOPTED: Chip(Status.FINALIZED, "採用"),
}


def scenarios(rows: Iterable[BudgetScenario]) -> Table:
    """Scenarios of one run, or of all."""
    return Table(
        caption="配分案の一覧",
        columns=[
            Column("title", "配分案", header=True),
            Column("state", "状態"),
            Column("warning", "注意"),
            Column("total", "予算総額", numeric=True, unit="千円"),
            Column("reserve", "留保額", numeric=True, unit="千円"),
            Column("year", "対象年度", css="yz-nowrap"),
            Column("run", "もとの評価", css="yz-nowrap"),
            Column("computed", "算定"),
        ],
        rows=[
            {
                "title": Cell(row.title, reverse("scenario_detail", args=[row.pk]), note=row.note),
                "year": fiscal.nendo(row.fiscal_year),
                "run": f"{fiscal.nendo(row.run.term.fiscal_year)} 第{row.run.number}回",
                "total": figures.thousand_yen(row.total_yen),
                "reserve": figures.thousand_yen(row.reserve_yen),
                "state": CHIPS[ScenarioState(row.state)],
                "warning": _warnings(row),
                "computed": Cell(row.computed_at, note=row.computed_by_name),
            }
            for row in rows
        ],
        empty=Empty("まだ配分案がありません。", "評価の確定後に、評価の画面から算定します。"),
    )


WARNINGS = {FLOORS_SCALED: "下限を圧縮", CAPS_LEAVE_REST: "残額を留保"}


def _warnings(scenario: BudgetScenario) -> str:
    """Infeasible cases and a superseded run in a word each."""
    flags = json.loads(scenario.result)["flags"]
    said = [WARNINGS[flag] for flag in dict.fromkeys(flags) if flag]
    if scenario.run.state == RunState.SUPERSEDED:
        said.append("評価の差替えあり")
    return "、".join(said)


CARRIED = (
    Column("carried", "繰越調整", numeric=True),
    Column("due", "配分案＋繰越調整", numeric=True),
)


def has_carry_over(rows: Iterable[BudgetLine]) -> bool:
    """Whether a correction of last year stands beside the amounts."""
    return any(row.carry_over_yen for row in rows)


def lines(scenario: BudgetScenario, rows: Sequence[BudgetLine], totals: Totals | None) -> Table:
    """Yen per hub with the steps from base to final; a totals row only when all hubs are shown."""
    columns = [
        Column("hub", "拠点", header=True, sort=True),
        Column("budget", "配分案", numeric=True, sort=True),
        Column("change", "前年度差", numeric=True, sort=True),
        Column("prior", "前年度", numeric=True, sort=True),
        Column("score", "総合点", numeric=True, sort=True),
        *[Column(name, label, numeric=True) for name, label in BARS],
        Column("bound", "上下限"),
        *(CARRIED if has_carry_over(rows) else []),
    ]
    return Table(
        caption=f"拠点別の配分案（{fiscal.nendo(scenario.fiscal_year)}、単位：円）",
        columns=columns,
        rows=[_line(scenario, row) for row in rows],
        totals=_sums(rows) if totals else None,
        sticky=True,
    )


def _line(scenario: BudgetScenario, row: BudgetLine) -> dict[str, Any]:
    bounds = [text for text in (BOUNDS[row.bound_1], BOUNDS[row.bound_2]) if text]
    return {
        "hub": Cell(
            row.hub_name,
            reverse("scenario_hub", args=[scenario.pk, row.hub.code]),
            sort_key=row.hub.code,
        ),
        "score": row.score,
        "prior": row.prior_yen,
        **{name: getattr(row, name) for name, _ in BARS},
        "budget": row.budget_yen,
        "change": row.change,
        "bound": "・".join(dict.fromkeys(bounds)),
        "carried": row.carry_over_yen,
        "due": row.budget_yen + row.carry_over_yen,
    }


def _sums(rows: Sequence[BudgetLine]) -> dict[str, Any]:
    prior = sum(row.prior_yen or 0 for row in rows)
    budget = sum(row.budget_yen for row in rows)
    carried = sum(row.carry_over_yen for row in rows)
    return {
        "hub": "合計",
        "prior": prior,
        **{name: sum(getattr(row, name) for row in rows) for name, _ in BARS},
        "budget": budget,
        "change": budget - prior,
        "carried": carried,
        "due": budget + carried,
    }


def funding(scenario: BudgetScenario) -> Table | None:
    """The funding lines of the envelope; None when it was not split."""
    rows = list(scenario.funding_lines.all())
    if not rows:
        return None
    money = [("total_yen", "総額"), ("distributed_yen", "配分額"), ("reserve_yen", "留保額")]
    return Table(
        caption="予算区分ごとの内訳",
        columns=[
            Column("name", "予算区分", header=True),
            *[Column(key, label, numeric=True, unit="円") for key, label in money],
        ],
        rows=[{"name": row.name, **{key: getattr(row, key) for key, _ in money}} for row in rows],
        totals={
            "name": "合計",
            **{key: sum(getattr(row, key) for row in rows) for key, _ in money},
        },
    )


def known_lines(sums: Mapping[str, int]) -> Table | None:
    """The funding lines of this year's contracts, as a help for the envelope of the next."""
    if not sums:
        return None
    return Table(
        caption="この年度の委託契約の予算区分",
        columns=[
            Column("name", "予算区分", header=True),
            Column("yen", "契約額の合計", numeric=True, unit="円"),
        ],
        rows=[{"name": name, "yen": yen} for name, yen in sums.items()],
        totals={"name": "合計", "yen": sum(sums.values())},
    )


def parameters(scenario: BudgetScenario) -> list[dict[str, str]]:
    """The rule's parameters in words."""
    content = json.loads(scenario.rule.content)
    return [
        {"label": label, "value": value_words(content.get(name))}
        for name, label in PARAMETER_WORDS.items()
    ]


def record(scenario: BudgetScenario) -> list[dict[str, Any]]:
    """Who computed and who adopted the scenario, when and why."""
    rows = [
        ("説明と変更の理由", scenario.note),
        ("もとにした配分案", scenario.based_on.title if scenario.based_on else ""),
        ("算定", f"{_moment(scenario.computed_at)}　{scenario.computed_by_name}"),
    ]
    carried = json.loads(scenario.snapshot).get("carry_over")
    if carried:
        old, new = carried["contracted"]["title"], carried["corrected"]["title"]
        rows.append(("繰越調整のもと", f"採用済みの「{old}」から訂正後の「{new}」への差額"))
    if scenario.adopted_at:
        who = scenario.adopted_by_name or (scenario.adopted_by.name if scenario.adopted_by else "")
        rows += [
            ("採用", f"{_moment(scenario.adopted_at)}　{who}"),
            ("採用の理由", scenario.adoption_reason),
            ("文書番号", scenario.document_number),
        ]
    if scenario.flags_reason:
        rows.append(("下限の圧縮を認めた理由", scenario.flags_reason))
    return [{"label": label, "value": value} for label, value in rows]


def _moment(moment: datetime) -> str:
    local = timezone.localtime(moment)
    return f"{fiscal.wareki(local.date())} {local:%H:%M}"
