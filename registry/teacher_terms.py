"""What the makers of teacher models ask of those who use their output.

A summary recalled or read second-hand, provider by provider, not quoted and no legal advice: terms change,
and which version holds depends on when the rows were made. A teacher that is in no family is unclear.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from registry.entry import Evidence
from registry.terms import Use, Verdict
from registry.vocabulary import EvidenceStatus


@dataclass(frozen=True, slots=True)
class TeacherTerms:
    """Terms that come with the output of some models: `pattern` finds them, `says` answers per use."""

    provider: str
    pattern: re.Pattern[str]
    terms: str
    says: Mapping[Use, Verdict]
    evidence: Evidence | None


def _family(
    provider: str,
    pattern: str,
    terms: str,
    says: tuple[str, str, str],
    *,
    source: str | None = None,
    status: EvidenceStatus = EvidenceStatus.RECALLED,
) -> TeacherTerms:
    uses = (Use.COMMERCIAL, Use.REDISTRIBUTION, Use.COMPETING_MODEL)
    return TeacherTerms(
        provider,
        re.compile(pattern, re.I),
        terms,
        {use: Verdict(answer) for use, answer in zip(uses, says, strict=True)},
        None if source is None else Evidence(source=source, status=status),
    )


_RIVAL = ("unclear", "allowed", "forbidden")
_FREE = ("allowed", "allowed", "allowed")
_UNKNOWN = ("unclear", "unclear", "unclear")

TEACHER_TERMS: Final[tuple[TeacherTerms, ...]] = (
    _family(
        "the publisher's own models",
        r"in-house|internal",
        "models of the publisher, whose own licence covers the output",
        _FREE,
    ),
    _family(
        "open GPT models",
        r"gpt-?oss|gpt-?j|gpt-?neo|gpt4all",
        "open weights (Apache-2.0 or MIT); nothing is asked of the output",
        _FREE,
        source="https://huggingface.co/openai/gpt-oss-120b",
    ),
    _family(
        "DeepSeek",
        r"deepseek",
        "DeepSeek licences (MIT for R1 and later V3) allow training other models on the output",
        _FREE,
        source="https://huggingface.co/deepseek-ai/DeepSeek-R1",
    ),
    _family(
        "OpenAI",
        r"(?<![a-z])gpt-?[345]|chatgpt|text-davinci|\bcodex\b|^o[134](-\w+)?\b|openai",
        "OpenAI terms of use give the output to its user and forbid models that compete with OpenAI",
        _RIVAL,
        source="https://openai.com/policies/row-terms-of-use/",
        status=EvidenceStatus.SECONDARY,
    ),
    _family(
        "Anthropic",
        r"claude|anthropic",
        "Anthropic terms give the output to its user and forbid models that compete with Anthropic",
        _RIVAL,
        source="https://www.anthropic.com/legal/commercial-terms",
    ),
    _family(
        "Google Gemini and PaLM",
        r"gemini|\bbard\b|\bpalm\b",
        "Google's terms for its generative services forbid models that compete with them",
        _RIVAL,
        source="https://ai.google.dev/gemini-api/terms",
    ),
    _family(
        "Microsoft AI services",
        r"bing chat|copilot",
        "Microsoft's terms forbid training models on the output of its AI services",
        ("unclear", "unclear", "forbidden"),
        source="https://www.microsoft.com/servicesagreement",
    ),
    _family(
        "Meta Llama 1 to 3",
        r"^(vicuna|alpaca|llama(?!-?\d)|llama-?[23](?![\d.]))",
        "Llama 1 to 3 licences forbid improving other language models with the output",
        _RIVAL,
        source="https://ai.meta.com/llama/license/",
        status=EvidenceStatus.SECONDARY,
    ),
    _family(
        "Meta Llama 3.1 to 3.3",
        r"^llama-?3\.[123]",
        "Llama 3.1 to 3.3 licences allow training on the output; the model must carry Llama in its name",
        _FREE,
        source="https://www.llama.com/llama3_1/license/",
        status=EvidenceStatus.SECONDARY,
    ),
    _family(
        "Alibaba Qwen, first generation",
        r"^qwen-\d+b",
        "the first Tongyi Qianwen licence forbids improving other language models with the output",
        _RIVAL,
        source="https://huggingface.co/Qwen/Qwen-72B/blob/main/LICENSE",
    ),
    _family(
        "Alibaba Qwen 1.5 and later, QwQ",
        r"^(qwen-?(1\.5|[23])|qwq)",
        "Apache-2.0, or the Qwen licence, which asks to name Qwen where its output trained a model",
        _FREE,
        source="https://huggingface.co/Qwen/Qwen2.5-72B-Instruct/blob/main/LICENSE",
    ),
    _family(
        "Mistral open weights",
        r"^(mixtral|mistral-7b|zephyr)",
        "open weights (Apache-2.0 or MIT); nothing is asked of the output",
        _FREE,
        source="https://huggingface.co/mistralai/Mixtral-8x7B-Instruct-v0.1",
    ),
    _family(
        "Google Gemma",
        r"gemma",
        "Gemma terms follow models trained on the output, with their prohibited uses",
        ("unclear", "allowed", "unclear"),
        source="https://ai.google.dev/gemma/terms",
    ),
    _family(
        "OpenRAIL models",
        r"^(starcoder|stable diffusion)",
        "OpenRAIL licences claim nothing of the output and forbid listed harmful uses",
        _FREE,
        source="https://huggingface.co/bigcode/starcoder",
    ),
    _family(
        "other open models",
        r"^(t5\b|indictrans2|internvl2|kimi k2|am-thinking)",
        "open weights (Apache-2.0 or MIT, Kimi K2 with a notice); nothing is asked of the output",
        _FREE,
        source="https://huggingface.co/models",
    ),
    _family(
        "Cohere Command R",
        r"command r",
        "Command R weights are non-commercial, and Cohere's terms forbid competing models",
        ("unclear", "unclear", "forbidden"),
        source="https://cohere.com/terms-of-use",
    ),
    _family(
        "Character.AI",
        r"character\.ai",
        "output of a closed chat service without published data terms",
        _UNKNOWN,
        source="https://character.ai/tos",
    ),
)
"""First match wins."""

_ROLE = re.compile(r"\bminigpt-?4|/", re.I)


def teacher_terms(teacher: str) -> TeacherTerms | None:
    """What the terms of a teacher model say of its output; None where we do not know.

    >>> teacher_terms("GPT-4 (judge)").provider
    'OpenAI'
    >>> teacher_terms("many chat models") is None
    True
    """
    if _ROLE.search(teacher):  # names another family inside a name, or several models in one
        return None
    return next((entry for entry in TEACHER_TERMS if entry.pattern.search(teacher)), None)
