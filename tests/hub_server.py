"""A Hugging Face Hub on the loopback interface, as much of it as reading datasets needs.

`HubServer` is filled with repositories and faults by a test; the unmodified client libraries talk to it.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import yaml

LFS_SIZE = 1000


@dataclass
class Repository:
    """Commits by their hash, each a mapping of paths to contents; the last one is `main`."""

    name: str
    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    gated: bool = False
    private: bool = False

    def commit(self, files: dict[str, bytes]) -> str:
        """Add a commit with exactly these files; its hash follows from them and the commits before."""
        digest = hashlib.sha1(self.name.encode() + repr(list(self.commits)).encode())
        for path, content in sorted(files.items()):
            digest.update(path.encode() + b"\0" + content)
        self.commits[digest.hexdigest()] = dict(files)
        return digest.hexdigest()

    @property
    def head(self) -> str:
        """The newest commit."""
        return list(self.commits)[-1]


@dataclass
class Fault:
    """An answer given in place of the real one, `left` times, to requests whose path matches.

    With `cut` the connection ends in the middle of the body, which is announced in full length.
    """

    pattern: str
    left: int
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    cut: bool = False


class HubServer:
    """The running server: `url`, `repositories`, `faults`, and the `requests` seen as (method, path)."""

    def __init__(self, port: int, token: str) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.token = token
        self.repositories: dict[str, Repository] = {}
        self.faults: list[Fault] = []
        self.requests: list[tuple[str, str]] = []
        self.page = 3

    def repository(self, name: str, **kinds: bool) -> Repository:
        """A new repository."""
        self.repositories[name] = Repository(name, **kinds)
        return self.repositories[name]


@contextmanager
def hub_server(token: str = "hf_test_token") -> Iterator[HubServer]:
    """A server on a free port that stops with the block."""
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    httpd.hub = HubServer(httpd.server_address[1], token)  # type: ignore[attr-defined]
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    try:
        yield httpd.hub  # type: ignore[attr-defined]
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()


class Handler(BaseHTTPRequestHandler):
    """Routes of the Hub API."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Stay quiet."""

    def do_HEAD(self) -> None:
        self._route()

    def do_GET(self) -> None:
        self._route()

    def do_POST(self) -> None:
        self._body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._route()

    @property
    def hub(self) -> HubServer:
        return self.server.hub  # type: ignore[attr-defined, no-any-return]

    def _route(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.hub.requests.append((self.command, path))
        if self._fault(path):
            return
        file = re.fullmatch(r"/datasets/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path)
        api = re.fullmatch(
            r"/api/datasets/([^/]+/[^/]+)(?:/(revision|tree|paths-info|refs)(?:/([^/]+))?(/.*)?)?", path
        )
        if file:
            self._guarded(file[1], lambda repo: self._file(repo, file[2], file[3]))
        elif api:
            self._guarded(api[1], lambda repo: self._api(repo, api[2], api[3], (api[4] or "").strip("/")))
        elif path == "/api/datasets":
            self._listing()
        else:
            self._send(404, b"{}")

    def _listing(self) -> None:
        """Public repositories that match, one page at a time as the Hub does."""
        query = parse_qs(urlsplit(self.path).query)
        words = [word.lower() for word in query.get("search", [])]
        found = [
            _info(repo, repo.head)
            for repo in self.hub.repositories.values()
            if not repo.private and all(word in repo.name.lower() for word in words)
        ]
        tags = set(query.get("filter", []))
        found = [info for info in found if tags <= set(info["tags"])]
        begin, limit = int(query.get("cursor", ["0"])[0]), int(query.get("limit", ["1000"])[0])
        end = begin + min(limit, self.hub.page)
        headers = {"Content-Type": "application/json"}
        if end < len(found):
            rest = "&".join(f"{k}={quote(v)}" for k, vs in query.items() if k != "cursor" for v in vs)
            headers["Link"] = f'<{self.hub.url}/api/datasets?{rest}&cursor={end}>; rel="next"'
        self._send(200, json.dumps(found[begin:end]).encode(), headers)

    def _fault(self, path: str) -> bool:
        for fault in self.hub.faults:
            if fault.left > 0 and re.search(fault.pattern, path):
                fault.left -= 1
                if fault.cut:
                    body = fault.body or b'{"id": "half of an answ'
                    self.send_response(200)
                    for name, value in fault.headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(body) + 100))
                    self.end_headers()
                    self.wfile.write(body)
                    self.close_connection = True
                    return True
                self._send(fault.status, fault.body or b'{"error": "planned"}', fault.headers)
                return True
        return False

    def _guarded(self, name: str, answer: Any) -> None:
        repo = self.hub.repositories.get(name)
        allowed = self.headers.get("Authorization") == f"Bearer {self.hub.token}"
        if repo is None or (repo.private and not allowed):
            self._send(404 if allowed else 401, b"{}", {"X-Error-Code": "RepoNotFound"})
        elif repo.gated and not allowed and "/resolve/" in self.path:
            self._send(403, b"{}", {"X-Error-Code": "GatedRepo"})
        else:
            answer(repo)

    def _commit(self, repo: Repository, revision: str) -> str | None:
        if revision in {"main", "None"}:
            return repo.head
        return revision if revision in repo.commits else None

    def _file(self, repo: Repository, revision: str, path: str) -> None:
        commit = self._commit(repo, revision)
        if commit is None:
            self._send(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
            return
        content = repo.commits[commit].get(path)
        if content is None:
            self._send(404, b"{}", {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": commit})
            return
        headers = {"ETag": f'"{_etag(content)}"', "X-Repo-Commit": commit, "Accept-Ranges": "bytes"}
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if asked:
            begin, end = int(asked[1]), min(int(asked[2] or len(content) - 1), len(content) - 1)
            headers["Content-Range"] = f"bytes {begin}-{end}/{len(content)}"
            self._send(206, content[begin : end + 1], headers)
        else:
            self._send(200, content, headers)

    def _api(self, repo: Repository, what: str | None, revision: str | None, folder: str) -> None:
        commit = self._commit(repo, revision or "main")
        if commit is None:
            self._send(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
            return
        files = repo.commits[commit]
        if what in {None, "revision"}:
            self._json(_info(repo, commit))
        elif what == "refs":
            branch = {"name": "main", "ref": "refs/heads/main", "targetCommit": repo.head}
            self._json({"branches": [branch], "tags": [], "converts": []})
        elif what == "tree":
            recursive = parse_qs(urlsplit(self.path).query).get("recursive", ["false"])[0].lower() in {
                "true",
                "1",
            }
            entries = _tree(files, folder, recursive=recursive)
            if folder and not entries:
                self._send(404, b"{}", {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": commit})
            else:
                self._json(entries)
        else:
            paths = _asked_paths(self._body)
            entries = _tree(files, "", recursive=True)
            self._json([entry for entry in entries if entry["path"] in paths])

    def _json(self, value: Any) -> None:
        self._send(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _card(files: dict[str, bytes]) -> dict[str, Any]:
    """The front matter of the card, as the Hub repeats it in its answers."""
    text = files.get("README.md", b"").decode("utf-8", "replace")
    try:
        found = yaml.safe_load(text.split("---")[1]) if text.startswith("---") else {}
    except yaml.YAMLError:
        return {}
    return found if isinstance(found, dict) else {}


def _tags(card: dict[str, Any]) -> list[str]:
    named = {"language": "language", "license": "license", "task_categories": "task_categories"}
    tags = [str(tag) for tag in card.get("tags") or []]
    for field_name, prefix in named.items():
        value = card.get(field_name) or []
        tags += [f"{prefix}:{one}" for one in (value if isinstance(value, list) else [value])]
    return tags


def _info(repo: Repository, commit: str) -> dict[str, Any]:
    card = _card(repo.commits[commit])
    return {
        "id": repo.name,
        "author": repo.name.split("/")[0],
        "sha": commit,
        "private": repo.private,
        "gated": "auto" if repo.gated else False,
        "disabled": False,
        "downloads": 0,
        "likes": 0,
        "tags": _tags(card),
        "createdAt": "2026-01-01T00:00:00.000Z",
        "lastModified": f"2026-01-{list(repo.commits).index(commit) + 1:02}T00:00:00.000Z",
        "cardData": card,
        "siblings": [{"rfilename": path} for path in repo.commits[commit]],
    }


def _tree(files: dict[str, bytes], folder: str, *, recursive: bool) -> list[dict[str, Any]]:
    prefix = f"{folder}/" if folder else ""
    entries: dict[str, dict[str, Any]] = {}
    for path, content in files.items():
        if not path.startswith(prefix):
            continue
        parts = path.removeprefix(prefix).split("/")
        for depth in range(1, len(parts)):
            inner = prefix + "/".join(parts[:depth])
            if recursive or depth == 1:
                entries[inner] = {"type": "directory", "path": inner, "size": 0, "oid": _etag(inner.encode())}
        if recursive or len(parts) == 1:
            entries[path] = _entry(path, content)
    return list(entries.values())


def _entry(path: str, content: bytes) -> dict[str, Any]:
    entry: dict[str, Any] = {"type": "file", "path": path, "size": len(content), "oid": _blob(content)}
    if len(content) >= LFS_SIZE:
        entry["lfs"] = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 130}
    return entry


def _etag(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest() if len(content) >= LFS_SIZE else _blob(content)


def _blob(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def _asked_paths(body: bytes) -> set[str]:
    try:
        return set(json.loads(body)["paths"])
    except ValueError:
        return set(parse_qs(body.decode()).get("paths", []))
