"""The ledger: consultations and network activities as records, appended and never changed."""
