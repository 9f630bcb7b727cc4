"""The plan of a hub: regional analysis, targets, focus areas, start interview."""
