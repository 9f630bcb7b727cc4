"""The evidence book: the only valve between live data and judgement."""
