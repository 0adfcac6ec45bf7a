"""The screens: the only package that imports textual. Nothing here reads a case file except through ``sources``."""
