"""The 47 prefectures as tiles: rows for the list on screen, from the layout that the charts use."""

from collections.abc import Mapping
from dataclasses import dataclass

from yorozu.core.charts import BLANK, TILES, Tile


@dataclass(frozen=True)
class ScreenTile:
    """One tile of includes/tile_map.html: JIS code, short name, visible value, level 0-4, link."""

    code: str
    name: str
    text: str
    level: int
    url: str = ""


def rows(values: Mapping[str, Tile], urls: Mapping[str, str]) -> list[ScreenTile]:
    """All 47 tiles in JIS order; a prefecture without a value is shown as such (level 0)."""
    found = ((code, name, values.get(code, Tile(BLANK, 0))) for code, (name, _, _) in TILES.items())
    return [
        ScreenTile(code, name, tile.text, tile.level, urls.get(code, ""))
        for code, name, tile in found
    ]
