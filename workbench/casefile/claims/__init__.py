"""What people said, as tables: a projection of the journal."""
