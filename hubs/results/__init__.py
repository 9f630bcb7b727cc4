"""Monthly results of a hub: entered, submitted, accepted, then immutable."""
