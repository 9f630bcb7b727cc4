"""Hub sheet, national compilation, budget table: HTML, CSV, XLSX and PDF from one query."""
