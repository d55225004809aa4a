"""What a dataset card suggests without stating it: lines for the person who completes the entry."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from registry.card_front import FrontMatter

_MODELS = re.compile(
    r"\b(GPT-?[34][\w.-]{0,20}|ChatGPT|text-davinci-00\d|o[134]-mini|Claude[ -]?[\w.]{0,10}|"
    r"Gemini[ -]?[\w.]{0,10}|DeepSeek-[\w.-]{1,20}|Qwen[\w.-]{0,20}|QwQ-[\w.-]{1,20}|"
    r"Llama-?[\w.-]{0,20}|Mi[sx]tral[\w.-]{0,20}|Gemma-?[\w.-]{0,12})",
    re.IGNORECASE,
)
_CODE = re.compile(r"[a-z]{2,3}(-\w{2,8})*|multi\w*")
_YEAR = re.compile(r"\byear\s*=\s*[{\"]?\s*(\d{4})\b", re.IGNORECASE)
_LOADED = re.compile(r"load_dataset\(\s*['\"]([A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95})['\"]")
_ARXIV = re.compile(r"arxiv(?:\.org/(?:abs|pdf)/|:\s*)(\d{4}\.\d{4,5})", re.IGNORECASE)
_GITHUB = re.compile(r"https://github\.com/([A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95})")

_COLUMNS: Final[tuple[tuple[frozenset[str], str], ...]] = (
    (frozenset({"chosen", "rejected"}), "preference"),
    (frozenset({"messages"}), "multi-turn, or single-turn where every row has one exchange"),
    (frozenset({"conversations"}), "multi-turn, or single-turn where every row has one exchange"),
    (frozenset({"conversation"}), "multi-turn, or single-turn where every row has one exchange"),
    (frozenset({"instruction", "output"}), "single-turn"),
    (frozenset({"instruction", "response"}), "single-turn"),
    (frozenset({"prompt", "completion"}), "single-turn"),
    (frozenset({"prompt", "response"}), "single-turn"),
    (frozenset({"question", "answer"}), "single-turn"),
)
_FOCUS: Final[Mapping[str, str]] = {
    "code": "code",
    "math": "reasoning-math",
    "reasoning": "reasoning-general",
    "medical": "domain:medical",
    "biology": "domain:biology",
    "finance": "domain:finance",
    "legal": "domain:legal",
    "chat": "chat",
    "function-calling": "tool-use",
    "tool-use": "tool-use",
    "safety": "safety",
    "visual-question-answering": "multimodal",
    "image-to-text": "multimodal",
}
_CREATORS: Final[Mapping[str, str]] = {
    "machine-generated": "distillation or self-improvement",
    "expert-generated": "human-crafted",
    "crowdsourced": "human-crafted",
    "found": "human-crafted",
    "expert-annotated": "human-crafted",
}
_SYNTHETIC: Final = frozenset({"synthetic", "distilabel", "distillation", "rlaif"})


def papers(text: str) -> list[str]:
    """The arXiv ids that `text` names, each once, in order."""
    return list(dict.fromkeys(_ARXIV.findall(text)))


def repositories(text: str) -> list[str]:
    """The GitHub repositories that `text` links, each once, in order."""
    names = (name.removesuffix(".git").rstrip(".") for name in _GITHUB.findall(text))
    return list(dict.fromkeys(names))


def front_hints(front: FrontMatter) -> Iterator[str]:
    """What columns, tags and task categories suggest for format, category and focus."""
    columns = set(front.columns())
    for names, form in _COLUMNS:
        if names <= columns:
            yield f"format: the columns {', '.join(sorted(names))} suggest {form}"
            break
    words = {word.lower() for field in ("tags", "task_categories") for word in front.texts(field)}
    creators = {
        word for field in ("annotations_creators", "language_creators") for word in front.texts(field)
    }
    categories = sorted({_CREATORS[word] for word in creators if word in _CREATORS})
    if words & _SYNTHETIC:
        categories.append(f"distillation or self-improvement (tag {', '.join(sorted(words & _SYNTHETIC))})")
    if categories:
        yield f"category: the card suggests {'; '.join(dict.fromkeys(categories))}"
    focuses = sorted({_FOCUS[word] for word in words if word in _FOCUS})
    if focuses:
        yield f"focus: tags suggest {', '.join(focuses)}"
    odd = [
        code for code in front.texts("language") if not re.fullmatch(r"[a-z]{2,3}(-\w{2,8})*|multi\w*", code)
    ]
    if odd:
        yield f"languages: {', '.join(map(repr, odd[:10]))} are no language codes"
    if len({config for config, _, _ in front.split_rows()}) > 1:
        yield "size_rows: the card counts several configurations; choose what one row of the set is"


def body_hints(body: str, facts: Mapping[str, Any]) -> Iterator[str]:
    """Models, papers, repositories and a year that the text mentions."""
    models = list(dict.fromkeys(match.rstrip(".- ") for match in _MODELS.findall(body)))
    if models:
        yield f"teacher: the text mentions {', '.join(models[:10])}; name those whose output the rows hold"
    for field, found in (("paper", papers(body)), ("github", repositories(body))):
        if field not in facts and len(found) > 1:
            yield f"{field}: the text names several: {', '.join(found[:8])}"
    years = sorted(set(_YEAR.findall(body)))
    if years:
        yield f"year: its citations say {', '.join(years)}"
    loaded = list(dict.fromkeys(_LOADED.findall(body)))
    if "hf_id" not in facts and loaded:
        yield f"hf_id: its example loads {', '.join(loaded[:5])}"
