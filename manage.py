#!/usr/bin/env python
"""Command line entry of the portal."""

import os
import sys


def main() -> None:
    """Run one management command; a developer's settings unless the environment says otherwise."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yorozu.settings.dev")
    from django.core.management import execute_from_command_line

    # Binds shared tasks to the portal's Celery app before a command queues one.
    import yorozu.celery  # noqa: F401

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
