"""The message folder made safe for several processes.

The library opens a message file first and fills it afterwards; a worker that looks in between moves
an empty file away and ends on it (seen once in some minutes of a sweep every five seconds). Here a
message appears under its name only when it is whole.
"""

import time
import uuid
from pathlib import Path
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps

_PATIENCE = 50


class Channel(filesystem.Channel):
    """The library's channel, with messages that appear at once and tables read with patience."""

    # The library names this argument differently in its two bases.
    def _put(self, queue: str, message: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Write the message aside and give it its name in one step."""
        # Wall clock, not the library's monotonic one: the order must hold over a restart.
        name = f"{time.time_ns() // 1_000_000}_{uuid.uuid4()}"
        folder = Path(self.data_folder_out)
        part = folder / f"{name}.part"
        part.write_text(dumps(message))
        part.rename(folder / f"{name}.{queue}.msg")

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str | None, queue: str) -> None:
        """Enter the queue in the exchange's table, which another process may just be making."""
        for _ in range(_PATIENCE):
            try:
                super()._queue_bind(exchange, routing_key, pattern, queue)
            except ValueError:
                time.sleep(0.02)
            else:
                return
        super()._queue_bind(exchange, routing_key, pattern, queue)

    def get_table(self, exchange: str) -> list[Any]:
        """Read the exchange's table, which another process may just be making."""
        for _ in range(_PATIENCE):
            try:
                return list(super().get_table(exchange))
            except ValueError:
                time.sleep(0.02)
        return list(super().get_table(exchange))


class Transport(filesystem.Transport):
    """The folder as Celery's broker: named in the settings in place of a server."""

    Channel = Channel
