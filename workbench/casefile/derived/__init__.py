"""The derived layer in the case file: the look at every event, and the sessions and links that follow."""
