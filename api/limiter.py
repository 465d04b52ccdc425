"""Who asks how often: requests a minute of each key, wrong tokens a minute of each address; counted in each worker."""

import hashlib
import threading
import time
from collections import OrderedDict

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from api.problems import too_many

_KNOWN_TOKENS = 1024


class Limiter:
    """Fixed windows of a minute, in memory.

    rate: requests a minute of a key, or of an address where no key is asked for
    failures: wrong tokens a minute of an address; a token that was good here once is checked all the same, so that who
        shares an address with somebody's wrong token is not shut out
    """

    def __init__(self, rate: int, failures: int) -> None:
        self._windows = FixedWindowRateLimiter(MemoryStorage())
        self._rate = RateLimitItemPerMinute(rate)
        self._failures = RateLimitItemPerMinute(failures)
        self._known: OrderedDict[bytes, None] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, who: str) -> None:
        """One more request of a key or an address.

        raises: ProblemError (429)
        """
        if not self._windows.hit(self._rate, "rate", who):
            raise too_many(self._left(self._rate, "rate", who), "Trop de requêtes en une minute.")

    def before_check(self, token: str, address: str) -> None:
        """Before a token is weighed, which costs Argon2 where it is new.

        raises: ProblemError (429) where too many wrong ones came from the address
        """
        with self._lock:
            known = _digest(token) in self._known
        if not known and not self._windows.test(self._failures, "failures", address):
            raise too_many(self._left(self._failures, "failures", address), "Trop de clés refusées en une minute.")

    def good(self, token: str) -> None:
        """A token proved good."""
        with self._lock:
            self._known[_digest(token)] = None
            self._known.move_to_end(_digest(token))
            while len(self._known) > _KNOWN_TOKENS:
                self._known.popitem(last=False)

    def wrong(self, token: str, address: str) -> None:
        """A token was refused; one that was good before is forgotten."""
        with self._lock:
            self._known.pop(_digest(token), None)
        self._windows.hit(self._failures, "failures", address)

    def _left(self, item: RateLimitItem, *names: str) -> float:
        return self._windows.get_window_stats(item, *names).reset_time - time.time()


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
