"""The lanes of the map: one file a lane, each a function from evidence to one declared table."""
