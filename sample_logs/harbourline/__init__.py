"""The fictitious incident at Harbourline: a stolen token of the build system reaches the payment cluster."""
