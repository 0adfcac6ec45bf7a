"""The nouns of the workbench: values without behaviour, shared by every layer. No I/O."""
