"""Screens of the term, by subject."""
