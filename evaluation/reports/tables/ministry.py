"""The ministry's table: thousand yen, columns in a fixed order, prefectures in JIS order (4.3)."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from evaluation.budget.models import BudgetLine
from evaluation.budget.queries import BOUNDS
from evaluation.budget.tables import has_carry_over
from evaluation.reports.queries import BudgetTable
from evaluation.reports.tables.common import NOT_HERE
from evaluation.reports.tables.money import bounds_of
from yorozu.core import figures
from yorozu.core.web.tables import Column, Table

THOUSANDS_NOTE = (
    "単位：千円。千円未満を四捨五入しているため、合計と内訳の計が一致しない場合があります。"
)
CARRIED = (
    Column("carried", "繰越調整額", numeric=True, unit="千円", css="rp-c-18"),
    Column("due", "配分案＋繰越調整額", numeric=True, unit="千円", css="rp-c-20"),
)
HUB, SUM, RESERVE, TOTAL = "拠点", "合計", "留保額", "予算総額"


def ministry(table: BudgetTable) -> Table:
    """Hubs, then sum, reserve and envelope (for those who see all hubs), in 千円.

    The column 区分 says what a row is, so that a program may leave the sums out. The funding lines
    stand between last year and the amount, in the order of the scenario.
    """
    funding = list(table.scenario.funding_lines.all())
    columns = [
        Column("level", "区分", css="rp-c-15"),
        Column("code", "拠点コード", css="rp-c-13"),
        Column("hub", "拠点名", header=True, css="rp-c-32 rp-hub"),
        Column("bureau", "経済産業局", css="rp-c-28"),
        Column("body", "実施機関"),
        Column("score", "総合点", numeric=True, css="rp-c-13"),
        Column("prior", "前年度契約額", numeric=True, unit="千円", css="rp-c-20"),
        *[
            Column(f"line{row.order}", row.name, numeric=True, unit="千円", css="rp-c-20")
            for row in funding
        ],
        Column("budget", "配分案", numeric=True, unit="千円", css="rp-c-20"),
        Column("change", "増減額", numeric=True, unit="千円", css="rp-c-18"),
        Column("rate", "増減率", numeric=True, unit="%", css="rp-c-13"),
        *(CARRIED if has_carry_over(table.lines) else []),
        Column("note", "備考", css="rp-c-24"),
    ]
    rows = [*_hubs(table), *(_feet(table) if table.is_whole else [])]
    return Table("配分案（提出用）", columns, rows, None, NOT_HERE, sticky=True)


def _hubs(table: BudgetTable) -> Iterable[dict[str, Any]]:
    bodies = json.loads(table.scenario.snapshot).get("bodies", {})
    shares = {
        line.pk: {share.funding_line.order: share.yen for share in line.shares.all()}
        for line in table.lines
    }
    for line in table.lines:
        yield {
            "level": HUB,
            "code": line.hub.code,
            "hub": line.hub_name,
            "bureau": line.hub.bureau.name,
            "body": bodies.get(line.hub.code, ""),
            "score": line.score,
            "prior": _thousand(line.prior_yen),
            **{f"line{order}": _thousand(yen) for order, yen in shares[line.pk].items()},
            "budget": _thousand(line.budget_yen),
            "change": _thousand(line.change),
            "rate": figures.percent(line.change, line.prior_yen),
            "carried": _thousand(line.carry_over_yen),
            "due": _thousand(line.budget_yen + line.carry_over_yen),
            "note": _note(line),
        }


def _feet(table: BudgetTable) -> Iterable[dict[str, Any]]:
    funding = list(table.scenario.funding_lines.all())
    prior, budget = table.total("prior_yen"), table.total("budget_yen")
    known = [line for line in table.lines if line.prior_yen is not None]
    grown = sum(line.budget_yen for line in known) - prior
    yield {
        "level": SUM,
        "hub": f"{len(table.lines)}拠点",
        "prior": _thousand(prior),
        **{f"line{row.order}": _thousand(row.distributed_yen) for row in funding},
        "budget": _thousand(budget),
        "change": _thousand(grown),
        "rate": figures.percent(grown, prior),
        "carried": _thousand(table.total("carry_over_yen")),
        "due": _thousand(budget + table.total("carry_over_yen")),
    }
    yield {
        "level": RESERVE,
        **{f"line{row.order}": _thousand(row.reserve_yen) for row in funding},
        "budget": _thousand(table.scenario.reserve_yen),
    }
    yield {
        "level": TOTAL,
        **{f"line{row.order}": _thousand(row.total_yen) for row in funding},
        "budget": _thousand(table.scenario.total_yen),
    }


def _thousand(yen: int | None) -> int | None:
    return None if yen is None else figures.thousand_yen(yen)


def _note(line: BudgetLine) -> str:
    said = ["新規"] if line.prior_yen is None else []
    said += [f"{name}{BOUNDS[bound]}" for name, bound in bounds_of(line) if bound]
    return "、".join(said)


def by_funding_line(table: BudgetTable) -> Table | None:
    """Hubs x funding lines in whole yen, rows and columns adding up; None without lines."""
    funding = list(table.scenario.funding_lines.all())
    if not funding:
        return None
    columns = [
        Column("code", "コード", css="rp-c-13"),
        Column("hub", "拠点名", header=True),
        *[Column(f"line{row.order}", row.name, numeric=True, unit="円") for row in funding],
        Column("budget", "配分案", numeric=True, unit="円"),
    ]
    rows = [_shares(line) for line in table.lines]
    totals = {
        "code": "計",
        "hub": f"{len(rows)}拠点",
        **{f"line{row.order}": _column(rows, f"line{row.order}") for row in funding},
        "budget": table.total("budget_yen"),
    }
    return Table("予算区分ごとの配分案", columns, rows, totals, NOT_HERE, sticky=True)


def _shares(line: BudgetLine) -> dict[str, Any]:
    return {
        "code": line.hub.code,
        "hub": line.hub_name,
        **{f"line{share.funding_line.order}": share.yen for share in line.shares.all()},
        "budget": line.budget_yen,
    }


def _column(rows: Sequence[dict[str, Any]], key: str) -> int:
    return sum(row[key] for row in rows)
