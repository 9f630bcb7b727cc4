"""What every screen shares: middleware, forms, tables, chips, template tags."""
