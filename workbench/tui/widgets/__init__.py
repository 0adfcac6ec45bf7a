"""Reusable parts of screens, one widget a module."""
