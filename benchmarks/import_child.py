"""One import as a process of its own, whose memory is measured.

python -m benchmarks.import_child FILE
"""

import importlib
import json
import resource
import sys
from pathlib import Path

import django
from django.conf import settings


def main() -> None:
    """Bring the file in; print how many rows were added, and the memory of the second reader.

    Files of every size are read by two processes here, so that like is compared with like.
    """
    django.setup()
    settings.BULK_TWO_READERS_FROM = 1
    # By name: what it imports needs Django set up.
    importing = importlib.import_module("benchmarks.importing")
    brought = importing.bring_in(Path(sys.argv[1]), rebuilds_keys=True)
    second = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    answer = {"added": brought.batch.rows_added, "second_kb": second}
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
