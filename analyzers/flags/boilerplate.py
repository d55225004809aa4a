"""Flag `ai_boilerplate`: answers that speak of themselves as a model; names in them betray the teacher."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzers.flags.rule import Flag, Severity, Span, TextRule, matching, spans
from analyzers.views import View

CODES = ("as_an_ai", "knowledge_cutoff", "self_name")
_TEXT = "the answer speaks of itself as a model, of its training, or names its maker"

_MODELS = (
    r"(?:ChatGPT|GPT-?[1-9][\w.-]*|OpenAI Assistant|MOSS|Vicuna|Qwen|ERNIE Bot|DeepSeek|ChatGLM|"
    r"Open ?Assistant|"
    r"Bing Chat|通义千问|文心一言|智谱清言|豆包|星火)"
)
_AMBIGUOUS_MODELS = (
    r"(?:Claude|Bard|Gemini|Llama|LLaMA|Alpaca|Koala|Dolly|Falcon|Copilot|Mistral|BELLE|Assistant)"
)
_MAKERS = (
    r"(?:OpenAI|Open AI|Anthropic|Google|DeepMind|Meta AI|Meta|Facebook|Microsoft|Alibaba|Baidu|Tencent|"
    r"DeepSeek|Mistral AI|Cohere|LAION|Fudan University|Zhipu|xAI|百度|阿里|复旦|腾讯|智谱|深度求索|"
    r"微软|谷歌)"
)
_SELF = (
    r"(?:AI|A\.I\.|artificial intelligence|(?:large |GPT )*language model|chat ?bot|virtual assistant|"
    r"machine learning model|software program|computer program)"
)
_KIND = (
    rf"an? (?:\w+ )?{_SELF}(?:[- ](?:powered|based|driven|trained))?"
    r"(?: (?:large )?(?:language )?(?:model|assistant|chat ?bot|system|program|bot|agent))?"
)
_AS_AN_AI = re.compile(
    rf"\b(?:as|being) {_KIND}(?=[,.;:!?)—–]? I\b|, (?:my|it is not|it['’]s not)\b|,? (?:created|trained|"
    rf"developed) by|[.!])|"
    rf"\bI(?:['’]m| am)(?: (?:just|only|simply|merely|actually|also|still|currently))* {_KIND}"
    r"(?=[,.;:!?)—–]|$| (?:and|so|but|I|who|that|which|with|without|created|trained|developed|designed|"
    r"made|by|here|"
    r"programmed)\b)|"
    r"作为(?:一个|一名|一款)?(?:AI|人工智能|大?型?语言模型|聊天机器人|文本机器人)(?:语言)?(?:模型|助手|"
    r"程序)?(?=[，,。 我])|"
    r"我(?:只|仅仅|仅)?是(?:一个|一名|一款)?(?:由[^，。\n]{1,12}(?:开发|训练|研发)的)?(?:AI|人工智能|大?型?语言模型|聊天机器人)",
    re.IGNORECASE,
)
_CUTOFF = re.compile(
    r"\b(?:my|the model['’]s) knowledge(?: is)? cut-? ?off|\bknowledge cut-? ?off(?: date)?\b|"
    r"\b(?:as of|up to|until|since|after|beyond) my (?:last|latest|most recent) (?:knowledge |"
    r"training )?(?:update|cut-? ?off|data)|"
    r"\bmy (?:training data|knowledge)(?: \w+)? (?:goes|extends|ends|stops|(?:is|was) (?:limited to|"
    r"current|up to date|last))|"
    r"\bmy training data\b|我的?(?:知识|训练数据)[^。\n]{0,8}(?:截止|截至|更新)",
    re.IGNORECASE,
)
_I_AM = r"(?:\bI(?:['’]m| am)|\b[Mm]y name is|\b[Cc]all me|我是|我叫|我的名字是)"
_SELF_NAME = re.compile(
    rf"{_I_AM} ?(?:just |only |an? |the )*(?:AI |assistant |model |language |chatbot |called |"
    rf"named )*{_MODELS}(?!\w| [A-Z])|"
    rf"{_I_AM} ?(?:called |named )?{_AMBIGUOUS_MODELS}\b(?! [A-Z])"
    r"(?=[^.\n]{0,60}\b(?:AI|model|assistant|trained|developed|created|made)\b)|"
    rf"\b(?:I was|I(?:['’]m| am|['’]ve been| have been)|me)\b[^.!?\n]{{0,60}}?\b(?:trained|developed|"
    rf"created|made|built|"
    rf"designed|programmed)(?: and \w+)? (?:by|at) (?:the )?(?:\w+ (?:at|of) )?{_MAKERS}\b|"
    rf"我[^。\n]{{0,16}}由{_MAKERS}[^。\n]{{0,10}}(?:开发|训练|研发|创建|创造)"
)
_CANDIDATES = matching(
    r"\bAI\b|A\.I\.|GPT|MOSS|Vicuna|Qwen|ERNIE|DeepSeek|ChatGLM|Bing Chat|(?i:Open ?A|Anthropic|"
    r"language model|"
    r"artificial intelligence|chat ?bot|virtual assistant|machine learning model|software program|"
    r"computer program|cut-? ?off|"
    r"my (?:last|latest|most recent|training|knowledge)|an? (?:\w+ )?ai\b)|"
    r"(?:by|at) (?:the )?(?:\w+ (?:at|of) )?(?:Google|DeepMind|Meta|Facebook|Microsoft|Alibaba|Baidu|"
    r"Tencent|Mistral|"
    r"Cohere|LAION|Fudan|Zhipu|xAI)|(?:I['’]m|am|is|me) (?:called |named )?(?:Claude|Bard|Gemini|"
    r"L[lL]a[mM][aA]|Alpaca|Koala|"
    r"Dolly|Falcon|Copilot|Mistral|BELLE|Assistant)|人工智能|语言模型|机器人|通义千问|文心一言|智谱|豆包|星火|我是|我叫|我的|知识|训练|由"
)


def find(text: str) -> Iterator[Span]:
    """Self-descriptions anywhere in one answer.

    `as_an_ai`: as an AI language model, I'm just a chatbot. `knowledge_cutoff`: of its training or knowledge
    date. `self_name`: gives itself a model's name or says by which company it was made.
    """
    yield from spans("as_an_ai", (match.span() for match in _AS_AN_AI.finditer(text)))
    yield from spans("knowledge_cutoff", (match.span() for match in _CUTOFF.finditer(text)))
    yield from spans("self_name", (match.span() for match in _SELF_NAME.finditer(text)))


AI_BOILERPLATE = TextRule(
    Flag("ai_boilerplate", 2, Severity.WARN, View.RESPONSE, CODES, _TEXT),
    lambda turns: turns.by_assistant,
    _CANDIDATES,
    find,
)
