"""How sure a run is and what it depends on: computed beside the run, kept as it was computed."""
