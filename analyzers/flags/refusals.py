"""Flag `refusal`: answers that open by declining the task, in English and ten other languages."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyarrow as pa

from analyzers.arrow import pc
from analyzers.flags.rule import Flag, Mask, Severity, Span, TextRule, matching, spans
from analyzers.views import View

OPENING_CHARS = 200
CODES = ("inability", "policy", "apology", "not_appropriate")
_TEXT = "the answer opens by declining the task"

# What is declined. "I can't wait" or "I cannot express my gratitude" open letters and poems, not refusals.
_TASK = (
    r"(?:access|advise|analy[sz]e|answer|assist|authenticate|browse|carry out|classify|comment|"
    r"complete|comply|"
    r"condone|confirm|create|detect|determine|discuss|display|do (?:that|this|so|it)|draw|edit|"
    r"encourage|endorse|"
    r"engage|evaluate|execute|fulfil|generate|give (?:you|out|any|an?|advice|medical|legal)|go into|guess|"
    r"help (?!but)|identify|interact|make (?:a|an|any|that|this|jokes|recommend)|open (?:the|your|any|"
    r"links?)|"
    r"participate|perform|play|predict|process|produce|promote|provide|read (?:the|your|or)|recommend|"
    r"respond|"
    r"say (?:that|anything)|search|see (?:the|any|your|images)|share (?:that|any|this|personal)|"
    r"speculate|suggest|"
    r"summari[sz]e|support|take part|talk about|tell you|translate|verify|view|watch|write)"
)
_ADVERB = (
    r"(?:really |actually |simply |also |currently |still |just |directly |physically |"
    r"in good conscience,? )*"
)
_NOT_ABLE = (
    r"(?:can(?:no|['’])t|can not|(?:am|['’]m) (?:\w+ )?(?:unable|not able) to|won['’]t|will not|"
    r"(?:am|['’]m) not (?:capable of|equipped to|qualified to|trained to|designed to)|"
    r"do(?:n['’]t| not) have (?:the (?:ability|capability|capacity)|access|permission|any way) (?:to )?)"
)
_INABILITY = (
    rf"\bI ?{_ADVERB}{_NOT_ABLE} ?{_ADVERB}(?:to )?{_TASK}\b|"
    r"\b(?:GPT|language|AI) model(?: like me)?(?: that)? (?:cannot|can['’]t|is (?:unable|not able|"
    r"not capable))|"
    r"\b(?:cannot|can['’]t) be \w+ed by (?:an? |the )?(?:GPT|AI|language)|"
    r"\bI(?: do(?:n['’]t| not) have|['’]m without) (?:\w+ )?(?:the ability|the capability|access) to\b"
)
_SORRY = r"(?:sorry|afraid|apologi[sz]e|apologies|unfortunately|regret)"
_APOLOGY = (
    rf"\A\W*(?:[\w'’]+[,.!…]* ){{0,4}}?{_SORRY}\b(?! (?:to (?:hear|inform)|"
    rf"for your))[^!?\n]{{0,70}}?\b(?:I|we) ?{_ADVERB}{_NOT_ABLE}"
    r"(?! (?:\w+ ){{0,3}}(?:imagine|believe|wait|express|attend|make it|come|join|stop|find|remember))"
)
_POLICY = (
    r"\b(?:against|violat\w+|contrary to|not (?:in line|consistent) with) (?:my|our|OpenAI['’]s|"
    r"the (?:content|usage|use))"
    r" (?:\w+ ){0,2}(?:programming|polic(?:y|ies)|guidelines|principles|values|terms|rules|code of)|"
    r"\bmy (?:programming|guidelines|polic(?:y|ies)|training|principles|rules)(?: \w+)?"
    r" (?:prohibits?|forbids?|prevents?|do(?:es)?(?:n['’]t| not) (?:allow|permit))|"
    r"\bI(?: am|['’]m) not (?:programmed|allowed|permitted|supposed|authorized) to\b"
)
_NOT_APPROPRIATE = (
    r"\b(?:it|that|this)(?:(?: (?:is|would)n['’]t(?: be)?| would not be|(?:['’]s| is)(?: \w+)? not)(?: \w+)?"
    r" (?:appropriate|ethical|acceptable)|"
    r"(?:['’]s| is| would be|['’]d be)(?: \w+)? (?:unethical|inappropriate))(?: or \w+)?"
    rf" (?:for me to\b|to {_TASK}\b)|"
    r"\bI (?:must|have to|will have to|need to|['’]ll have to|would) (?:\w+ )?(?:decline|refuse)\b|"
    r"\bI (?:\w+ )?(?:decline|refuse) to (?:answer|help|assist|write|provide|do|take part|participate)|"
    r"\bI(?: am|['’]m) not comfortable|\bI do(?:n['’]t| not) feel comfortable|\bI(?:['’]d|"
    r" would) (?:rather|prefer) not\b|"
    r"\bI do(?:n['’]t| not) (?:think I should|want to (?:help|talk about|answer|say that))"
)
_OTHER_APOLOGY = (
    r"(?:抱歉|对不起|不好意思|很遗憾)[^。！？\n]{0,40}(?:无法|不能|没有办法|没办法|没有能力|不具备)|"
    r"\b(?:lo siento|lamento|disculpa)\b[^.!?\n]{0,40}\bno (?:puedo|podemos|soy capaz|me es posible|"
    r"tengo acceso)|"
    r"\b(?:désolée?|je regrette|je m['’]excuse)\b[^.!?\n]{0,50}\bje ne (?:peux|suis pas|dispose)|"
    r"\b(?:tut mir leid|entschuldigung|leider)\b[^.!?\n]{0,40}\b(?:kann ich|"
    r"ich kann)\b[^.!?\n]{0,60}\bnicht\b|"
    r"\b(?:desculpe|sinto muito|lamento)\b[^.!?\n]{0,40}\bnão (?:posso|consigo|sou capaz|tenho acesso)|"
    r"\b(?:mi dispiace|mi scuso)\b[^.!?\n]{0,40}\bnon (?:posso|sono in grado|ho accesso)|"
    r"(?:申し訳|すみません)[^。\n]{0,40}(?:できません|できかねます|お答えできない)|"
    r"죄송[^.\n]{0,50}(?:수 없|드릴 수 없|불가능)|"
    r"(?:извините|простите|к сожалению)[^.!?\n]{0,40}(?:не могу|не в состоянии|не имею доступа)|"
    r"(?:üzgünüm|maalesef|özür dilerim)[^.!?\n]{0,70}(?:yapamam|edemem|veremem|olamam|amıyorum|"
    r"emiyorum|yardımcı olamam)"
)
_OTHER_INABILITY = (
    r"(?:作为|我是)(?:一个|一名|一款)?[^，。\n]{0,8}(?:AI|人工智能|语言模型|机器人)[^。！？\n]{0,24}(?:无法|不能|没有能力|不具备|不会)|"
    r"我(?:目前|暂时|并|也)?(?:无法|不能|没有办法|没办法)(?:直接|为您|为你|向您|向你|给您|给你|准确)*"
    r"(?:提供|回答|协助|帮助|满足|执行|完成|生成|访问|查看|获取|评价|评估|处理|创建|进行|判断|确定)|"
    r"\bcomo (?:una? )?(?:IA|inteligencia artificial|modelo de lenguaje)[^.\n]{0,40}\bno (?:puedo|tengo)|"
    r"\ben tant qu['’e] ?(?:une? )?(?:IA|intelligence artificielle|"
    r"modèle de langage)[^.\n]{0,40}\bje ne (?:peux|suis)|"
    r"\bals (?:eine? )?(?:KI|künstliche intelligenz|sprachmodell)[^.\n]{0,40}\bkann ich\b"
)
_OTHER_POLICY = r"(?:违反|不符合)(?:了)?(?:我|我们|OpenAI)(?:的)?(?:使用)?(?:政策|规定|准则|原则|编程)"

_PATTERNS = tuple(
    (code, re.compile(pattern, re.IGNORECASE))
    for code, pattern in (
        ("inability", _INABILITY),
        ("inability", _OTHER_INABILITY),
        ("policy", _POLICY),
        ("policy", _OTHER_POLICY),
        ("apology", _APOLOGY),
        ("apology", _OTHER_APOLOGY),
        ("not_appropriate", _NOT_APPROPRIATE),
    )
)
# Letters, quotations, verses and scripts decline in somebody else's name.
_SPEAKS_FOR_OTHERS = re.compile(
    r"\s*(?:dear\b|to whom|subject\b|hi \w|hey\b|[\"“«「]|verse|title|\[|(?!sorry|"
    r"answer)[\w ]{1,20}:\s|尊敬|亲爱)",
    re.IGNORECASE,
)
_CANDIDATES = matching(
    r"(?i)can(?:no|['’])t|can not|un ?able|not (?:able|capable|equipped|qualified|trained|designed|"
    r"programmed|allowed|"
    r"permitted|supposed|authorized|appropriate|ethical|acceptable|comfortable|have|feel|think|want)|"
    r"won['’]t|will not|"
    r"n['’]t (?:have|feel|think|want)|inappropriate|unethical|acceptable|appropriate|ethical|declin|"
    r"refuse|rather not|"
    r"prefer not|without|against|violat|contrary|consistent|in line|prohibit|forbid|prevent|"
    r"my \w+ (?:\w+ )?do|"
    r"sorry|afraid|apolog|regret|unfortunately|siento|lament|disculp|désol|excuse|leid|leider|entschuldig|sinto|"
    r"desculp|dispiace|scuso|como|tant qu|als |抱歉|对不起|不好意思|遗憾|作为|我|违反|不符合|申し訳|"
    r"すみません|죄송|извините|"
    r"простите|сожалению|üzgünüm|maalesef|özür"
)


def candidates(texts: pa.LargeStringArray) -> Mask:
    """Texts whose opening holds a word that some refusal needs."""
    return _CANDIDATES(pc.utf8_slice_codeunits(texts, 0, OPENING_CHARS))


def find(text: str) -> Iterator[Span]:
    """Refusals in the first 200 characters of one answer.

    `inability`: I cannot do the task. `policy`: rules or programming forbid it. `apology`: sorry, and I
    cannot. `not_appropriate`: it would not be right, or I would rather not. An opening may have several.
    """
    opening = text[:OPENING_CHARS]
    if _SPEAKS_FOR_OTHERS.match(opening):
        return
    for code, pattern in _PATTERNS:
        yield from spans(code, (match.span() for match in pattern.finditer(opening)))


REFUSAL = TextRule(
    Flag("refusal", 1, Severity.WARN, View.RESPONSE, CODES, _TEXT),
    lambda turns: turns.by_assistant,
    candidates,
    find,
)
