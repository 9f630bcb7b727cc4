"""Template tags of the portal, registered as the library `yz`."""
