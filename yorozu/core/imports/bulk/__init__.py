"""Files of a million rows through the same door: the same steps and screens, other machinery.

The file is streamed to the storage and never held whole. The check reads it column by column
(core.sheets.columnwise), writes the good rows as files ready for the database, and finds
duplicates in SQL; the batch keeps counts and the first problems. Applying loads those files in
one transaction, undoing deletes exactly the rows of the batch.
"""

from yorozu.core.imports.bulk.checking import check
from yorozu.core.imports.bulk.writing import undo, write

__all__ = ["check", "undo", "write"]
