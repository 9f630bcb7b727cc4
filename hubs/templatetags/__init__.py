"""Template libraries of the hubs app."""
