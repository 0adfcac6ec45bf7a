"""Coverage and gaps in the case file: what they are found from, and keeping them."""
