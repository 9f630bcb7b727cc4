"""Accounts: who signs in. What a person may see is decided by memberships in hubs.network."""
