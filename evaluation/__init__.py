"""What is judged: evidence, scores, budget and reports."""
