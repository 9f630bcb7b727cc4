"""Files of this slice: columns, comparison with the database, write and undo."""
