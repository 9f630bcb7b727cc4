"""Pure scoring rules, one module per subject; `v1` is the engine a run names (spec section 5)."""
