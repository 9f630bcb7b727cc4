"""Commands of the evaluation app."""
