"""What stands behind the screens: a case read, and written to, in threads that screens await."""
