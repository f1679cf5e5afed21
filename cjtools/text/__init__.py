"""What can be said of a text by rule: where it belongs by the client's own terms, what must be masked."""
