"""What the desk shows, read from the query layer of the reports, computed by the engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from evaluation.desk.rules import network
from evaluation.desk.rules.distance import HubDistance, Network, distance_of
from evaluation.desk.rules.words import Named, Names
from evaluation.evidence.queries import content_of
from evaluation.reports.queries import HubSheet, Line, RunData, hub_sheet
from evaluation.scoring.models import EvaluationRun
from hubs.network.models import Hub
from yorozu.core.access import Scope


@dataclass(frozen=True)
class Why:
    """Why a hub's score is what it is, and what would raise its grade."""

    sheet: HubSheet
    distance: HubDistance
    medians: Mapping[network.Key, Decimal]
    names: Names
    content: Mapping[str, Any]

    def median(self, line: Line) -> Decimal | None:
        """The national median of a line's points; a focus area is the hub's own and has none."""
        if line.level == "total":
            return self.medians.get((network.FINAL, ""))
        return self.medians.get((line.component, line.item))


def why(run: EvaluationRun, hub: Hub, scope: Scope, data: RunData | None = None) -> Why:
    """Everything of the page; RunHubResult.DoesNotExist for a hub outside the scope.

    ``data``: the run, where it is parsed already.
    """
    sheet = hub_sheet(run, hub, scope, data)
    data, book = sheet.data, sheet.result.evidence_book
    content = content_of(book) if book else {}
    return Why(
        sheet=sheet,
        distance=distance_of(hub.code, Network(data.scheme, list(data.given.values()))),
        medians=network.medians(data.results.values()),
        names=names_of(data, sheet.lines, content),
        content=content,
    )


def names_of(
    data: RunData, lines: Sequence[Line], content: Mapping[str, Any]
) -> dict[tuple[str, str], Named]:
    """Names and units of components and items as the run's frozen lines and its book have them."""
    units = {("IND", one.code): one.unit for one in data.indicators}
    for row in content.get("plan", {}).get("focus_areas", []):
        units["FOC", row["code"]] = row["unit"]
    named = {(code, ""): Named(name) for code, name in data.names.items()}
    for line in lines:
        if line.level == "item":
            unit = units.get((line.component, line.item), "件")
            named[line.component, line.item] = Named(line.label, unit)
    return named
