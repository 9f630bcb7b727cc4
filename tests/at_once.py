"""Acts of several people in the same moment, each in a thread with a connection of its own."""

import threading
from collections.abc import Callable

from django.db import connection


def at_once(*acts: Callable[[], None]) -> list[Exception]:
    """Run all acts in threads that start together; what they raised."""
    gate = threading.Barrier(len(acts))
    raised: list[Exception] = []

    def run(act: Callable[[], None]) -> None:
        try:
            gate.wait(20)
            act()
        except Exception as error:  # noqa: BLE001 (every failure of a thread is looked at)
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return raised
