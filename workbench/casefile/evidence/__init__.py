"""Evidence in the case file: its bytes, its files, the check of them, and which records say the same."""
