"""Imports: upload -> background check -> preview -> apply (whole file or nothing) -> undo. One door for all kinds."""
