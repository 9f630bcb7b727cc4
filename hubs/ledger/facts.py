"""Loads the coded lists of the ledger and their aliases; part of ``load_facts``."""

from hubs.ledger.models import CodeAlias, CodeItem, CodeList
from hubs.network.facts import add_loader, fact_rows


def load_code_lists() -> None:
    """Add lists, codes and aliases that are missing; what stands is never touched."""
    rows = fact_rows("code_lists.csv")
    CodeList.objects.bulk_create(
        [
            CodeList(kind=kind, version=int(version), valid_from_fiscal_year=int(year))
            for kind, version, year in dict.fromkeys(
                (row["kind"], row["version"], row["valid_from_fiscal_year"]) for row in rows
            )
        ],
        ignore_conflicts=True,
    )
    lists = {(row.kind, row.version): row for row in CodeList.objects.all()}
    CodeItem.objects.bulk_create(
        [
            CodeItem(
                code_list=lists[row["kind"], int(row["version"])],
                code=row["code"],
                label=row["label"],
                order=int(row["order"]),
            )
            for row in rows
        ],
        ignore_conflicts=True,
    )
    _load_aliases()


def _load_aliases() -> None:
    items = {
        (item.code_list.kind, item.code_list.version, item.code): item
        for item in CodeItem.objects.select_related("code_list")
    }
    CodeAlias.objects.bulk_create(
        [
            CodeAlias(item=items[row["kind"], int(row["version"]), row["code"]], alias=row["alias"])
            for row in fact_rows("code_aliases.csv")
        ],
        ignore_conflicts=True,
    )


add_loader(load_code_lists)
