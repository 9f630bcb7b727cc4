"""Pure budget rules, one module per subject; `v1` is the engine an allocation names."""
