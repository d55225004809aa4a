"""The closed vocabularies of the catalogue; each term carries its one-line definition."""

from __future__ import annotations

from enum import StrEnum


class Term(StrEnum):
    """A word from a closed list; `definition` says in one line what it means."""

    definition: str

    def __new__(cls, value: str, definition: str) -> Term:
        """Make the term `value`, which means `definition`."""
        term = str.__new__(cls, value)
        term._value_ = value
        term.definition = definition
        return term


class Kind(Term):
    """Where an entry stands."""

    DATASET = "dataset", "A public dataset of the catalogue."
    SAMPLE = "sample", "A small dataset we wrote ourselves; it ships with the package and works offline."


class Category(Term):
    """How the data came to be: the survey's three pillars; a mixture takes that of most of its content."""

    HUMAN_CRAFTED = "human-crafted", "People wrote or labelled it, or existing labelled sets were integrated."
    DISTILLATION = "distillation", "A stronger model's answers, ratings or conversations were collected."
    SELF_IMPROVEMENT = "self-improvement", "A model learns from its own checked or criticised outputs."


class Method(Term):
    """The step that made the data what it is; earlier steps are visible through `derived_from`."""

    MANUAL_ANNOTATION = "manual-annotation", "People wrote the prompts, the answers or both."
    DATASET_INTEGRATION = (
        "dataset-integration",
        "Existing labelled datasets were turned into instructions with templates or light conversion.",
    )
    AGGREGATION = (
        "aggregation",
        "Several instruction datasets were put together as one mixture, with or without weights.",
    )
    USER_LOGS = "user-logs", "Real conversations between users and a deployed model."
    WEB_EXTRACTION = (
        "web-extraction",
        "Question-answer pairs, threads, exams, commits or pages were taken from public sites.",
    )
    HUMAN_PREFERENCE = "human-preference", "People ranked or rated two or more answers to the same prompt."
    PROCESS_SUPERVISION = (
        "process-supervision",
        "Each reasoning step carries a label or comment, from people or from rollouts.",
    )
    SEED_EXPANSION = (
        "seed-expansion",
        "A model grows a small seed pool into many new instructions (self-instruct style).",
    )
    EVOL_INSTRUCT = (
        "evol-instruct",
        "A model rewrites existing instructions to be harder or broader, round after round.",
    )
    PERSONA_DRIVEN = "persona-driven", "Generated from a list of personas so that prompts differ."
    PROMPT_ONLY = (
        "prompt-only",
        "An aligned model, given only its chat template or a meta-prompt, writes the instruction itself.",
    )
    KNOWLEDGE_GROUNDED = (
        "knowledge-grounded",
        "Generated from a given document, code snippet, table or knowledge base.",
    )
    RESPONSE_DISTILLATION = (
        "response-distillation",
        "A teacher model answers, explains or annotates existing prompts or images.",
    )
    REASONING_TRACE_DISTILLATION = (
        "reasoning-trace-distillation",
        "A reasoning model's long chain of thought is kept together with its answer.",
    )
    DIALOGUE_SIMULATION = (
        "dialogue-simulation",
        "Two or more model roles (user, assistant, tool, environment) talk to each other.",
    )
    DATA_AUGMENTATION = (
        "data-augmentation",
        "Existing items are rephrased, reversed, extended or perturbed to make new ones.",
    )
    REJECTION_SAMPLING = (
        "rejection-sampling",
        "Many answers are sampled and only those passing a check (answer match, tests, rules) stay.",
    )
    BACK_TRANSLATION = (
        "back-translation",
        "Human-written text is taken as the answer and a model writes the instruction that fits it.",
    )
    SELF_TRAINING = "self-training", "A model learns from its own outputs that passed a check or critique."
    SELF_PLAY = "self-play", "A model's own outputs play against the reference answers over iterations."
    AI_FEEDBACK = "ai-feedback", "A model ranks, scores or critiques answers to give preference pairs."
    LLM_JUDGED_FILTERING = "llm-judged-filtering", "A model scores an existing set and a subset is kept."
    HEURISTIC_FILTERING = (
        "heuristic-filtering",
        "Rules, deduplication, cleaning or manual fixes on an existing set.",
    )
    TRANSLATION = "translation", "An existing set carried into other languages, mostly by machine."
    PROGRAMMATIC = "programmatic", "Produced by rules, templates with random values, or program execution."


class Focus(Term):
    """What most rows are about."""

    GENERAL = "general", "Instructions of many kinds."
    CHAT = "chat", "Open conversation with a user."
    REASONING_MATH = "reasoning-math", "Mathematics worked out step by step."
    REASONING_GENERAL = "reasoning-general", "Reasoning over several subjects, often with long thoughts."
    CODE = "code", "Writing, explaining or repairing programs."
    SAFETY = "safety", "Harmful requests, refusals, privacy and red teaming."
    MULTILINGUAL = "multilingual", "Instructions in several languages, made for that purpose."
    MULTIMODAL = "multimodal", "Instructions about images, video, audio or point clouds."
    TOOL_USE = "tool-use", "Calling functions, tools or environments."
    ARITHMETIC = "domain:arithmetic", "Calculation with numbers."
    BIOLOGY = "domain:biology", "Molecules, proteins and the life sciences."
    EDUCATION = "domain:education", "Teaching, tutoring and learners' questions."
    FINANCE = "domain:finance", "Markets, companies and money."
    GEOSCIENCE = "domain:geoscience", "Earth sciences."
    IE = "domain:ie", "Information extraction: entities, relations, events."
    IT_OPERATIONS = "domain:it-operations", "Running computer systems: logs, commands, incidents."
    LEGAL = "domain:legal", "Law and legal advice."
    MEDICAL = "domain:medical", "Medicine, patients and clinical questions."
    MENTAL_HEALTH = "domain:mental-health", "Counselling and emotional support."
    SCIENCE = "domain:science", "Scientific papers, textbooks and questions."
    SENTIMENT = "domain:sentiment", "Opinions and their targets."
    SUMMARIZATION = "domain:summarization", "Shortening texts."
    TABLES = "domain:tables", "Reading and handling tables."
    TRANSPORTATION = "domain:transportation", "Traffic and transport."
    WRITING = "domain:writing", "Creative writing and editing."


class Modality(Term):
    """What a row holds besides its roles."""

    TEXT = "text", "Written text."
    IMAGE = "image", "Still images."
    VIDEO = "video", "Moving images."
    AUDIO = "audio", "Sound or speech."
    POINT_CLOUD = "point-cloud", "Three-dimensional points."


class RowFormat(Term):
    """The form of a row."""

    SINGLE_TURN = "single-turn", "One prompt and one answer."
    MULTI_TURN = "multi-turn", "Conversations of several turns."
    PREFERENCE = "preference", "Two or more answers to a prompt, ranked or rated."
    PROCESS_LABELS = "process-labels", "Answers whose steps carry labels."
    MIXED = "mixed", "Rows of more than one form."


class CommercialUse(Term):
    """A cautious label, not legal advice."""

    YES = (
        "yes",
        (
            "A permissive licence was read at the publisher or in the Data Provenance audit, and no source "
            "named restricted teacher output or restricted parts."
        ),
    )
    NO = "no", "Non-commercial or research-only terms are published for the data."
    UNCLEAR = (
        "unclear",
        (
            "No licence found, sources disagree, parts keep their own terms, the licence was only in a "
            "secondary list or recalled, or the text comes from models whose terms restrict training "
            "competing models."
        ),
    )


class SurveyTable(Term):
    """The table of the instruction-tuning survey that lists a dataset."""

    INSTRUCT = "instruct", "General instruction datasets, by pillar."
    REASONING = "reasoning", "Reasoning datasets."
    MULTIMODAL = "multimodal", "Multimodal instruction datasets."
    MODELS = "models", "Instruction-tuned models and the data they name."
    DOMAIN = "domain", "Datasets of domain-specific models."


class EvidenceStatus(Term):
    """How well a fact is known."""

    VERIFIED = "verified", "Read at the publisher (repository or card) or in the Data Provenance audit."
    SECONDARY = "secondary", "Read in somebody else's list, survey, mirror or project."
    RECALLED = "recalled", "Remembered, not read anywhere: check before you rely on it."


VOCABULARIES: tuple[type[Term], ...] = (
    Category,
    Method,
    Focus,
    Modality,
    RowFormat,
    CommercialUse,
    SurveyTable,
    EvidenceStatus,
    Kind,
)
