"""Screens of the monthly results, one module per subject."""
