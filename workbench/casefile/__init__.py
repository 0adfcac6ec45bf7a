"""The case file: one SQLite file per incident. The only package that knows SQL."""
