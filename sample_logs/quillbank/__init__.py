"""The fictitious incident at Quillbank: a secret added to an application, mail, a vault, a key of another cloud."""
