"""Search over hubs, people and plans, within the scope."""
