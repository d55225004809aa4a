"""What a prompt is about, by words: the domain most of whose words it uses.

The words are English. A prompt that uses none is `general`, as is what no list knows; of domains with equally
many words the earlier in `DOMAINS` wins, the narrower ones standing first.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analyzers.arrow import pc
from analyzers.task_rules import TASKS, opening

GENERAL = "general"
BACKEND = "words-1"
_TASK_DOMAINS = {"code": "computing", "math": "mathematics", "translation": "language"}

# Stems: a trailing * stands for any further letters.
DOMAINS: Mapping[str, str] = {
    "computing": (
        "python javascript typescript java sql html css react linux git regex xml csv code coding"
        " program programs programming programmer* software hardware computer* algorithm* database*"
        " server* script scripts loops array* strings debug* compile* compiler apps browser* password*"
        " encryption network* router* internet online cloud docker kubernetes bug bugs unit-test* pytest"
        " dataset* machine-learning neural data-science operating-system ram cpu gpu shell endpoint* div"
        " typeerror exception kernel binary linked-list cyber* blockchain bash rust excel spreadsheet*"
        " folder*"
    ),
    "mathematics": (
        "equation* algebra* geometry theorem* fraction* decimal* integer* prime probability derivative"
        " integral triangle* rectangle* circle radius hypotenuse perimeter polynomial* matrix matrices"
        " vector* logarithm* calculus arithmetic square-root divisor* median percent percentage calculate"
        " factorise factorize sequence math maths mathematic* km/h metres cubed parallel perpendicular"
    ),
    "law": (
        "law laws legal lawyer* court courts judge* contract* clause* tenant* landlord* lease liability"
        " plaintiff defendant copyright patent* trademark* statute* lawsuit* verdict* trial habeas"
        " witness* warranty attorney* regulation* gdpr criminal* police prosecut* ruling agreement treaty"
    ),
    "health": (
        "health healthy doctor* patient* medicine* medical medication* drug drugs dosage* disease*"
        " symptom* diabetes cancer vaccine* vaccination virus* bacteri* hospital* nurse* therapy"
        " therapist* diet diets nutrition* exercise* workout* fitness sleep insomnia pain headache*"
        " surgery mental anxiety depression allerg* dehydration caffeine pregnan* tablets syrup injur*"
        " muscle* sunburn* push-up*"
    ),
    "science": (
        "science scientific scientist* physics chemi* biolog* atom* molecule* electron* gravity planet*"
        " galaxy universe moon* mars telescope* experiment* hypothesis evolution dna gene genes genetic*"
        " cell cells photosynthesis plant plants animal animals species bird birds bees insect* fish"
        " mammal* volcano* earthquake* climate weather ocean* tide tides magnet* temperature kelvin"
        " celsius boiling melting acid acids carbon ecosystem* dinosaur* fossil* water-cycle lichen* sky"
        " relativity quantum"
    ),
    "history": (
        "history historical century centuries ancient medieval empire* emperor* king kings queen* war"
        " wars battle revolution roman viking* napoleon cleopatra treaty pharaoh* dynasty colonial"
        " civilization berlin-wall titanic castle* hanseatic world-war monarchy archaeolog* wwii"
    ),
    "food": (
        "food foods cook cooking cooked recipe* ingredient* bake baking baked bread rice pasta soup dish"
        " dishes meal meals dinner lunch breakfast restaurant* menu menus chef vegetarian vegan"
        " vegetable* fruit* cheese meat chicken egg eggs cake cakes flour sugar salt spice* sauce tea"
        " coffee wine beer snack* fennel eggplant waiter picnic dough kitchen allergen* oven"
    ),
    "travel": (
        "travel* trip trips tourist* tourism hotel* flight* airport* itinerary holiday* vacation* visit"
        " visiting capital city cities country countries island* mountain* rivers beach* station ferry"
        " passport luggage sightseeing honeymoon camper europe asia africa geograph* guide road-trip"
        " camping taxi ticket* booking"
    ),
    "business": (
        "business* company companies startup* market marketing customer* client* sales sale product"
        " products brand* employee* employer* manager* job jobs resume cv cover-letter salary office"
        " meeting* invoice* budget* finance* financial investment* invest stock stocks prices profit*"
        " revenue tax taxes bank* inflation economy economic* interest loan* supplier* advert* slogan"
        " press-release linkedin newsletter podcast stakeholder* order rent workplace colleague* expenses"
        " euros dollars shares currency expense*"
    ),
    "arts": (
        "poem* poetry poet* haiku limerick stories novel* tale tales fairy fiction* character characters"
        " plot author* film* movie* song songs lyrics music* band jazz piano painting* painter* art arts"
        " artist* theatre theater drama stage actor* sculpture sonnet shakespeare hamlet verse narrator"
        " detective pirate wizard dragon* bard photograph* dance dancing literature literary magical"
        " realism mural joke* sherlock fable* documentar* ghost*"
    ),
    "leisure": (
        "sport* football soccer basketball tennis volleyball chess game games player* marathon running"
        " race racing hobby hobbies parties birthday garden* gardening pet pets bicycle bike cycling"
        " hiking swim* gym fishing knitting puzzle* quiz toy toys camping tournament coach picnic"
        " flatmate* choir costume weekend adventure"
    ),
    "language": (
        "grammar grammatical* verb verbs noun nouns adjective* adverb* pronoun* spelling punctuation"
        " tense translate translation translat* synonym* antonym* paraphrase passive english french"
        " german spanish italian portuguese dutch japanese chinese mandarin korean russian turkish arabic"
        " hindi latin greek polish swedish vocabulary pronunciation idiom* dictionary underlined"
        " translator"
    ),
    "society": (
        "government* politic* election* vote* voting democracy parliament mayor law-making citizen*"
        " society social school* student* teacher* classroom homework education* university college exam*"
        " lesson* curriculum children parents family religion* church* culture* community village town"
        " council news protest immigration poverty equality gender environment* pollution recycl* waste"
        " charity volunteer* debate* cyclists playground neighbour* semester*"
    ),
}


def _pattern(words: str) -> str:
    """An expression for any of the words; a hyphen stands for a hyphen or a space."""
    stems = (word.replace("-", "[- ]").replace("*", r"\w*") for word in words.split())
    return rf"(?i)\b(?:{'|'.join(stems)})\b"


def domain_labels(prompts: pa.LargeStringArray, tasks: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The domain of each prompt as its place in `(*DOMAINS, "general")`.

    `tasks` are its `task_labels`: code, mathematics and translation speak for their domain like a word.
    """
    heads = opening(prompts)
    counts = np.stack([_count(heads, words) for words in DOMAINS.values()])
    for task, domain in _TASK_DOMAINS.items():
        counts[list(DOMAINS).index(domain)] += tasks == list(TASKS).index(task)
    found: npt.NDArray[np.int64] = np.where(counts.any(axis=0), counts.argmax(axis=0), len(DOMAINS))
    return found


def _count(texts: pa.LargeStringArray, words: str) -> npt.NDArray[np.int64]:
    counts: npt.NDArray[np.int64] = (
        pc.count_substring_regex(texts, _pattern(words)).to_numpy().astype(np.int64)
    )
    return counts
