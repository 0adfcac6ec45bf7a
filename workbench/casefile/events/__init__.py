"""Events in the case file: written as columns, found by queries, given back as model values."""
