"""What stands in the rows of tables: columns, cells, order. No widgets."""
