"""Flag `secrets`: keys and tokens that open something. Values are never shown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from math import log2

from analyzers.flags.rule import Flag, Severity, Span, TextRule, matching, spans
from analyzers.views import View

CODES = ("cloud_key", "service_token", "private_key", "signed_token")
_TEXT = "a key, token or private key stands in the text"

MIN_ENTROPY_BITS = 3.0

_CLOUD_KEY = re.compile(r"(?<!\w)(?:(?:AKIA|ASIA)([0-9A-Z]{16})|AIza([\w-]{35}))(?!\w)")
_SERVICE_TOKEN = re.compile(
    r"(?<![\w-])(?:gh[pousr]_([A-Za-z0-9]{36,})|github_pat_(\w{60,})|glpat-([\w-]{20,})|hf_([A-Za-z0-9]{30,})|"
    r"sk-(?:ant-|proj-|svcacct-)?([\w-]{20,})|[sr]k_live_([A-Za-z0-9]{20,})|xox[abeoprs]-([A-Za-z0-9-]{20,})|"
    r"SG\.([\w-]{22}\.[\w-]{43})|npm_([A-Za-z0-9]{36})|pypi-([\w-]{60,}))(?!\w)"
)
_PRIVATE_KEY = re.compile(
    r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----[\s\w:,.-]*?([A-Za-z0-9+/=\s]{80,})"
)
_SIGNED_TOKEN = re.compile(r"(?<!\w)eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.([\w-]{20,})(?!\w)")
_INVENTED = re.compile(
    r"example|sample|dummy|fake|placeholder|your|my_?key|secret|token|api_?key|redacted|test|abcdef|123456|x{4,}|"
    r"(.)\1{4,}",
    re.IGNORECASE,
)
# The token that jwt.io shows has been copied into half the tutorials of the world.
_JWT_IO = "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
_CANDIDATES = matching(
    r"AKIA|ASIA|AIza|gh[pousr]_|github_pat_|glpat-|hf_|sk-|[sr]k_live_|xox[abeoprs]-|SG\.|npm_|pypi-|"
    r"PRIVATE KEY|eyJ"
)


def find(text: str) -> Iterator[Span]:
    """Credentials of one text, known by their prefix and random enough to be real.

    `cloud_key`: AWS, Google. `service_token`: code hosts, model hosts, payment, chat, mail, package indexes.
    `private_key`: PEM blocks with content. `signed_token`: JSON web tokens. The variable part has at least
    3 bits of entropy a character and none of the words and runs that examples are made of.
    """
    for code, pattern in (
        ("cloud_key", _CLOUD_KEY),
        ("service_token", _SERVICE_TOKEN),
        ("private_key", _PRIVATE_KEY),
        ("signed_token", _SIGNED_TOKEN),
    ):
        real = (match for match in pattern.finditer(text) if _is_random(next(filter(None, match.groups()))))
        yield from spans(code, (match.span() for match in real))


def entropy_bits(text: str) -> float:
    """Shannon entropy of the characters of `text`, in bits a character; 0 for an empty text."""
    total = len(text)
    return -sum(count / total * log2(count / total) for count in Counter(text).values())


def _is_random(secret: str) -> bool:
    if secret == _JWT_IO or _INVENTED.search(secret):
        return False
    return entropy_bits(secret) >= MIN_ENTROPY_BITS


SECRETS = TextRule(
    Flag("secrets", 1, Severity.ERROR, View.ALL, CODES, _TEXT, masked=True),
    lambda turns: turns.everything,
    _CANDIDATES,
    find,
)
