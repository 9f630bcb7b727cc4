"""One home page per role: what waits for me, what is late, what I wait for."""
