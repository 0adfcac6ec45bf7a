"""Records to events: one reader for each kind of log, found through one registry.

A reader states what one record says and joins nothing. A value that the record does not hold stays ``None``;
a value that cannot be read stays as text, with a warning. No reader raises for what a record contains.
"""
