"""The desk on top of the judgement: why a score, what would raise it, the workbench."""
