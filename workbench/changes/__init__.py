"""What events changed: statements taken from records, chained into before and after, compared field by field."""
