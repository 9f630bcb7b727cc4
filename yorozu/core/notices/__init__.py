"""Notices: short messages in the portal (and by mail where set up), sent at the commit."""
