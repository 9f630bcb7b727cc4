"""Sample year: files made by rule, then brought in through the same doors that users use."""
