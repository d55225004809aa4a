"""Root verb and object noun of a prompt without a parser: word lists, openers stripped, suffix rules.

The first sentence is read from the left. The verb is, in this order: a base form of the list that opens the
sentence; one that opens a clause behind a comma, "and" or "to"; one behind an auxiliary and its subject, or a
pronoun; an inflected form. The noun is the last word of the run of words after the verb that no function word
breaks. English only.
"""

from __future__ import annotations

import re
from functools import cache

BACKEND = "lexicon-1"

Pair = tuple[str | None, str | None]


def _words(block: str) -> frozenset[str]:
    return frozenset(block.split())


_VERBS = _words("""
accept achieve act adapt add address adjust advise affect aggregate agree allocate analyse analyze annotate
announce answer apologize apply appreciate argue arrange articulate ask assemble assess assign assume attach
attempt attend avoid bake balance become begin believe belong boil book boost borrow brainstorm break bring
build buy calculate call cancel capture carry cast categorise categorize cause celebrate change characterize
chat check choose cite clarify classify clean close code collaborate collect combine come comment
communicate compare compile complete compose compress compute conclude condense conduct configure confirm
connect consider construct contact contain continue contrast contribute convert convince cook copy correct
cost count craft create criticize critique customize cut dance deal debug decide declare decode deduce
define delete deliver demonstrate deploy derive describe design detect determine develop devise diagnose die
differentiate digest discover discuss display distinguish divide do download draft draw dream drive earn eat
edit elaborate eliminate emphasize encode encourage end enhance enjoy ensure enter enumerate envision
establish estimate evaluate examine execute exercise expand explain explore export express extend extract
factor factorise fall feel fetch figure fill filter finalize find finish fit fix focus follow force forecast
form format formulate found free gather generate get give go grade grow guess guide handle happen have help
highlight hold identify illustrate imagine impact implement imply import improve include incorporate
increase indicate infer inform insert inspect install integrate interpret introduce invent invest
investigate invite invoke join judge justify keep know label last laugh launch lay lead learn leave lend let
limit link list listen live locate look lose love maintain make manage mark match matter mean measure meet
memorize mention merge minimize mix modify move multiply name need negotiate normalize note notify observe
obtain offer open optimise optimize order organise organize outline output paint paraphrase parse
participate pay perform persuade phrase pick plan play plot point power predict prefer prepare present
pretend prevent print prioritize process produce program promote prompt proofread propose prove provide
publish pull purchase put quote raise rank rate reach read rearrange recap receive recognise recognize
recommend reconstruct record recreate reduce refactor reference refine reflect reformat reformulate reframe
refute register release remember remind remove rename render reorder repair repeat rephrase replace reply
report represent request research resolve respond restate restructure retell retrieve return reuse reverse
review revise rewrite rhyme round run sail save say scan schedule search see select sell send separate serve
set share shorten shout show simplify simulate sing sit sketch sleep smile solve sort speak specify spell
spend split stand start state stay stop store structure study submit substitute subtract suggest sum
summarise summarize supply support suppose swim switch synthesize take talk teach tell test think track
train transcribe transform translate travel treat trim try turn type uncover understand unscramble update
upload use validate verify view visit visualize wait walk want watch wear win wish word work write
""")
_NO_NOUN = _words("""
a an the this that these those my your his her its our their some any each every all both no another other
such i you he she it we they me him us them myself yourself something anything everything nothing someone
anyone what who whom whose which where when why how whether if than as because while until though although
unless since and or but nor so then yet not also very more most less least much many few several enough
only just even still of in on at to for from by with without about into onto over under between among
through during before after above below across against along around behind beside beyond near off out up
down within per via like toward towards upon is are was were be been being am do does did has have had
having can could will would shall should may might must one two three four five six seven eight nine ten
there here now today please well again always never often back away together first
""")
_BEFORE_NOUN = _words("""
a an the this that these those my your his her its our their some any each every no another of in on at by
with about into for next good new best main short long detailed simple more most
""")
_CLAUSE = _words(", : ; - – — and to please then let's")
_AUXILIARY = _words("can could will would shall should may might must do does did don't doesn't didn't")
_PRONOUN = _words("i you we they who")
_ASKING = _words("what which who whom whose when where why how is are was were am if")
_PARTICLES = _words("up out off down on over away back forward")
_IRREGULAR_VERBS = """
became become began begin bought buy brought bring built build caught catch chose choose came come drew
draw drove drive ate eat fell fall felt feel found find flew fly gave give given give got get went go gone
go grew grow had have has have held hold kept keep knew know known know led lead left leave lent lend lost
lose made make meant mean met meet paid pay ran run said say saw see seen see sent send set set shown show
sold sell spent spend spoke speak stood stand taken take took take taught teach told tell thought think
understood understand won win wore wear wrote write written write wrapped wrap planned plan stopped stop
"""
_DETERMINERS = _words("""
a an the this that these those my your his her its our their some any each every all both no another other
such one two three four five six seven eight nine ten few several many more most
""")
_INDIRECT = _words("me us him them you")
_OPENER = re.compile(
    r"(?:(?:please|kindly|hi|hello|hey|now|then|okay|ok|so|and|thanks"
    r"|(?:can|could|would|will) you(?: please| help me(?: to)?)?|i (?:want|need|would like) you to"
    r"|i'd like you to"
    r"|(?:can|could) (?:i|we)|your task is to|you (?:will|should|must|need to|have to|are asked to|are to)"
    r"|i (?:want|need|would like) to|help me(?: to)?|let's|let us|try to|in this task,?|your job is to"
    r"|how (?:do|can|should|would|could) (?:i|you|we|one)|how to"
    r"|what (?:do|can|should|would) (?:i|you|we))[\s,:]+)+",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^\n.?!]*(?:[.?!](?=\S)[^\n.?!]*)*")
_TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d+|[^\w\s]")
_IRREGULAR = {
    "children": "child",
    "people": "people",
    "men": "man",
    "women": "woman",
    "criteria": "criterion",
    "lives": "life",
    "analyses": "analysis",
    "data": "datum",
    "series": "series",
    "news": "news",
}
_MAX_TOKENS = 40


def root_verb_noun(text: str) -> Pair:
    """The lemmas of the root verb and of its object noun in the first sentence; None where there is none.

    >>> root_verb_noun("Could you please write a short poem about the sea?")
    ('write', 'poem')
    >>> root_verb_noun("What is the capital of Mongolia?")
    (None, None)
    """
    sentence = first_sentence(text)
    opener = _OPENER.match(sentence)
    tokens = _TOKEN.findall(sentence[opener.end() if opener else 0 :].lower())[:_MAX_TOKENS]
    place = _verb_place(tokens)
    if place is None:
        return None, None
    token = tokens[place]
    verb = token if token in _VERBS else _inflected()[token]
    return verb, _object(tokens[place + 1 :])


def _verb_place(tokens: list[str]) -> int | None:
    """Where the verb stands; None where there is none that the rules know."""
    verbs = _VERBS
    if not tokens:
        return None
    if tokens[0] in verbs and not (tokens[0] in _AUXILIARY and tokens[1:2] and tokens[1] in _PRONOUN):
        return 0
    if tokens[0] not in _ASKING | _AUXILIARY | _PRONOUN:
        for place in range(1, len(tokens)):
            if tokens[place - 1] in _CLAUSE and tokens[place] in verbs:
                return place
    for place, token in enumerate(tokens):
        if token in verbs and token not in _AUXILIARY and _has_subject(tokens, place):
            return place
    for place, token in enumerate(tokens):
        if token in _inflected() and (not place or tokens[place - 1] not in _BEFORE_NOUN):
            return place
    return None


def _has_subject(tokens: list[str], place: int) -> bool:
    """Whether a base form at `place` follows a pronoun, or an auxiliary at most four words before."""
    before = tokens[max(place - 5, 0) : place]
    if not before or before[-1] in _BEFORE_NOUN or before[-1].isdigit():
        return False
    return before[-1] in _PRONOUN or not _AUXILIARY.isdisjoint(before)


@cache
def _inflected() -> dict[str, str]:
    """Third person and past forms of the verbs of the list, and of some irregular ones."""
    forms: dict[str, str] = {}
    for verb in sorted(_VERBS):
        stem = verb[:-1] if verb.endswith("e") else verb
        if verb.endswith("y") and verb[-2] not in "aeou":
            forms |= {f"{verb[:-1]}ies": verb, f"{verb[:-1]}ied": verb}
        else:
            ending = "es" if verb.endswith(("s", "x", "z", "ch", "sh", "o")) else "s"
            forms |= {f"{verb}{ending}": verb, f"{stem}ed": verb}
    irregular = _IRREGULAR_VERBS.split()
    forms |= dict(zip(irregular[::2], irregular[1::2], strict=True))
    return {form: verb for form, verb in forms.items() if form not in _AUXILIARY}


def first_sentence(text: str) -> str:
    """The first sentence of a text, or its first line where that ends earlier, without its end mark."""
    match = _SENTENCE.match(text.lstrip())
    return match[0] if match else ""


def _object(tokens: list[str]) -> str | None:
    """The head of the first noun phrase: the last word before a function word or a mark."""
    place = 0
    while place < len(tokens) and tokens[place] in _PARTICLES | _INDIRECT:
        place += 1
    while place < len(tokens) and (tokens[place] in _DETERMINERS or tokens[place].isdigit()):
        place += 1
    head = None
    while place < len(tokens):
        token = tokens[place]
        if token in _NO_NOUN or not token[0].isalnum() or (head and _ends_phrase(token)):
            break
        head = token
        place += 1
    return singular(head) if head and not head.isdigit() and not head.endswith("ly") else None


def _ends_phrase(token: str) -> bool:
    """Whether a word after a noun is rather a participle or an adverb than a further noun."""
    return token.endswith(("ly", "ing", "ed")) and len(token) > 4


def singular(noun: str) -> str:
    """The singular of a noun by its ending.

    >>> [singular(noun) for noun in ("stories", "boxes", "lists", "classes", "analysis", "bus")]
    ['story', 'box', 'list', 'class', 'analysis', 'bus']
    """
    if noun in _IRREGULAR:
        return _IRREGULAR[noun]
    if noun.endswith("ies") and len(noun) > 4:
        return noun[:-3] + "y"
    if noun.endswith(("sses", "xes", "ches", "shes", "zzes")):
        return noun[:-2]
    if noun.endswith("s") and not noun.endswith(("ss", "us", "is", "ous")) and len(noun) > 3:
        return noun[:-1]
    return noun
