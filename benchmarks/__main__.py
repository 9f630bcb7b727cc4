"""``python -m benchmarks NAME``: one benchmark on its own database; see ./run bench."""

import argparse
import importlib
import os
import sys
from pathlib import Path

import django

from benchmarks.place import place

HERE = Path(__file__).parent
HUBS = (47, 470, 4700)


def names() -> list[str]:
    """The benchmarks there are."""
    return sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))


def read(arguments: list[str] | None = None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("name", choices=names())
    parser.add_argument("--rows", type=int, help="rows of the large file (the benchmark's default)")
    parser.add_argument("--hubs", type=int, choices=HUBS, default=47)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--realistic", action="store_true", help="about three visits per client and hub"
    )
    parser.add_argument("--yes", action="store_true", help="for ./run: install what is missing")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--postgres", action="store_true", help="on the server of DATABASE_URL")
    where.add_argument("--sqlite", action="store_true", help="on a file (the default here)")
    # ./run says again where it went after it has chosen.
    return parser.parse_args(list(dict.fromkeys(arguments or sys.argv[1:])))


def main() -> int:
    """Make the place, set Django up in it, and run: 0 good or not judged, 1 failed, 2 wrong."""
    # Before anything of our own makes the machine busy.
    load = os.getloadavg()[0]
    options = read()
    with place(postgres=options.postgres) as folder:
        django.setup()
        # By name: what it imports needs Django set up.
        running = importlib.import_module("benchmarks.running")
        return int(running.run(options, folder, load))


if __name__ == "__main__":
    sys.exit(main())
