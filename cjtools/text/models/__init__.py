"""What was trained, as numbers, each with its card: on what, how good it is, and what it is not good at."""
