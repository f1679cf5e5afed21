"""How files open: bytes and encodings, containers, rows and columns, workbooks, records."""
