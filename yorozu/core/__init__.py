"""Ground floor: imports Django only, never a domain app."""
