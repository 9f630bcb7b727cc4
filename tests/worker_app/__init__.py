"""A small app of the tests: one table, one slow import kind, one slow job kind."""
