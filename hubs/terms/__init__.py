"""The term: calendar, activity policy and indicator definitions of a fiscal year."""
