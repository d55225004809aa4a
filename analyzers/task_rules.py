"""What kind of task a prompt sets, by rules: expressions over the opening and the end of the prompt.

The rules know English openings and a few words of other languages; whatever none of them knows is `other`.
Several may fire; the first in the order of `TASKS` is the task. What a prompt plays or is given to work with
comes first, as it changes what the rest means; after it the narrow before the wide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analyzers.arrow import pc

OTHER = "other"
HEAD_CHARS = 400
TAIL_CHARS = 160
BACKEND = "rules-1"

_LANGUAGE = (
    r"(?:english|french|german|spanish|italian|portuguese|dutch|swedish|danish|norwegian|finnish|polish|czech"
    r"|russian|ukrainian|greek|turkish|arabic|hebrew|persian|farsi|hindi|urdu|bengali|tamil|telugu|chinese"
    r"|mandarin|cantonese|japanese|korean|vietnamese|thai|indonesian|malay|latin|swahili|hungarian|romanian)"
)
_NUMBER = r"(?:\d+|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty)"
_SOURCE = (
    r"(?:passage|text|article|paragraph|context|document|documentation|report|table|story|excerpt|email|letter"
    r"|contract|lease|leaflet|biography|recipe|timetable|information|sentence|conversation|dialogue|review|data"
    r"|experiment|statement|tweet|abstract|rules|policy|clause|notes?|description|press release|figures|advert|study|speech"
    r"|premises|transcript|review|interview|memo|chapter|scene|summary|source|graph|chart|list)"
)
_POLITE = (
    r"(?:(?:please|kindly|can you|could you|would you|will you|i need you to|i want you to|i(?:'d| would) like"
    r" you to|your task is to|help me(?: to)?|let's|now|then|briefly|try to)[,:]?\s+)*"
)
# Where an order may begin: at the start, after a mark or after "and", politeness left aside.
_ORDER = rf"(?:\A\W*|[.,:;!?\n]['\"”)]*\s*|\band\s+){_POLITE}"


def _order(verbs: str) -> str:
    return rf"{_ORDER}(?:{verbs})"


def _any(*patterns: str) -> str:
    return "(?i)" + "|".join(f"(?:{pattern})" for pattern in patterns)


@dataclass(frozen=True, slots=True)
class Rule:
    """A task is set where `pattern` matches and `unless` does not."""

    pattern: str
    unless: str | None = None


TASKS: Mapping[str, Rule] = {
    "tool_use": Rule(
        _any(
            r"\byou (?:have|can use|may use|are given|can run|can call)\b[^.\n]{0,60}\b(?:tools?|functions|apis?)\b",
            r"\b(?:available|following|provided|given|listed) (?:tools?|functions?|apis?|endpoints?)\b",
            r"\b(?:function|tool) calls?\b|\bapi endpoints?\b|\bopenapi\b|<tools?>|<functions?>",
            r"\b(?:use|using|invoke|calling|call|with) the (?:\w+ ){0,3}(?:tools?|api)\b",
            r"\b(?:calling|call|invoke) the (?:\w+ ){0,3}function\b|\buse the \w+_\w+ function\b",
            r"\baccess to (?:a|an|the|these)?\s?(?:\w+ )?(?:tools?|functions?|apis?)\b|\b(?:functions|tools) (?:below|you can)\b|\bcall \w+_\w+\b",
            r"\bwhich (?:of the )?(?:tools|functions)\b|\bwith the tools?\b|\bsearch the web\b|\bbrowse the web\b",
            r"\"(?:parameters|arguments)\"\s*:\s*\{|\A\W*tools?\s*:|\bvia the (?:\w+ )?api\b|\bwith \w+_\w+ available\b",
            r"\A\W*(?:please )?set (?:an?|my) (?:timer|alarm|reminder)\b|\bplugins?\b.*\b(?:call|triggered)\b|\busing \w+_\w+\b",
        )
    ),
    "roleplay": Rule(
        _any(
            r"\bact as\b|\bpretend (?:to be|you|that you|i am)|\bimagine (?:that )?you(?:'re| are| were) (?:an?|the|[a-z]+ing as)\b|\bimagine yourself\b",
            r"\b(?:play|assume|take on|adopt|embrace|embody) the (?:role|persona|part|character)\b|\brole[- ]?play",
            r"\A\W*you(?:'re| are) (?:now )?(?:a|an|the)\b|\byou will be (?:a|an|the|my)\b|\bfrom now on,? you",
            r"\b(?:speak|talk|respond|answer|reply|write) (?:like|as if you|as though you)\b|\bas if you were\b",
            r"\bsimulate (?:a|the) (?:conversation|dialogue)\b|\blet's play\b|\btext adventure\b|\binteractive story\b",
            r"\bpicture yourself\b|\bnow you are\b|\bsuppose you(?:'re| are) (?:an?|the)\b|\bif you were an?\b",
            r"\A\W*as an? (?:[\w-]+ ){1,4}?,? ?(?:what|how|describe|explain|tell|write)\b|\byourself as an?\b",
            r"\bstay in character\b|\blet's practi[cs]e\b|\bi(?:'ll| will) be\b.*\byou(?:'ll| will)? be\b|\byou are my\b",
            r"\A\W*you(?:'re| are) (?-i:[A-Z])|\bin the voice of\b|\b(?:chat|talk) (?:with|to) me (?:as|like)\b|\A\W*be my\b",
        ),
        _any(
            r"\byou(?:'re| are) an? (?:\w+ ){0,3}(?:assistant|ai|chatbot|language model|translator|summari[sz]er)\b"
        ),
    ),
    "code": Rule(
        _any(
            r"\bdivs?\b|\bclass (?-i:[A-Z])\w+|\b(?:let|var|const) and (?:let|var|const)\b|\bduplicate rows\b|\bpull request\b",
            r"\b\w+Exception\b|\bfor \w+ in range|\bint \w+\(|\bdockerfile\b|\b(?:android|ios|web|mobile) app (?:that|with|which|crash|start)",
            r"\b(?:csv|json|xml|text|log) files?\b[^.\n]{0,40}\b(?:memory|line by line|parse|load)|\btime complexity\b|\bbrowser game\b",
            r"\b(?:two|a|an) (?:dictionar(?:y|ies)|arrays?|hash ?maps?|strings?) (?:so that|in place|by key|without)|\bport this to\b",
            r"```|Traceback \(most recent|\b\w+Error:|#include|console\.log|\bprint\(|\bdef \w+\(|\bclass \w+[:({]",
            r"\bconst \w+ =|\bfunction \w+\(|\bselect\b.{1,80}\bfrom \w+|</\w+>|\bundefined is not\b|=>",
            r"\b(?:python|java|javascript|typescript|golang|kotlin|php|sql|mysql|bash|html|css|matlab|pandas|numpy"
            r"|django|flask|node\.?js|pytest|jquery|powershell|arduino|verilog)\b|\bc\+\+|\bc#|\breact (?:app|comp|hook)",
            r"\brust (?:program|function|code)|\bregular expressions?\b|\bregex\b|\bshell script|\bexcel formula\b",
            r"\b(?:write|create|implement|build|develop|make|design)\b[^.\n]{0,40}\b(?:function|program|script"
            r"|algorithm|code|query|unit tests?|webpage|web page|web app|data structure)\b",
            r"\b(?:source code|code snippet|this code|the code|following code|debug|refactor|compiler?"
            r"|linked list|binary search|binary tree|unit tests?|stack trace|segmentation fault|spreadsheet formula"
            r"|git \w+|linux|ubuntu|localhost|port \d+)\b|`[^`\n]+`",
        ),
        _any(r"\bscript for (?:an? |the )?(?:\w+ )?(?:video|podcast|play|film|movie|episode|short|advert)\b"),
    ),
    "math": Rule(
        _any(
            r"\$[^$\n]*[\\^_=+*/<>][^$\n]*\$|\\(?:frac|int|sqrt|sum|lim|begin\{)",
            r"\d\s*[+*×÷/^]\s*\d+\s*(?:[=?+*×÷/^-]|\z)|\d+\s*[a-z]\s*[+-]\s*\d+\s*=|\b[a-z]\s*=\s*-?\d+x|\d*x\^\d",
            rf"(?:\d|\b{_NUMBER}\b)[^?]*(?:\d|\b{_NUMBER}\b|twice|half|thirds?|quarters?|percent)[^?]*"
            r"\bhow (?:many|much|far|fast|old|long|tall)\b",
            r"\bhow (?:many|much)\b[^?]*\d[^?]*\d[^?]*\?|\bhow many (?:different )?ways\b",
            r"\d[^?]*\bwhat (?:is|was|will be) (?:the|his|her|its|their) (?:new |total |average |final )?(?:\w+ )?"
            r"(?:price|cost|speed|total|average|profit|perimeter|area|volume|age|distance)\b",
            r"\d!|\bis \d+ (?:a )?(?:prime|divisible|even|odd)|\d as an? (?:decimal|fraction|percentage)\b|\b(?:compound|simple) interest\b",
            r"(?:\d[^?\n]*){2}\bwhen will\b|\bmultiply\b|\bround \d|\bfactors of \d",
            r"[×÷²³]|\bfactori[sz]e\b|\b(?:show|prove) that (?:the|every|any|if)\b|\bhis perimeter|\bits perimeter\b",
            r"\d\s*(?:%|percent)[^?]*\b(?:what will|how much|what is)\b",
            r"\b[xyz]\s*[+*/-]\s*[xyz]\s*=|\bexpress \w in\b|\binequalit|\blength of the (?:segment|side)|\d\s*(?:%|percent) of \d",
            r"(?:\d[^?\n]*){2}\b(?:what|how much)\b[^?\n]{0,60}\b(?:cost|pay|length|distance|price|total|interest|tip|share|fifth|sixth)\b",
            r"\baverage of (?:\w+ )?numbers\b|\bhow many different\b|\b(?:recipe|serves)\b[^?]*\d[^?]*\d[^?]*\?",
            r"\bsolve (?:for|the (?:\w+ )?(?:equation|system|inequality))|\bprove that\b",
            r"\b(?:derivative|integral|differentiate|equation|hypotenuse|common (?:divisor|multiple|factor)"
            r"|lowest terms|square root|cube root|prime factor|polynomial|determinant|logarithm|probability (?:of|that)"
            r"|standard deviation|factorial|arithmetic mean|remainder when)\b",
            r"\b(?:calculate|compute|evaluate|simplify|find|work out|determine)\b[^.\n]{0,25}\b(?:value|sum|product"
            r"|difference|area|volume|perimeter|average|mean|median|percentage|probability|expression|distance"
            r"|angle|slope|roots?|gcd|lcm|circumference|factors)\b",
        )
    ),
    "translation": Rule(
        _any(
            r"\btranslat(?:e|es|ed|ing|ion|ions)\b|\bhow (?:do|would|can|to) (?:you |i )?say\b|übersetz|\btradui|\btraduc"
            r"|\btraduz|перевед|翻译|翻譯|번역",
            rf"\bwhat(?:'s| is) the {_LANGUAGE} (?:word|for|translation|term|equivalent)",
            rf"\bmean(?:s)? in {_LANGUAGE}\b|\b{_LANGUAGE} (?:version|translation)\b|\bword-for-word\b",
            rf"{_order('convert|render|put|turn|rewrite|say|write')}\b[^.\n]{{0,60}}\b(?:in|into|to) (?:simple )?{_LANGUAGE}\b",
            rf"\b[a-z]{{2}} ?-> ?[a-z]{{2}}:|\b{_LANGUAGE} equivalents?\b|\bcómo se dice\b|\bwie sagt man\b|\bcomment dit-on\b",
            rf"\bwould an? \w+ say\b|\b(?:say|mean|called|phrase|word)\b[^.\n]{{0,60}}\b(?:in|into) {_LANGUAGE}\b|\binto {_LANGUAGE}\b",
            rf"\bhow (?:do|would|can) (?:i|you|we|one) [^?\n]{{1,60}}\bin {_LANGUAGE}\b|\b{_LANGUAGE} meaning of\b",
            rf"\b(?:render|put|convert)\b[^.\n]{{0,60}}\b(?:in|into|to) (?:\w+ )?{_LANGUAGE}\b",
            rf"\bsay\b[^.\n]{{0,40}}\bin (?:{_NUMBER} )?(?:different )?languages\b",
        )
    ),
    "summarisation": Rule(
        _any(
            r"\bsummari[sz](?:e|es|ing|ation)\b|\bsummary\b|\btl;?dr\b|\bsum up\b|\bgist of\b|\babstract of\b",
            _order("condense|recap|abridge|boil (?:down|this|the)|digest the|give the essence"),
            r"\bshort version\b|\bessence of\b|\bwhat happens in the (?:chapter|story|scene|text)\b|\bfindings in a\b",
            r"\b(?:key|main) (?:findings|arguments|events)\b|\bin short\?|\bplot of\b|\b(?:brief|quick) recap\b|\bdigest of\b",
            rf"\bin (?:one|two|a few) (?:sentences?|words)\b[^.\n]{{0,30}}\b{_SOURCE}\b|\bwhat is this {_SOURCE} (?:about|saying)\b",
            r"\b(?:main|key|central) (?:points?|ideas?|takeaways?|message)\b|\bbrief overview of the\b",
            rf"\bbriefly describe\b[^.\n]{{0,40}}\b{_SOURCE}\b|\bheadline (?:that|for)\b",
        )
    ),
    "extraction": Rule(
        _any(
            _order(
                "extract|pull (?:out )?the|pick out|parse (?:the|this|out)|copy (?:all|every|the)|highlight the"
            ),
            _order(
                r"(?:identify|find|locate|underline) (?:all|every|each|any|the)\b[^.\n]{0,30}"
                r"\b(?:names?|dates?|numbers?|people|places?|nouns?|verbs?|adjectives?|entit\w+|subject|object"
                r"|keywords?|phrases?|words?|cities|countries|mentioned|named)"
            ),
            _order(
                r"(?:list|name|give me|get|return)\b[^.\n]{0,60}\b(?:mentioned|mentions|named (?:in|by)"
                r"|that appear|listed in|from (?:the|this) (?:announcement|text|passage|table|document))"
            ),
            r"\b(?:mentioned|occur|named|appear) in (?:this|the) (?:following )?(?:note|text|passage|newspaper|letter|article)",
            _order(
                r"collect (?:all|every|the)|quote the (?:sentence|line|passage)s?|fill in (?:this|the) form"
            ),
            r"\binto fields\b|\bcount how many times\b|\bgive the [^.\n]{1,80}, one per line\b|\bwho has to do what\b|\bi need the [^.\n]{1,60}, nothing else\b|\bfill in this form\b",
            _order(
                r"(?:list|name|find|retrieve|get|give) (?:all|every|each)(?: of)?(?: the)?\b[^.\n]{0,40}\b(?:in|from|that|who)\b|output the"
            ),
            rf"\bidentify the \w+ in (?:the|this|following)\b|\bas a json object\b|\bwho are the people (?:mentioned )?in\b|\bstated in (?:the|this) {_SOURCE}",
            r"\bkey dates\b|\bnamed entit|\bkeywords from\b|\breturn (?:just|only) the\b|\bstated in\b",
            rf"\Afrom the (?:\w+ )?{_SOURCE}[^.\n]{{0,12}}, (?:give|list|return|write|get)|\bwhich \w+ are used in\b",
        )
    ),
    "reasoning": Rule(
        _any(
            r"\b(?:riddles?|brain ?teasers?|logic puzzle|logical(?:ly)? (?:valid|follow|fallacy|conclu|puzzle)|fallacy"
            r"|deduce|syllogism|odd one out|analog(?:y|ies)\b[^.\n]{0,20}:|knaves?|counterfactual)\b",
            r"\b(?:does it|it) follows? that\b|\bcan (?:you|we|one) (?:conclude|infer)\b|\bargument\b[^.\n]{0,40}\bvalid\b",
            r"\bvalid argument\b|\bassumption\b[^.\n]{0,30}\bargument\b|\bargument rest|\bmust be true\b|\bcannot be telling",
            r"\bcomes? next\b|\bnext (?:number|term|letter) in\b|\bis to \w+ as \w+ is to\b",
            r"\b(?:taller|older|shorter|younger|heavier|faster) than\b.*\bwho is\b|\bsits? (?:left|right|next|between)\b",
            r"\bthink step by step\b|\breason (?:it )?through\b|\bexplain your reasoning\b|\bwhat (?:would happen )?if\b",
            r"\b(?:does not|doesn't) belong\b|\bthird statement\b|\brelationship between \w and \w\b|\bwhat could be the reasons?\b",
            r"\bif (?:all|no|some) \w+ are\b|\ball \w+ are \w+\W.*\bsome\b|\bmissing number\b|\bnumber is missing\b|\bpremises\b",
            r"\b(?:taller|older|shorter|younger|heavier|faster) than \w+\..*\bis \w+ \w+ than \w+\?",
            r"\bwh(?:o|at) am i\b|\bevery \w+ is an? \w+|\bno \w+ (?:is|are) (?:an? )?\w+\b.*\?|\bfill the gap\b|\bwhich weighs more\b",
            r"\bacross (?:a|the) river\b|\bif yesterday\b|\bif today is\b",
        )
    ),
    "classification": Rule(
        _any(
            r"\bclassif(?:y|ies|ication)\b|\bcategori[sz]e\b|\bsentiment\b|\btrue or false\b|\bspam or\b|\bpositive\b.{0,12}\bnegative\b",
            _order(r"(?:label|tag|assign|mark) (?:each|every|the|these|this)"),
            r"\bwhich (?:category|genre|class|label|type|kind) (?:does|do|is|of|are)\b|\banswer with one (?:label|word)\b",
            _order(
                r"(?:determine|decide|tell me|check|detect|identify|judge|say|state|indicate) (?:if|whether)\b"
            ),
            _order(r"(?:group|sort|divide|separate|split) [^.\n]{0,60}\binto\b"),
            _order(
                r"rate the|identify the (?:language|sentiment|tone|genre|type|emotion|topic|category|intent)"
            ),
            r"\bfact or (?:an )?opinion\b|\b(?:reply|answer)(?: with| only)? yes or no\b|\boptions\s*:|\bchoose one\b|\bentail\b",
            r"\bwhich \w+ should (?:get|receive|handle)\b|\bwhich of these (?:\w+ )?(?:are|is)\b|\bon a scale of\b|\bgiven these categories\b",
            r"\A\W*(?:is|are) (?:the|this|a|an|these) [^?\n]{1,90}\b\w+ or (?:an? )?\w+\?|\bsort (?:these|the|this) [^.\n]{1,40} by\b",
            r"\bgrammatically correct\b|\bpredict whether\b|: \w+, \w+,? or \w+\?|\bunder \w+, \w+ or \w+\b|\bpositive or negative\b",
        )
    ),
    "rewriting": Rule(
        _any(
            _order(
                r"rewrite|re-write|rephrase|paraphrase|reword|proof-?read|correct|edit|shorten|polish|restructure"
                r"|reorganize|revise|modify|fix (?:the|this|any|all)|improve (?:the|this|my)"
                r"|simplify (?:this|the (?:clause|sentence|text|paragraph))|replace (?:the|each|all)|combine (?:the|these|two|both)"
                r"|merge the|remove (?:all|the|any|every)|delete (?:all|the)|add (?:punctuation|commas|transitions|a title)"
                r"|change (?:the|this|each)|convert (?:the|this|these|each)|turn (?:this|these|the)|transform (?:the|this)|expand (?:on )?(?:the|this)"
                r"|retell|soften|fix (?:please|it)|take out the|insert|put the (?:words|following)|rearrange|reorder|unscramble|make (?:this|the|these|it|my)\b"
            ),
            r"\b(?:can|could) you (?:soften|fix|polish|rephrase|shorten)\b|\bfix please\b|\bindirect speech\b|\bsame message but\b",
            r"\bin a (?:more|less) (?:formal|polite|casual|informal|friendly|professional)\b",
        )
    ),
    "qa_closed": Rule(
        _any(
            r"\b(?:judging|going) (?:from|by) (?:the|this|these)\b|\b(?:below|above) you(?:'ll)? find\b|\bi paste\b",
            rf"\bin the (?:scene|extract|\w+ )?(?:scene|extract|{_SOURCE}) (?:above|below)\b|\bhere is (?:an|the) (?:extract|excerpt)\b",
            r"\A[^\n]{1,200}\?[ \t]*\n+[^\n]{60,}|\bthe text say\b",
            r"\A\W*[\"“][^\"”]{30,}[\"”]\W[^\n]*\?",
            rf"\b(?:based on|according to|using only|using|with the help of|in) (?:the|this|these) (?:\w+ )?{_SOURCE}\b",
            r"(?:\A|\n)\s*(?:passage|context|article|paragraph|background|document|text)\s*:",
            rf"\bcontext\s*:|{_order('given|read|consider|use|look at|refer to')} (?:the|this) (?:\w+ )?{_SOURCE}\b",
            rf"\bfrom the (?:\w+ )?{_SOURCE}\b|\bthe (?:passage|text|article) (?:says|states)\b|\b{_SOURCE} (?:below|above)\b",
            r"\bprinted below\b|\banswer (?:the|this|each|these) (?:following )?questions?\b",
        )
    ),
    "planning": Rule(
        _any(
            _order(r"(?:plan|schedule|organi[sz]e) (?:a|an|the|my|our)"),
            _order(
                r"(?:create|make|design|develop|draw up|prepare|outline|set up|give me|write|build|draft|provide|suggest"
                r"|propose|come up with|put together)\b[^.\n]{0,50}\b(?:plan|itinerary|schedule|roadmap|timetable"
                r"|agenda|checklist|strategy|milestones|routine|syllabus|curriculum|steps (?:for|to))\b"
            ),
            r"\bweek by week\b|\bhow should i prepare\b|\bput together an? (?:\w+ )?(?:menu|plan|schedule|programme)\b|\bday by day\b|\bin which order should\b|\b(?:packing|shopping|to-do) list\b|\bhow (?:do|can|should) we organi[sz]e\b|\bon which day\b|\bhow should (?:we|i) split\b|\brota\b",
            r"\bwhat has to happen when\b|\blay out an?\b|\bmilestones\b|\borgani[sz]e (?:a|my|our) (?:move|trip|event|party|wedding|day|week)\b",
        )
    ),
    "brainstorming": Rule(
        _any(
            r"\bbrainstorm|\bideas? (?:for|to|about|on)\b|\bany ideas\b|\bwhat could (?:we|i) (?:do|make|cook|use)\b|\bhow might\b",
            r"\bwhat can (?:i|we|you) (?:do|make|cook) with\b|\bcome up with an? (?:\w+ )?(?:title|name|slogan|idea)\b|\bcatchy (?:name|title|slogan)|\bneed an? (?:\w+ )?name\b|\A\W*(?:possible|any) \w+|\bwhich \w+ could\b",
            rf"\A\W*{_NUMBER} (?:\w+ )?(?:projects|ideas|ways|tips|names|titles|examples|reasons|gifts|topics)\b",
            _order(
                r"(?:suggest|recommend|propose|think of|name) (?:me |us |him |her )?(?:some|a few|an?|"
                rf"{_NUMBER}|\w+s)\b"
            ),
            _order(
                rf"(?:come up with|list|give(?: me)?|generate|provide|share|offer|write|create|identify|find)(?: out)? (?:a list of |a few |some |several |possible"
                rf" |at least |examples|a couple of |{_NUMBER} (?:\w+ )?(?:examples|ways|ideas|tips|reasons|names|titles"
                r"|things|uses|benefits|questions|topics|facts|activities|strategies|methods|advantages|types))"
            ),
            rf"{_order('list|give(?: me)?|name|come up with')} {_NUMBER}\b",
            rf"\bwhat are (?:(?:some|a few|{_NUMBER}|the best|the most) )?(?:\w+ )?(?:ways|ideas|tips|things|games|activities|gifts|examples|names|places|hobbies|strategies|methods|steps i|foods|books|movies|films|recipes|topics)\b|\b(?:can|could) you (?:recommend|suggest)\b",
            _order(r"(?:give|provide|list)(?: me)? examples"),
        )
    ),
    "generation": Rule(
        _any(
            _order(
                r"write|compose|draft|create|generate|make up|craft|invent|pen|author|design|produce|construct|develop"
                r"|tell (?:me |us )?an? (?:\w+ ){0,2}(?:story|joke|tale)|continue|finish (?:the|this)|complete the (?:story|poem)"
                r"|come up with|build"
            )
            + r"\b",
            r"\b(?:i need|give me|could you do|i'd like|i want) an? (?:[\w-]+ ){0,3}(?:post|essay|letter|email|speech|poem|story"
            r"|caption|slogan|bio|article|toast|greeting|paragraph|song|script|tweet|review|joke)\b",
            rf"\A\W*(?:(?:an?|{_NUMBER}) )?(?:[\w-]+ )?(?:toast|lines(?: of verse)?|poem|story|haiku|song|essay|speech|limerick|message|note|card|letter) (?:about|for|on|in|to)\b",
            r"\b(?:structure|format) an? (?:\w+ )?(?:formal letter|letter|podcast|script|essay|speech)\b|\bstructure a podcast\b",
            r"\bgo on from here\b|\bonce (?:upon a time|there was)\b",
        )
    ),
    "conversation": Rule(
        _any(
            r"\A\W*(?:hi|hello|hey|good (?:morning|evening|night|afternoon)|thanks?|thank you|bye|goodbye|ok(?:ay)?|cool"
            r"|great|nice to meet|yo|sup|welcome|sorry|yes|no|sure)\b[^\n]{0,60}\z",
            r"\bhow are you\b|\bwhat(?:'s| is) your (?:name|favou?rite|age|hobby)\b|\bhow old are you\b|\bwhat(?:'s| is) up\b",
            r"\bare you (?:a|an|real|human|sentient|alive|happy|okay|there)\b|\bdo you (?:have (?:a|any)|like|love|feel|believe)\b",
            r"\byou there\b|\A\W*(?:lol|haha|merry|happy (?:birthday|new))\b|\band you\?\s*\z|\bdo you ever\b|\A[^?\n\d]{1,60}!+\s*\z|\bwhat do you think (?:about|of)\b|\babout yourself\b",
            r"\bcan we (?:chat|talk)\b|\A\W*(?:i|i'm|i've|my)\b[^?\n]{0,120}\z",
        ),
        _any(r"\bi (?:want|need|would like|'d like|have to|am looking)\b|\bi'd like\b|\bhelp\b|[{}=]"),
    ),
    "qa_open": Rule(
        _any(
            _order(
                r"what|what's|why|who|who's|whom|whose|when|where|which|how|is|are|was|were|do|does|did|can|could|should"
                r"|would|will|has|have|if"
            )
            + r"\b[^\n]*[?？]",
            _order(
                r"explain|describe|define|discuss|compare|contrast|elaborate|tell me|outline|analy[sz]e|name|list|state|identify|evaluate|give|provide|find|what|how|why"
            )
            + r"\b",
            r"[?？]\s*\z|\A\W*(?:do|does|did|is|are|can|what|how|why|who|where|when)\b[^.\n]*\z",
        )
    ),
}


def task_labels(prompts: pa.LargeStringArray) -> npt.NDArray[np.int64]:
    """The task of each prompt as its place in `(*TASKS, "other")`."""
    heads = opening(prompts)
    found = np.full(len(prompts), len(TASKS), np.int64)
    for place, rule in reversed(list(enumerate(TASKS.values()))):
        fires = _matches(heads, rule.pattern)
        if rule.unless:
            fires &= ~_matches(heads, rule.unless)
        found[fires] = place
    return found


def opening(prompts: pa.LargeStringArray) -> pa.LargeStringArray:
    """The first 400 characters of each prompt, and the last 160 where it is longer than both."""
    texts = pc.utf8_trim_whitespace(prompts)
    is_long = pc.greater(pc.utf8_length(texts), HEAD_CHARS + TAIL_CHARS)
    heads = pc.utf8_slice_codeunits(texts, 0, HEAD_CHARS)
    tails = pc.utf8_slice_codeunits(texts, -TAIL_CHARS, 1 << 40)
    cut = pc.binary_join_element_wise(heads, tails, pa.scalar("\n", pa.large_string()))
    shown: pa.LargeStringArray = pc.if_else(is_long, cut, texts)
    return shown


def _matches(texts: pa.LargeStringArray, pattern: str) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)
    return found
