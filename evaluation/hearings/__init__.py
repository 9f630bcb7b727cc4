"""Checklist versions, hearings and the raters' scores."""
