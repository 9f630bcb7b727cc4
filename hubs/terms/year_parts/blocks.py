"""The composition of the seven training blocks as a part of the year (G12: data of each year)."""

from collections.abc import Mapping

from django.db.models import Q

from hubs.network.facts import fact_rows
from hubs.network.models import Block, BlockAssignment, Hub
from hubs.terms.models import Term
from hubs.terms.parts import Content, Entry, PartFaults, YearPart
from hubs.terms.rules.comparing import Row
from yorozu.core.access import Scope
from yorozu.core.fiscal import first_day


class BlocksPart(YearPart):
    """Which of the blocks each hub belongs to: hub code -> block code."""

    code = "blocks"
    label = "ブロック編成"
    order = 60
    hint = "拠点ごとのブロック（ブロック研修の単位）です。移る拠点に印を付けて示します。"

    def stands(self, term: Term) -> Content | None:
        """The stored composition of the year."""
        rows = BlockAssignment.objects.filter(fiscal_year=term.fiscal_year).order_by("hub__code")
        return dict(rows.values_list("hub__code", "block__code")) or None

    def default(self, term: Term) -> Content:
        """The composition of the facts (inferred, domain.md 2.1)."""
        return {row["code"]: row["block"] for row in fact_rows("hubs.csv")}

    def carried(self, content: Content, term: Term) -> Content:
        """Last year's composition for the hubs there are; a new hub gets the default."""
        default = self.default(term)
        return {hub.code: content.get(hub.code, default[hub.code]) for hub in _hubs(term)}

    def write(self, actor: Scope, term: Term, content: Content) -> None:
        """Store the composition of the year."""
        hubs = {hub.code: hub.pk for hub in Hub.objects.all()}
        blocks = {block.code: block.pk for block in Block.objects.all()}
        year = term.fiscal_year
        BlockAssignment.objects.filter(fiscal_year=year).exclude(hub__code__in=content).delete()
        BlockAssignment.objects.bulk_create(
            [
                BlockAssignment(fiscal_year=year, hub_id=hubs[hub], block_id=blocks[block])
                for hub, block in sorted(content.items())
            ],
            update_conflicts=True,
            unique_fields=["fiscal_year", "hub"],
            update_fields=["block"],
        )

    def rows(self, content: Content) -> list[Row]:
        """One line per hub under its bureau."""
        names = {block.code: block.name for block in Block.objects.all()}
        hubs = Hub.objects.select_related("bureau").order_by("bureau__order", "code")
        return [
            Row(hub.code, hub.bureau.name, hub.name, names.get(content[hub.code], ""))
            for hub in hubs
            if hub.code in content
        ]

    def entries(self, term: Term, content: Content) -> list[Entry]:
        """A choice of block per hub."""
        options = tuple((block.code, block.name) for block in Block.objects.all())
        return [
            Entry(hub.code, hub.bureau.name, hub.name, "choice", content.get(hub.code, ""), options)
            for hub in _hubs(term)
        ]

    def read(self, term: Term, content: Content, typed: Mapping[str, str]) -> Content:
        """The block chosen for each hub."""
        blocks = set(Block.objects.values_list("code", flat=True))
        hubs = _hubs(term)
        chosen = {hub.code: typed.get(hub.code, content.get(hub.code, "")) for hub in hubs}
        wrong = [code for code, block in chosen.items() if block not in blocks]
        faults = dict.fromkeys(wrong, "ブロックを選んでください。")
        if faults:
            raise PartFaults(faults, {hub.code: hub.name for hub in hubs})
        return chosen


def _hubs(term: Term) -> list[Hub]:
    """Hubs that are there in the year."""
    there = Q(closed_on=None) | Q(closed_on__gte=first_day(term.fiscal_year))
    hubs = Hub.objects.select_related("bureau").filter(there)
    return list(hubs.order_by("bureau__order", "code"))
