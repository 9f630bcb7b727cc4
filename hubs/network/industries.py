"""The major groups of the Japan Standard Industrial Classification, from the facts."""

from functools import lru_cache

from hubs.network.facts import fact_rows

ALL_INDUSTRIES = "全産業"
_KIND = "industry"


@lru_cache(maxsize=1)
def _newest() -> tuple[dict[str, str], dict[str, str]]:
    rows = [row for row in fact_rows("code_lists.csv") if row["kind"] == _KIND]
    version = str(max(int(row["version"]) for row in rows))
    labels = {row["code"]: row["label"] for row in rows if row["version"] == version}
    aliases = {
        row["alias"]: labels[row["code"]]
        for row in fact_rows("code_aliases.csv")
        if row["kind"] == _KIND and row["version"] == version
    }
    return labels, aliases


def industry_labels() -> dict[str, str]:
    """Letter of a major group (A to T) to its name, in the order of the classification."""
    return _newest()[0]


def industry_aliases() -> dict[str, str]:
    """Other spellings to the name of the major group."""
    return _newest()[1]


def industry_label(code: str) -> str:
    """「製造業」 for E; blank for all industries; a letter nobody knows stays as it is."""
    return industry_labels().get(code, code)
