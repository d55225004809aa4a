"""Who may change something, how much a request may bring, and which names the server answers to."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Annotated, Any, Final

from fastapi import Header, HTTPException, Request

from registry.errors import ExitCode, InputRefusedError, InstructoryError, Problem, ProblemCode

TOKEN_VARIABLE: Final = "INSTRUCTORY_API_TOKEN"  # noqa: S105  (the name of a variable)
SHORTEST_TOKEN: Final = 16
MAX_BODY_BYTES: Final = 1 << 20

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Message, Receive, Send], Awaitable[None]]


class ReadOnlyError(InstructoryError):
    """No token is set, so that nobody may change anything."""

    exit_code = ExitCode.REFUSED


class NoTokenError(InstructoryError):
    """The request brings no token, or another one."""

    exit_code = ExitCode.REFUSED


class Token:
    """The one token that may change things; kept as a hash, compared in constant time, never shown."""

    def __init__(self, text: str | None) -> None:
        self._digest = hashlib.sha256(text.encode()).digest() if text else None

    @classmethod
    def from_environment(cls) -> Token:
        """The token in INSTRUCTORY_API_TOKEN; without it nobody may change anything.

        Raises:
            InputRefusedError: it is shorter than 16 characters.
        """
        text = os.environ.get(TOKEN_VARIABLE)
        if text and len(text) < SHORTEST_TOKEN:
            message = f"shorter than {SHORTEST_TOKEN} characters: anybody could guess it"
            raise InputRefusedError(
                [Problem(code=ProblemCode.BAD_VALUE, message=message, file=TOKEN_VARIABLE)]
            )
        return cls(text)

    @property
    def is_set(self) -> bool:
        """Whether anybody may change things at all."""
        return self._digest is not None

    def matches(self, text: str) -> bool:
        """Whether `text` is the token; takes as long for every wrong one."""
        given = hashlib.sha256(text.encode(errors="surrogatepass")).digest()
        return self._digest is not None and hmac.compare_digest(given, self._digest)

    def __repr__(self) -> str:
        return f"Token({'set' if self.is_set else 'not set'})"


def may_change(request: Request, authorization: Annotated[str | None, Header()] = None) -> None:
    """Do nothing for a request that brings the token as `Authorization: Bearer ...`.

    Raises:
        NoTokenError: the request has none, or another than the server's.
        ReadOnlyError: the request has one, and the server none.
    """
    token: Token = request.app.state.token
    read_only = f"this server is read-only: {TOKEN_VARIABLE} was not set when it started"
    scheme, _, text = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not text.strip():
        raise NoTokenError("send the server's token as Authorization: Bearer" if token.is_set else read_only)
    if not token.is_set:
        raise ReadOnlyError(read_only)
    if not token.matches(text.strip()):
        raise NoTokenError("that is not the server's token")


class Gate:
    """Refuses bodies over 1 MiB as they arrive, and adds headers that keep browsers from guessing."""

    def __init__(self, app: Asgi) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen = 0

        async def limited() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > MAX_BODY_BYTES:
                # FastAPI lets this one kind of error through while it reads a body.
                raise HTTPException(413, f"a request brings at most {MAX_BODY_BYTES:,} bytes")
            return message

        async def hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    (b"x-content-type-options", b"nosniff"),
                    (b"cache-control", b"no-store"),
                ]
            await send(message)

        await self._app(scope, limited, hardened)
