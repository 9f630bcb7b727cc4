"""The two columns by which a file names a hub, and finding that hub (used by all import kinds)."""

from hubs.network.models import Hub
from yorozu.core.access import Scope
from yorozu.core.errors import Problem
from yorozu.core.sheets import Column, Row, cells, match_key

CODE, NAME = "拠点コード", "拠点名"


def hub_columns() -> list[Column]:
    """拠点コード (required) and 拠点名 (checked against the code when it is given)."""
    return [
        Column("hub_code", CODE, cells.code(2), key=True),
        Column("hub_name", NAME, cells.text(40), optional=True, blank=True, key=True),
    ]


class HubFinder:
    """Finds the hub of a row among those the actor may see; one query for the whole file."""

    def __init__(self, actor: Scope) -> None:
        self._hubs: dict[str, Hub] = {hub.code: hub for hub in Hub.objects.visible_to(actor)}

    def find(self, row: Row, problems: list[Problem]) -> Hub | None:
        """The hub of the row, or None with the fault added to ``problems``."""
        hub: Hub | None = self._hubs.get(row["hub_code"])
        if hub is None:
            text = f"拠点コード「{row['hub_code']}」の拠点はありません。"
            problems.append(Problem(row.number, CODE, text))
            return None
        if row["hub_name"] and match_key(row["hub_name"]) != match_key(hub.name):
            text = f"拠点コード{hub.code}の拠点は「{hub.name}」です。コードか名称を直してください。"
            problems.append(Problem(row.number, NAME, text))
            return None
        return hub
