"""Bytes to records: containers unpacked, contents split into exact byte ranges, wrappers taken off, secrets masked."""
