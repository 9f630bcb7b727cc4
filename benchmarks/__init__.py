"""Speed of the product, both sides of every ratio in one interleaved run (README.md)."""
