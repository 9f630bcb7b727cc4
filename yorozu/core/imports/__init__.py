"""Imports: upload -> background check -> preview -> apply (all or nothing) -> undo.

One door for all kinds.
"""
