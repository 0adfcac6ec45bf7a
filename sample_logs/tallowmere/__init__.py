"""The fictitious incident at Tallowmere: a hijacked sign-in session, a token made in it, a console, a key that stays."""
