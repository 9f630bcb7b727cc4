"""Integrity of reported figures: flags for people to look at, never points (evaluation.md 6)."""
