"""Loads the code list of qualifications (S43) and its aliases; part of ``load_facts``."""

from hubs.network.facts import add_loader, by_code, fact_rows, upsert
from hubs.people.models import QualificationAlias, QualificationCategory


def load_qualifications() -> None:
    """The 22 categories in the paper's order, and other spellings (never overwritten)."""
    upsert(
        QualificationCategory,
        [
            {
                "code": row["code"],
                "name": row["name"],
                "order": int(row["order"]),
                "block": int(row["block"]),
                "is_other": row["is_other"] == "1",
            }
            for row in fact_rows("qualification_categories.csv")
        ],
        "code",
    )
    categories = by_code(QualificationCategory)
    QualificationAlias.objects.bulk_create(
        [
            QualificationAlias(category=categories[row["category"]], alias=row["alias"])
            for row in fact_rows("qualification_aliases.csv")
        ],
        ignore_conflicts=True,
    )


add_loader(load_qualifications)
