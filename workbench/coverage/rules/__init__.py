"""The rules by which gaps are found, one subject a module: each a function from the facts of a case to gaps."""
