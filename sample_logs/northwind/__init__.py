"""The fictitious incident at Northwind Harbour: who there is, what happened, how its logs were handed on."""

from __future__ import annotations
