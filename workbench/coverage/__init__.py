"""What was logged and what was not: the coverage matrix, gaps, digest chains, and what absence may be stated."""
