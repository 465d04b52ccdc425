"""The API "Offres d'emploi v2" of France Travail: one page of a question at a time, asked with patience and in order.

OAuth2 client credentials; a token is renewed before it ends, and once more where the service refuses it. At most ten
requests a second. What passes by itself (429, 5xx, a cut answer, an HTML page in the place of JSON) is asked again,
after the wait that the service wants (Retry-After) or 1, 2, 4... seconds; anything else is final. Keys and tokens are
in no log and in no error: requests carry them in headers and bodies, never in an address, and no answer is repeated
before they are taken out of it.
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn
from urllib.parse import urlsplit

import requests
from pydantic import SecretStr
from urllib3.exceptions import HTTPError

from ingest.offers_answer import Answer, Bearer, TransientError, unchanged, wait_of
from ingest.offers_errors import OffersAccessError, OffersServiceError
from passerelle.settings import Settings

SEARCH_URL = "https://api.francetravail.io/partenaire/offresdemploi/v2/offres/search"
TOKEN_URL = "https://entreprise.francetravail.fr/connexion/oauth2/access_token"  # noqa: S105
_REALM, _SCOPE = "/partenaire", "api_offresdemploiv2 o2dsoffre"
#: offers of one page, greatest place of a page's first offer, and so the offers that one question can reach
PAGE, LAST_START = 150, 3000
REACH = LAST_START + PAGE
#: seconds between the beginnings of two requests: ten a second
_PACE_S = 0.1
_ATTEMPTS = 5
MAX_WAIT_S = 60.0
#: seconds before its end at which a token is renewed
_RENEW_S = 60.0
_TIMEOUT_S = (10.0, 60.0)
#: a page of 150 offers is about 1 MB
_MAX_BYTES = 32 * 2**20
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
_TOKEN = re.compile(r"[\x21-\x7e]{1,8192}")
_RANGE = re.compile(r"\w+\s+(?:(\d{1,9})-(\d{1,9})|\*)/(\d{1,9})")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_LATER = "Relancez plus tard : ce qui est arrivé est gardé."
_KEYS = "Vérifiez FRANCE_TRAVAIL_CLIENT_ID et FRANCE_TRAVAIL_CLIENT_SECRET (docs/offers.md)."


@dataclass(frozen=True)
class Page:
    """Part of an answer: records from the place ``start`` on, of ``total`` that the question has at this moment."""

    records: list[Any]
    start: int
    total: int


@dataclass(frozen=True)
class ApiKeys:
    """The two keys; neither is in its text."""

    client_id: SecretStr
    client_secret: SecretStr

    @classmethod
    def of(cls, settings: Settings) -> "ApiKeys":
        """From the environment.

        raises: OffersAccessError when one is not set
        """
        if settings.france_travail_client_id is None or settings.france_travail_client_secret is None:
            raise OffersAccessError("Les clés de l'API de France Travail ne sont pas données", _KEYS)
        return cls(settings.france_travail_client_id, settings.france_travail_client_secret)


class OffersApi:
    """The client. One thread at a time.

    sleep, clock: the clock (seconds, monotonic), given by tests
    raises:       OffersServiceError when an address is neither https nor this machine's: keys would go in the open
    """

    def __init__(
        self,
        keys: ApiKeys,
        *,
        search_url: str = SEARCH_URL,
        token_url: str = TOKEN_URL,
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        for url in (search_url, token_url):
            parts = urlsplit(url)
            if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
                raise OffersServiceError(
                    f"adresse refusée ({parts.scheme}://{parts.hostname})", "Seul https est permis."
                )
        self._keys = keys
        self._search_url = search_url
        self._token_url = token_url
        self._sleep = sleep
        self._clock = clock
        self._session = requests.Session()
        self._token: SecretStr | None = None
        self._token_ends = 0.0
        self._next = 0.0
        #: requests made, tokens asked
        self.requests = 0
        self.tokens = 0

    def page(self, question: Mapping[str, str], start: int) -> Page:
        """The page of a question that begins at the place ``start``, from 0 to ``LAST_START``.

        raises: OffersAccessError when the keys are refused; OffersServiceError when the service fails to the end, or
            refuses the question
        """
        parameters = {**question, "range": f"{start}-{start + PAGE - 1}", "sort": "1"}
        return self._patiently(lambda: self._ask(parameters, start))

    def _ask(self, parameters: Mapping[str, str], start: int) -> Page:
        renewed = False
        while True:
            bearer = Bearer(self._valid_token())
            self._wait_for_turn()
            self.requests += 1
            answer = self._send(partial(self._search, parameters, bearer))
            if answer.status != 401:
                return self._page(answer, start)
            # a token may be taken back before its time: another one is asked for, once
            self._token = None
            if renewed:
                raise OffersAccessError("France Travail refuse le jeton qu'il vient de donner (401)", _KEYS)
            renewed = True

    def _search(self, parameters: Mapping[str, str], bearer: Bearer) -> requests.Response:
        return self._session.get(
            self._search_url,
            params=parameters,
            headers={"Accept": "application/json"},
            auth=bearer,
            stream=True,
            timeout=_TIMEOUT_S,
            allow_redirects=False,
        )

    def _page(self, answer: Answer, start: int) -> Page:
        if answer.status in {204, 416}:
            # nothing there: no offer at all, or none any more at that place
            return Page([], start, 0 if start == 0 else start)
        if answer.status == 403:
            raise OffersAccessError("Ces clés ne donnent pas accès à l'API « Offres d'emploi v2 » (403)", _KEYS)
        if answer.status not in {200, 206}:
            self._refuse(answer)
        content = answer.json()
        records = content.get("resultats") if isinstance(content, dict) else None
        if not isinstance(records, list):
            raise TransientError("réponse sans « resultats »")
        found = _RANGE.fullmatch(answer.content_range)
        if found is None:
            if answer.status == 206:
                raise TransientError("page sans Content-Range")
            return Page(records, start, start + len(records))
        total = int(found[3])
        if found[1] is not None and (int(found[1]) != start or int(found[2]) - int(found[1]) + 1 != len(records)):
            raise TransientError("page autre que celle demandée")
        if start + len(records) > total or len(records) > PAGE:
            raise TransientError("plus d'offres qu'annoncé")
        return Page(records, start, total)

    def _valid_token(self) -> SecretStr:
        if self._token is None or self._clock() >= self._token_ends:
            self._token = self._new_token()
        return self._token

    def _new_token(self) -> SecretStr:
        self.tokens += 1
        asked = self._clock()
        form = {
            "grant_type": "client_credentials",
            "client_id": self._keys.client_id.get_secret_value(),
            "client_secret": self._keys.client_secret.get_secret_value(),
            "scope": _SCOPE,
        }
        answer = self._send(
            lambda: self._session.post(
                self._token_url,
                params={"realm": _REALM},
                data=form,
                headers={"Accept": "application/json"},
                auth=unchanged,
                stream=True,
                timeout=_TIMEOUT_S,
                allow_redirects=False,
            )
        )
        if answer.status in {400, 401, 403}:
            raise OffersAccessError(f"France Travail refuse ces clés ({answer.status}{answer.oauth_error()})", _KEYS)
        if answer.status != 200:
            self._refuse(answer)
        content = answer.json()
        token, lasts = (content.get("access_token"), content.get("expires_in")) if isinstance(content, dict) else (0, 0)
        if not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise TransientError("réponse sans jeton")
        seconds = float(lasts) if isinstance(lasts, (int, float)) and 0 < lasts < 1e6 else 2 * _RENEW_S
        self._token_ends = asked + max(seconds - _RENEW_S, seconds / 2)
        return SecretStr(token)

    def _patiently(self, ask: Callable[[], Page]) -> Page:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return ask()
            except TransientError as error:
                wait = error.wait_s if error.wait_s is not None else 2.0 ** (attempt - 1)
                if attempt == _ATTEMPTS:
                    raise OffersServiceError(f"France Travail : {error} ({attempt} essais)", _LATER) from None
                if wait > MAX_WAIT_S:
                    raise OffersServiceError(
                        f"France Travail : {error}, attente demandée : {wait:.0f} s", _LATER
                    ) from None
                self._sleep(wait)
        raise AssertionError("unreachable")

    def _wait_for_turn(self) -> None:
        wait = self._next - self._clock()
        if wait > 0:
            self._sleep(wait)
        self._next = max(self._clock(), self._next) + _PACE_S

    def _send(self, send: Callable[[], requests.Response]) -> Answer:
        """The whole answer, read within its limit; nothing of the request is in what is raised."""
        try:
            with send() as response:
                body = bytearray()
                for chunk in response.iter_content(64 * 1024):
                    body += chunk
                    if len(body) > _MAX_BYTES:
                        raise OffersServiceError("France Travail : réponse démesurée", _LATER)
                headers = response.headers
                answer = Answer(
                    response.status_code, bytes(body), headers.get("Content-Range", "").strip(), wait_of(headers)
                )
        except requests.exceptions.SSLError:
            raise OffersServiceError(
                "connexion sûre à France Travail impossible", "Vérifiez HTTPS_PROXY et REQUESTS_CA_BUNDLE."
            ) from None
        except (requests.exceptions.RequestException, HTTPError) as error:
            # the error of the library holds the request, with what must not be seen
            raise TransientError(f"connexion coupée ou impossible ({type(error).__name__})") from None
        if answer.status in _TRANSIENT:
            raise TransientError(f"le service répond {answer.status}", answer.wait_s)
        return answer

    def _refuse(self, answer: Answer) -> NoReturn:
        said = answer.message()
        for secret in (self._keys.client_id, self._keys.client_secret, self._token):
            if secret is not None and secret.get_secret_value():
                said = said.replace(secret.get_secret_value(), "…")
        raise OffersServiceError(f"France Travail répond {answer.status}{said}", _LATER)
