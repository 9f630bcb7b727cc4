"""Own initiatives as the hub writes them and as panel and judges read them."""

from dataclasses import dataclass

from evaluation.hearings.models import MOST_INITIATIVES, OwnInitiative
from hubs.network.models import Hub
from hubs.terms.models import Term


@dataclass(frozen=True)
class Place:
    """One of the three places of a portfolio, written or not."""

    order: int
    initiative: OwnInitiative | None

    @property
    def is_written(self) -> bool:
        """Something stands there."""
        row = self.initiative
        return row is not None and any((row.title, row.what, row.effect, row.transfer))

    @property
    def lacking(self) -> list[str]:
        """What a written initiative still lacks, in words."""
        if self.initiative is None or not self.is_written:
            return []
        wanted = {"title": "名称", "what": "内容", "effect": "効果", "transfer": "展開"}
        found = [label for name, label in wanted.items() if not getattr(self.initiative, name)]
        return [*found, *([] if self.initiative.files.all() else ["資料"])]


def portfolio(hub: Hub, term: Term) -> list[Place]:
    """The three places of a hub's portfolio with their files; two queries."""
    rows = OwnInitiative.objects.filter(hub=hub, term=term).prefetch_related("files")
    held = {row.order: row for row in rows}
    return [Place(order, held.get(order)) for order in range(1, MOST_INITIATIVES + 1)]
