"""How sure the result is, what the panel added, and who judged (evaluation.md 1.7, 2.7, 2.11)."""

from evaluation.reports.queries import HubSheet
from evaluation.reports.tables.common import Fact
from evaluation.scoring.analysis.tables import hub_outlook
from evaluation.scoring.tables import adjustment_facts
from yorozu.core.web.tables import Column, Table

OUTSIDE = {True: "管外", False: "管内"}


def outlook_facts(sheet: HubSheet) -> list[Fact]:
    """Intervals, chances of the grades and the verdict; empty for a run without analysis."""
    found = hub_outlook(sheet.run, sheet.result)
    if found is None:
        return []
    facts = [Fact(row["label"], str(row["value"])) for row in found["facts"]]
    if found["depends"]:
        facts.append(Fact("評語が変わる前提", "、".join(found["depends"])))
    return facts


def adjustment(sheet: HubSheet) -> list[Fact]:
    """The panel's adjustment with its reason and its two names; empty without one."""
    rows = adjustment_facts(sheet.run, sheet.result.hub.code)
    return [Fact(row["label"], str(row["value"])) for row in rows]


def evaluator_table(sheet: HubSheet) -> Table | None:
    """Who judged the hearing, with interests, waivers and whose scores do not count."""
    if not sheet.evaluators:
        return None
    columns = [
        Column("name", "評価者", header=True),
        Column("organization", "所属"),
        Column("role", "役割"),
        Column("outside", "管内・管外"),
        Column("counts", "評点の扱い"),
        Column("conflicts", "利益相反"),
    ]
    rows = [
        {
            "name": one.name,
            "organization": one.organization,
            "role": one.role,
            "outside": OUTSIDE[one.is_outside],
            "counts": "評価に用いる" if one.counts else "評価に用いない",
            "conflicts": "、".join(filter(None, [one.conflict, *one.waivers])) or "なし",
        }
        for one in sheet.evaluators
    ]
    return Table("評価者", columns, rows)
