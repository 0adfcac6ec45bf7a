"""What the fictitious incidents share: identifiers, the shapes of records, exports, and how a story is told."""
