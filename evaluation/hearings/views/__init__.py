"""Screens of the hearings, one module per subject."""
