"""One import as a process of its own, whose memory is measured.

python -m benchmarks.import_child FILE
"""

import importlib
import json
import sys
from pathlib import Path

import django


def main() -> None:
    """Bring the file in; print how many rows were added."""
    django.setup()
    # By name: what it imports needs Django set up.
    importing = importlib.import_module("benchmarks.importing")
    brought = importing.bring_in(Path(sys.argv[1]), rebuilds_keys=True)
    sys.stdout.write(json.dumps({"added": brought.batch.rows_added}) + "\n")


if __name__ == "__main__":
    main()
