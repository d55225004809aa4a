"""The reference pool: 1,200 prompts we wrote, every form of task over every topic, the same for all datasets.

Measures that ask how a dataset lies among others need something all datasets are held against. The pool is
written, not drawn: it spans tasks and topics evenly, says nothing about what is common in practice, and is
English only.
"""

from __future__ import annotations

import hashlib
from functools import cache

TOPICS: dict[str, tuple[str, ...]] = {
    "computing": (
        "sorting algorithms",
        "a web server written in Python",
        "database indexes",
        "password security",
        "machine learning models",
    ),
    "mathematics": (
        "fractions and percentages",
        "the area of a triangle",
        "probability with two dice",
        "quadratic equations",
        "prime numbers",
    ),
    "science": (
        "photosynthesis in green plants",
        "the gravity of black holes",
        "chemical bonds",
        "earthquakes and plate tectonics",
        "the genetics of inheritance",
    ),
    "health": (
        "sleep and tiredness",
        "the treatment of diabetes",
        "vaccines against influenza",
        "back pain from sitting",
        "a balanced diet for children",
    ),
    "law": (
        "a rental contract",
        "copyright of photographs",
        "the rights of employees",
        "data protection rules",
        "the trial of a theft",
    ),
    "business": (
        "a marketing campaign for a new shop",
        "interest rates and inflation",
        "a job interview",
        "the budget of a small company",
        "customer complaints",
    ),
    "history": (
        "the fall of the Roman Empire",
        "the invention of printing",
        "the Second World War",
        "trade on the Silk Road",
        "the first flight to the moon",
    ),
    "travel": (
        "a weekend in Lisbon",
        "mountain hiking in winter",
        "the rivers of South America",
        "public transport in large cities",
        "packing for a long flight",
    ),
    "arts": (
        "jazz music of the twenties",
        "a novel about two sisters",
        "watercolour painting",
        "a film with an unreliable narrator",
        "stage lighting in the theatre",
    ),
    "food": (
        "baking sourdough bread",
        "vegetarian dinner recipes",
        "growing tomatoes on a balcony",
        "the taste of fermented tea",
        "storing fresh vegetables",
    ),
    "society": (
        "elections and voting systems",
        "school lessons at home",
        "noise between neighbours",
        "renewable energy and climate change",
        "volunteering in a village",
    ),
    "leisure": (
        "training for a marathon",
        "the rules of chess",
        "a birthday party for a friend",
        "keeping a cat in a flat",
        "repairing an old bicycle",
    ),
}

FORMS: tuple[str, ...] = (
    "Explain {} to a beginner in simple words.",
    "Write a short poem about {}.",
    "Write a story in which {} changes somebody's life.",
    "What should everyone know about {}?",
    "Why does {} matter today? Answer in two sentences.",
    "List five questions people ask about {}.",
    "Brainstorm ten unusual ideas for a talk on {}.",
    "Make a plan for four weeks of learning about {}.",
    "Summarize the following article about {} in one paragraph.",
    "Translate this sentence about {} into French.",
    "Rewrite the text about {} so that it sounds more formal.",
    "Correct the spelling and grammar of these notes on {}.",
    "Classify each statement about {} as true or false.",
    "Extract all names, dates and numbers from the passage about {}.",
    "Compare two opposite opinions about {} and say which is better supported.",
    "Write a Python function that stores records about {} in a JSON file.",
    "If half of 120 people know about {} and a third of those teach it, how many teach it?",
    "You are an expert on {}. Talk with me and ask one question at a time.",
    "Draft an email that invites colleagues to a meeting about {}.",
    "Design a quiz with four options a question about {}, with the right answers.",
)


@cache
def reference_prompts() -> tuple[str, ...]:
    """All prompts of the pool, form after form, topic after topic."""
    topics = [topic for group in TOPICS.values() for topic in group]
    return tuple(form.format(topic) for form in FORMS for topic in topics)


@cache
def pool_id() -> str:
    """A name of the pool that changes with its words: `pool-` and eight hexadecimal digits."""
    return f"pool-{hashlib.sha256(chr(10).join(reference_prompts()).encode()).hexdigest()[:8]}"
