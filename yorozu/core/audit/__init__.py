"""The one trail: append-only, hash-chained events, written by operations only."""
