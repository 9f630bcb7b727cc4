"""Bureaus, blocks, hubs, implementing bodies, contracts and memberships."""
