"""Running one benchmark once Django is set up."""

import importlib
from argparse import Namespace
from pathlib import Path

from django.core.management import call_command
from django.db import connections

from benchmarks.frame import Bench, WrongResultError

GOOD, FAILED, WRONG = 0, 1, 2


def run(options: Namespace, folder: Path, load: float) -> int:
    """Migrate and run; the exit status."""
    bench = Bench(options.name, options, folder, load)
    bench.say(f"load {load:.2f}; making the database")
    try:
        call_command("migrate", verbosity=0)
        importlib.import_module(f"benchmarks.bench_{options.name}").run(bench)
    except WrongResultError as wrong:
        bench.say(f"WRONG RESULT, no time of it is reported. {wrong}")
        return WRONG
    finally:
        connections.close_all()
        for connection in connections.all():
            # The pool of PostgreSQL keeps threads, which would miss the dropped database.
            getattr(connection, "close_pool", bool)()
    if not bench.lines:
        bench.say("no metric was reported")
        return WRONG
    return FAILED if bench.failed else GOOD
