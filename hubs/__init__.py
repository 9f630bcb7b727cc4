"""The hubs: who they are, what they plan and what they reach."""
