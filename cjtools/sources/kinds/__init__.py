"""What the rows of a table become: one kind a file, an index in readers/table.py."""
