"""Top floor: home, search and what needs to know all other floors."""
