"""The rules that join, one subject a module, each with a name, a version, a strength and what it rests on."""
