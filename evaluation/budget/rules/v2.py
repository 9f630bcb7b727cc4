"""Engine v2: v1 to the yen, and what an officer asks next (evaluation.md 3.3, 3.5, 3.6).

The amounts, limits and bars are those of v1, untouched. Beside them stand the funding lines, what
the caps left over, and for every hub the formula amount, the years until its structural amount
reaches it, and the yen of one composite point. Once an allocation is fixed with this engine, it
is never changed again.
"""

from typing import Any

from evaluation.budget.rules import v1
from evaluation.budget.rules.corridor import years_to_formula
from evaluation.budget.rules.lines import as_record, read_lines, split
from evaluation.budget.rules.points import point_values
from evaluation.budget.rules.stages import compute
from yorozu.core import exact

ENGINE = "v2"
INPUT_KEYS = v1.INPUT_KEYS | {"lines"}


def allocate(given: dict[str, Any]) -> dict[str, Any]:
    """Allocate a total over hubs and funding lines; refuse contradictory input as v1 does.

    `given` is the input of v1 and, when the envelope has named lines, `lines`: a list of `name`
    and `total` (yen) that adds up to the envelope.
    """
    exact.refuse_unknown(given, INPUT_KEYS, "配分の入力")
    plain = v1_input(given)
    hubs, params, total = v1.read_input(plain)
    lines = read_lines(given.get("lines"), total, params.unit)
    found = v1.allocate(plain)
    pool = v1.distributable(total, params, len(hubs))
    computed = compute(hubs, pool, params)
    years = years_to_formula(computed.structure.amounts, computed.formula, params)
    points = point_values(computed, params)
    amounts = [row["budget"] for row in found["hubs"]]
    codes = [row["code"] for row in found["hubs"]]
    parts = split(amounts, codes, found["reserve"], lines, params.unit) if lines else None
    rows = [
        {
            **row,
            "formula": str(exact.fraction_rounded(computed.formula[place], 0)),
            "years": years[place],
            "per_point": str(exact.fraction_rounded(points[place], 0)),
            "by_line": list(parts.rows[place]) if parts else [],
        }
        for place, row in enumerate(found["hubs"])
    ]
    kept = parts.reserve if parts else ()
    return {
        **found,
        "undistributed": pool - found["distributed"],
        "lines": [as_record(*pair) for pair in zip(lines, kept, strict=True)],
        "hubs": rows,
    }


def v1_input(given: dict[str, Any]) -> dict[str, Any]:
    """Return the part of an input that the amounts come from."""
    return {key: value for key, value in given.items() if key in v1.INPUT_KEYS}
