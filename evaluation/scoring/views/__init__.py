"""Screens of runs, of the fact check and of the panel."""
