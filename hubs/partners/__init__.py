"""The partners: support organisations of a region and their ties to hubs."""
