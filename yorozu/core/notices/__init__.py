"""Notices: short messages in the portal (and by mail where set up), sent when the work is committed."""
