"""The rules of tags and findings: what each demands, what raises and lowers it. Values in, values out."""
