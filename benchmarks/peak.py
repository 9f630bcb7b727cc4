"""Run a command and say how long it took and how much memory it held at most (wait4).

A script of its own and free of imports on purpose: Linux hands the peak of the process that starts
a child on to that child, so the starter must be smaller than anything that is measured.
"""

import os
import sys
import time


def main(command: list[str]) -> None:
    """Run the command; print seconds, peak in kB and exit status as JSON on the last line."""
    began = time.monotonic()
    pid = os.posix_spawn(command[0], command, os.environ)
    _, status, usage = os.wait4(pid, 0)
    seconds = time.monotonic() - began
    code = os.waitstatus_to_exitcode(status)
    found = f'{{"seconds": {seconds:.4f}, "peak_kb": {usage.ru_maxrss}, "status": {code}}}'
    sys.stdout.write(f"{found}\n")


main(sys.argv[1:])
