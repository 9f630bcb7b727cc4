"""The national difference that a correction makes, and the certificate of a run."""
