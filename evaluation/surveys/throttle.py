"""A limit on guessing links, without knowing anybody's address.

Links carry 130 bits of chance; the limit only keeps a guesser from costing the portal its time.
All unknown links count together: who is asked never meets it.
"""

from django.core.cache import cache

UNKNOWN_PER_MINUTE = 120
_KEY = "survey-unknown-links"
_SECONDS = 60


def is_too_much() -> bool:
    """Count one more unknown link; True when there were too many within the minute."""
    cache.add(_KEY, 0, _SECONDS)
    try:
        return int(cache.incr(_KEY)) > UNKNOWN_PER_MINUTE
    except ValueError:
        # The minute ended between the two lines.
        return False
