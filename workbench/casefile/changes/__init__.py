"""Changes in the case file: the records that may state some, deriving, keeping and reading them."""
