"""Long work: the truth is the Job row with its lease, never the broker (libraries.md 2)."""
