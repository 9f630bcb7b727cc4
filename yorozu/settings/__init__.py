"""Settings: `base` is whole and safe, `dev`, `test` and `prod` say only what differs."""
