"""Survey slice: customer satisfaction and partner answers (evaluation.md 1.4-1.5)."""
