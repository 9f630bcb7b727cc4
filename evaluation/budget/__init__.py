"""Budget slice: next year's allocation proposal (evaluation.md 3)."""
