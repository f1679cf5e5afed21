"""Groups that behaviour suggests: features of profiles, how well groups come back, what sets each apart."""
