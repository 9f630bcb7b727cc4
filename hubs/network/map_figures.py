"""Which figure the tile map shows, and how its values fall into the four colour levels."""

from collections.abc import Callable
from dataclasses import dataclass

from hubs.network.models import FigureKind
from hubs.network.queries import HubLine
from yorozu.core.charts import Tile
from yorozu.core.figures import format_count

LEVELS = 4


@dataclass(frozen=True)
class HubFigure:
    """A figure one may choose for the map."""

    key: str
    label: str
    unit: str
    value: Callable[[HubLine], int | None]


def _regional(kind: FigureKind) -> Callable[[HubLine], int | None]:
    def read(line: HubLine) -> int | None:
        return line.figures.get(kind.value)

    return read


MAP_FIGURES = {
    figure.key: figure
    for figure in (
        HubFigure("coordinators", "コーディネーター等", "人", lambda line: line.coordinators),
        HubFigure("smes", "中小企業数", "者", _regional(FigureKind.SMES)),
        HubFigure("area", "面積", "km2", _regional(FigureKind.AREA)),
    )
}


def cuts(values: list[int]) -> list[int]:
    """Lower bounds of the levels 2, 3 and 4: the quartiles of what is there, each value once."""
    ordered = sorted(values)
    if not ordered:
        return []
    found = [ordered[len(ordered) * step // LEVELS] for step in range(1, LEVELS)]
    return sorted({cut for cut in found if cut > ordered[0]})


def tiles_of(
    lines: list[HubLine], figure: HubFigure
) -> tuple[dict[str, Tile], list[tuple[int, str]]]:
    """Tiles by JIS code and the legend in words; a hub without the figure is level 0."""
    values = {line.hub.code: figure.value(line) for line in lines}
    known = [value for value in values.values() if value is not None]
    bounds = cuts(known)
    tiles = {
        code: Tile("—", 0)
        if value is None
        else Tile(format_count(value), 1 + sum(value >= bound for bound in bounds))
        for code, value in values.items()
    }
    return tiles, _legend(bounds, figure.unit, lacking=len(known) < len(values), known=bool(known))


def _legend(bounds: list[int], unit: str, *, lacking: bool, known: bool) -> list[tuple[int, str]]:
    words: list[tuple[int, str]] = []
    edges = [None, *bounds]
    for level, low in enumerate(edges, start=1):
        high = edges[level] if level < len(edges) else None
        words.append((level, _range(low, high, unit)))
    shown = list(reversed(words)) if known else []
    return [*shown, (0, "未登録")] if lacking else shown


def _range(low: int | None, high: int | None, unit: str) -> str:
    if low is None and high is None:
        return "すべて同じ値"
    if low is None:
        return f"{format_count(high or 0)}{unit}未満"
    if high is None:
        return f"{format_count(low)}{unit}以上"
    if high - 1 == low:
        return f"{format_count(low)}{unit}"
    return f"{format_count(low)}～{format_count(high - 1)}{unit}"
