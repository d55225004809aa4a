"""Flag `pii`: marks by which a real person or account could be reached or known. Values are never shown."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from itertools import pairwise

from analyzers.flags.checksums import is_chinese_id, is_iban, passes_luhn
from analyzers.flags.rule import Flag, Severity, Span, TextRule, matching, spans
from analyzers.flags.street_addresses import CANDIDATES as STREETS
from analyzers.flags.street_addresses import street_addresses
from analyzers.views import View

CODES = ("email", "phone", "ip", "iban", "card", "national_id", "street")
_TEXT = "an e-mail or street address, phone, IP, account, card or identity number stands in the text"

_EMAIL = re.compile(
    r"(?<![\w.+-])([\w.+-]{1,64})@((?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,24})(?![\w-])",
    re.ASCII,
)
# Domains that RFC 2606 reserves, and those that texts invent: nobody lives there.
_RESERVED_DOMAIN = re.compile(
    r"(?:.*\.)?(?:example|test|invalid|localhost)(?:\.\w+)?|(?:.*\.)?(?:\w*(?:example|sample|placeholder|dummy|fake)\w*|"
    r"(?:your|my|our|the|some|any|abc|xyz|acme|foo|bar)?-?"
    r"(?:e-?mail|mail|domain|company|business|website|site|host|server|school|university|organi[sz]ation|store|shop|"
    r"corp|college|bank|address|abc|xyz|acme|foo|bar|provider|employer|client|customer)(?:name)?)\.\w{2,}(?:\.\w{2})?",
    re.IGNORECASE,
)
# Mailboxes of a role, and names that texts invent.
_NOBODY = re.compile(
    r"(?:your|my|user|first|last|full)[._-]?(?:name|e?mail|id)?\d{0,3}|(?:first)[._-]?(?:name)?[._-]?last[._-]?name|"
    r"\w|git|my[._-]?\w*(?:address|e?mail)|you|e?mail(?:address)?|name|user|username|someone|somebody|anyone|recipient|sender|test\w*|"
    r"example\w*|sample\w*|foo|bar|abc\d*|xyz\d*|x+|"
    r"j(?:ohn|ane)?[._-]?(?:doe|smith)\w*|info|contact|support|admin|sales|help|service|hello|press|media|jobs|careers|hr|"
    r"customer[._-]?\w*|no-?reply|do-?not-?reply|feedback|webmaster|postmaster|office|team|marketing|billing|orders?",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"(?<![\w.+/=-])(?:"
    r"(?:\+?1[ .-]?)?\(?(?P<area>[2-9]\d\d)\)?[ .-]{1,2}(?P<exchange>[2-9]\d\d)[ .-](?P<line>\d{4})"
    r"|\+(?!1[ .-]?\d{3})[1-9]\d{0,2}(?:[ .-]?\(?\d{1,4}\)?){2,5}"
    r")(?![\w-]|\.\d)",
    re.ASCII,
)
_CN_MOBILE = re.compile(r"(?:电话|手机|联系|致电|拨打|微信)[^\n。]{0,16}?(?<!\d)(1[3-9]\d{9})(?!\d)")
_TOLL_FREE = frozenset({"800", "822", "833", "844", "855", "866", "877", "888", "900"})
_IP = re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)", re.ASCII)
_VERSION = re.compile(r"(?:\bv(?:ersion|er)?\.?|\brelease|§|\bsection)\s*\Z", re.IGNORECASE)
_KNOWN_IPS = frozenset({"8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9", "123.45.67.89"})
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)", re.ASCII)
_EXAMPLE_IBANS = frozenset({"GB82WEST12345698765432", "DE89370400440532013000", "GB29NWBK60161331926819"})
_CARD = re.compile(
    r"(?<![\w.-])(?:\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{4}|\d{4}[ -]\d{6}[ -]\d{5}|\d{15,16})(?![\w-]|\.\d)",
    re.ASCII,
)
_ISSUER = re.compile(
    r"4\d{15}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|6(?:011|5\d\d)\d{12}"
)
# Numbers that card networks and payment services publish for tests.
_TEST_CARDS = re.compile(
    r"4242.{8}4242|4[01]\d\d(?:1{12}|8{11}1)|4{16}|5555555555554444|5105105105105100|5454545454545454|"
    r"378282246310005|371449635398431|6011(?:1{12}|0{8}\d{4}|1{8}\d{4})|\d{4}0{8}\d{4}|1234.*"
)
_SSN = re.compile(r"(?<![\w.-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])", re.ASCII)
_EXAMPLE_SSNS = frozenset(
    {"123-45-6789", "078-05-1120", "219-09-9999", "111-22-3333", "555-55-5555", "123-45-6780"}
)
_CN_ID = re.compile(
    r"(?<!\w)\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\w)", re.ASCII
)

_CANDIDATES = matching(
    r"[\w.+-]@[A-Za-z0-9]|[2-9]\d\d\)?[ .-]{1,2}[2-9]\d\d[ .-]\d{4}|\+[1-9][\d() .-]{5}|"
    r"\d\.\d{1,3}\.\d{1,3}\.\d|"
    r"[A-Z]{2}\d{2} ?[A-Z0-9]{4}|\d{4}[ -]\d{4}[ -]\d{4}|\d{4}[ -]\d{6}[ -]\d|\d{15}|\d{3}-\d{2}-\d{4}|"
    rf"1[3-9]\d{{9}}|{STREETS}"
)


def find(text: str) -> Iterator[Span]:
    """Personal marks of one text, without reserved, published and plainly invented examples.

    `email`; `phone`: North American or with a country code, never exchange or area 555 nor toll-free;
    `ip`: public IPv4; `iban` and `card`: with right check digits; `national_id`: US social security numbers
    and Chinese identity numbers; `street`: addresses, see `street_addresses`.
    """
    yield from spans("email", (match.span() for match in _EMAIL.finditer(text) if _is_somebody(match)))
    yield from spans("phone", (match.span() for match in _PHONE.finditer(text) if _is_phone(match)))
    yield from spans(
        "phone", (match.span(1) for match in _CN_MOBILE.finditer(text) if "12345" not in match[1])
    )
    yield from spans("ip", (match.span() for match in _IP.finditer(text) if _is_public_ip(match)))
    yield from spans("iban", (match.span() for match in _IBAN.finditer(text) if _is_account(match[0])))
    yield from spans("card", (match.span() for match in _CARD.finditer(text) if _is_card(match[0])))
    social = (match.span() for match in _SSN.finditer(text) if match[0] not in _EXAMPLE_SSNS)
    yield from spans("national_id", social)
    chinese = (match.span() for match in _CN_ID.finditer(text) if is_chinese_id(match[0]))
    yield from spans("national_id", chinese)
    yield from spans("street", street_addresses(text))


def _is_somebody(email: re.Match[str]) -> bool:
    return not (_NOBODY.fullmatch(email[1]) or _RESERVED_DOMAIN.fullmatch(email[2]))


def _is_phone(phone: re.Match[str]) -> bool:
    digits = "".join(char for char in phone[0] if char.isdigit())
    steps = {(int(later) - int(digit)) % 10 for digit, later in pairwise(digits[-10:])}
    if len(steps) == 1 or len(set(digits[-10:])) < 3:
        return False  # 234-567-8901 and 222-222-2222 are nobody's
    if phone["area"] is not None:
        return "555" not in (phone["area"], phone["exchange"]) and phone["area"] not in _TOLL_FREE
    return 9 <= len(digits) <= 15 and "1234567" not in digits and "555" not in digits


def _is_public_ip(found: re.Match[str]) -> bool:
    octets = found[0].split(".")
    if any(int(octet) > 255 or (len(octet) > 1 and octet[0] == "0") for octet in octets):
        return False
    # Four small numbers are a section or a version; hardly one address in a thousand looks like that.
    if max(int(octet) for octet in octets) < 32 or _VERSION.search(found.string[: found.start()][-16:]):
        return False
    return ipaddress.ip_address(found[0]).is_global and int(octets[0]) < 224 and found[0] not in _KNOWN_IPS


def _is_account(text: str) -> bool:
    bare = text.replace(" ", "")
    return is_iban(bare) and bare not in _EXAMPLE_IBANS


def _is_card(text: str) -> bool:
    digits = text.replace(" ", "").replace("-", "")
    return bool(_ISSUER.fullmatch(digits)) and passes_luhn(digits) and not _TEST_CARDS.fullmatch(digits)


PII = TextRule(
    Flag("pii", 2, Severity.WARN, View.ALL, CODES, _TEXT, masked=True),
    lambda turns: turns.everything,
    _CANDIDATES,
    find,
)
