"""The definitions of the activity indicators as a part of the year."""

from dataclasses import replace

from hubs.network.facts import fact_rows
from hubs.terms.models import ActivityIndicator, FigureSource, Term
from hubs.terms.parts import Content, Entry, LeafPart
from hubs.terms.rules.comparing import Row
from hubs.terms.rules.leaves import Leaf
from yorozu.core.access import Scope

# Every column of the model that says something about the indicator; a test holds it complete.
FIELDS = (
    "code",
    "name",
    "unit",
    "is_cumulative",
    "definition",
    "example",
    "counter_example",
    "source",
    "source_rule",
)
NEEDED = {"name", "unit", "definition", "source_rule"}
LONGEST = {"name": 40, "unit": 4, "source_rule": 80}
SOURCES = dict(FigureSource.choices)


def name_in(content: Content, code: str) -> str:
    """The name a content gives to an indicator; its code while it has none."""
    return next((row["name"] for row in content if row["code"] == code and row["name"]), code)


def is_source(key: str) -> bool:
    """Whether a leaf says where the figure comes from."""
    return key.endswith("/source")


class IndicatorsPart(LeafPart):
    """Name, unit, definition and counting rule of each indicator (S82-S85, G1)."""

    code = "indicators"
    label = "活動指標"
    order = 20
    hint = "活動指標の定義、単位、数える例と数えない例です。年度ごとに定めます。"
    fixed = frozenset({"code"})
    long = frozenset({"definition", "example", "counter_example"})
    names = {
        str(field.name): str(field.verbose_name)
        for field in ActivityIndicator._meta.fields
        if field.name in FIELDS
    }

    def group_of(self, leaf: Leaf) -> str:
        """The code stands for the indicator, whose name may change."""
        return leaf.path[0]

    def rows(self, content: Content) -> list[Row]:
        """Codes of the source in words, under the name of the indicator."""
        found = [
            replace(row, text=SOURCES.get(row.text, row.text)) if is_source(row.key) else row
            for row in super().rows(content)
        ]
        return [replace(row, group=name_in(content, row.group)) for row in found]

    def entries(self, term: Term, content: Content) -> list[Entry]:
        """The source is chosen, not typed; a group is headed by the name of the indicator."""
        options = tuple(SOURCES.items())
        found = [
            replace(entry, kind="choice", options=options) if is_source(entry.key) else entry
            for entry in super().entries(term, content)
        ]
        return [replace(entry, group=name_in(content, entry.group)) for entry in found]

    def stands(self, term: Term) -> Content | None:
        """The stored definitions in their order."""
        rows = list(term.indicators.order_by("order").values(*FIELDS))
        return rows or None

    def default(self, term: Term) -> Content:
        """The product's definitions (fixtures/facts/indicators.csv)."""
        rows = sorted(fact_rows("indicators.csv"), key=lambda row: int(row["order"]))
        return [
            {name: row[name] for name in FIELDS} | {"is_cumulative": row["is_cumulative"] == "1"}
            for row in rows
        ]

    def write(self, actor: Scope, term: Term, content: Content) -> None:
        """Store the definitions; the place in the list is the order."""
        term.indicators.exclude(code__in=[row["code"] for row in content]).delete()
        ActivityIndicator.objects.bulk_create(
            [
                ActivityIndicator(term=term, order=place, **row)
                for place, row in enumerate(content, start=1)
            ],
            update_conflicts=True,
            unique_fields=["term", "code"],
            update_fields=[*(name for name in FIELDS if name != "code"), "order"],
        )

    def faults(self, content: Content) -> list[str]:
        """Name, unit and definition are there and fit; the source is one of the known ones."""
        found = []
        for row in content:
            name = row["name"].strip() or row["code"]
            if row["source"] not in SOURCES:
                found.append(f"{name}の集計の方法を選んでください。")
            for field, label in self.names.items():
                most = LONGEST.get(field)
                if field in NEEDED and not str(row[field]).strip():
                    found.append(f"{name}の{label}を入力してください。")
                elif most is not None and len(row[field]) > most:
                    found.append(f"{name}の{label}は{most}文字までです。")
        return found
