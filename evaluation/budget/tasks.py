"""Jobs of this slice: ids in, one operation out."""
