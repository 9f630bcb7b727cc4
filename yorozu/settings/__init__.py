"""Settings: `base` and `data` are whole and safe; `dev`, `test` and `prod` say what differs."""
