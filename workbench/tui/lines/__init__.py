"""What stands in details: everything known of one thing, as lines. No widgets."""
