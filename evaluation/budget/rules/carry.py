"""What a correction of a contracted year moves into the next one (evaluation.md 5)."""

from collections.abc import Mapping


def carry_over(contracted: Mapping[str, int], corrected: Mapping[str, int]) -> dict[str, int]:
    """Return the yen by hub code that the contracts lack (or have too much of, negative).

    Contracted amounts never change afterwards; the difference to the corrected ones is a line of
    its own in the next year. Hubs that only one of the two knows have no such line.
    """
    return {
        code: corrected[code] - contracted[code]
        for code in sorted(set(contracted) & set(corrected))
        if corrected[code] != contracted[code]
    }
