"""Where a dataset can be visited: pages built from the names an entry holds."""

from __future__ import annotations

from urllib.parse import quote

from registry.entry import Benchmark, Entry

HUB = "https://huggingface.co/datasets"


def page_of(entry: Entry | Benchmark) -> str | None:
    """The page people should visit: the first of homepage, Hub, GitHub and paper; None where none is."""
    homepage = entry.homepage if isinstance(entry, Entry) else None
    return homepage or next(iter(pages_of(entry)), None)


def pages_of(entry: Entry | Benchmark) -> list[str]:
    """Every page that shows the dataset itself or its paper: Hub, GitHub, paper, in that order."""
    found = [
        f"{HUB}/{entry.hf_id}" if entry.hf_id else None,
        f"https://github.com/{entry.github}" if entry.github else None,
        paper_page(entry.paper),
    ]
    return [page for page in found if page]


def paper_page(paper: str | None) -> str | None:
    """The address of a paper given as arXiv id or address.

    >>> paper_page("2304.03277")
    'https://arxiv.org/abs/2304.03277'
    """
    return paper if paper is None or paper.startswith("https://") else f"https://arxiv.org/abs/{paper}"


def publisher_of(entry: Entry | Benchmark) -> tuple[str, str] | None:
    """Name and page of the account that publishes the dataset; None where neither Hub nor GitHub does."""
    for repository, host in ((entry.hf_id, "https://huggingface.co"), (entry.github, "https://github.com")):
        if repository:
            owner = repository.partition("/")[0]
            return owner, f"{host}/{owner}"
    return None


def hub_file(repository: str, revision: str, path: str) -> str:
    """The address of one file of a Hub dataset repository at one commit."""
    return f"{HUB}/{repository}/resolve/{revision}/{quote(path)}"


def github_file(repository: str, commit: str, path: str) -> str:
    """The address of the bytes of one file of a GitHub repository at one commit."""
    return f"https://raw.githubusercontent.com/{repository}/{commit}/{quote(path)}"
