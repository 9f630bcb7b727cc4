"""Scoring slice: from frozen evidence to score, grade and rank (evaluation.md 1-2)."""
