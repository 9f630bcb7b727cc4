"""Pure rules of the desk: what would raise a score, what may be tried, what the network shows."""
