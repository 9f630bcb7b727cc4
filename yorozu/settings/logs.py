"""Log lines as JSON, made from a fixed list of fields so that no personal data slips in."""

import datetime
import json
import logging
import re
import traceback

# Extras a caller may add; anything else on a record (request, headers, form data) stays out.
_EXTRAS = ("job_id", "job_kind", "actor_id", "action", "status_code", "seconds", "count")


# Behind this path stands a key that opens a questionnaire (evaluation.surveys).
_KEYS = re.compile(r"(/s/)[^/\s\"']+")


class WithoutKeys(logging.Filter):
    """Covers the keys of one-time links in every line, wherever an address is logged."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, its text without keys."""
        said = record.getMessage()
        if "/s/" in said:
            record.msg, record.args = _KEYS.sub(r"\1***", said), None
        return True


class JsonFormatter(logging.Formatter):
    """One line per record: time, level, logger, message, allowed extras, places of an error."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the record; of an exception only type and places, as its text may name people."""
        moment = datetime.datetime.fromtimestamp(record.created, tz=datetime.UTC)
        line: dict[str, object] = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update({key: getattr(record, key) for key in _EXTRAS if hasattr(record, key)})
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])
            line["at"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        return json.dumps(line, ensure_ascii=False, default=str)
