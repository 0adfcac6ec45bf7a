"""From events to identities, credentials, sessions and the links between them. Pure: values in, values out."""
