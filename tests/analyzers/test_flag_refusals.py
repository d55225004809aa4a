from __future__ import annotations

import pytest
from flag_rows import answers, codes_of, conversations


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("I cannot help with that request.", "inability"),
        ("I'm unable to assist you with this.", "inability"),
        ("As an AI language model, I don't have the ability to browse the internet.", "inability"),
        ("Due to its limits a GPT language model cannot perform this task.", "inability"),
        ("I’m sorry, but I can’t do that.", "apology"),
        ("Unfortunately, we will not be able to fulfil this.", "apology"),
        ("I'm not programmed to give such advice.", "policy"),
        ("That goes against my guidelines, so no.", "policy"),
        ("It would not be appropriate for me to judge them.", "not_appropriate"),
        ("I must respectfully decline.", "not_appropriate"),
        ("抱歉，我无法回答这个问题。", "apology"),
        ("作为一个人工智能语言模型，我不能提供医疗建议。", "inability"),
        ("Lo siento, pero no puedo ayudarte con eso.", "apology"),
        ("Je suis désolé, mais je ne peux pas répondre.", "apology"),
        ("Es tut mir leid, aber dabei kann ich Ihnen nicht helfen.", "apology"),
        ("Desculpe, mas não posso ajudar com isso.", "apology"),
        ("Mi dispiace, ma non posso aiutarti.", "apology"),
        ("申し訳ありませんが、その質問にはお答えできません。", "apology"),
        ("죄송하지만 그 요청은 도와드릴 수 없습니다.", "apology"),
        ("Извините, но я не могу помочь с этим.", "apology"),
        ("Üzgünüm, bu konuda yardımcı olamam.", "apology"),
    ],
)
def test_refusals_are_found_in_many_languages(text: str, code: str) -> None:
    assert code in codes_of(answers(text), "refusal")[0]


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry for your loss. He was a wonderful man and I cannot imagine your grief.",
        "I am sorry to hear that you lost your job, and I can't imagine how hard it must be.",
        "Dear customer, I'm sorry but we cannot offer you a refund.",
        '"I cannot help you," said the wizard.',
        "I can't wait to see you again!",
        "I cannot emphasise enough how important sleep is.",
        "Sorry I am late, the train was delayed.",
        "A triangle cannot have two right angles.",
        "Person A: Can you come?\nPerson B: Sorry, I can't answer that.",
        "It is illegal to park here.",
        "无法确定，需进行进一步检查。",
        "Once there was a king. " * 10 + "I cannot help with that.",
    ],
)
def test_regrets_of_others_are_no_refusals(text: str) -> None:
    assert codes_of(answers(text), "refusal") == [set()]


def test_every_answer_of_a_conversation_has_its_own_opening() -> None:
    chat = [("user", "a"), ("assistant", "x" * 300), ("user", "b"), ("assistant", "I can't answer that.")]

    assert codes_of(conversations(chat), "refusal") == [{"inability"}]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Sure. As an AI language model, I have no feelings about it.", "as_an_ai"),
        ("I'm just a chatbot, so take it with care.", "as_an_ai"),
        ("作为一个AI助手，我建议您休息。", "as_an_ai"),
        ("My knowledge cutoff is in 2021.", "knowledge_cutoff"),
        ("As of my last update, there were 27 members.", "knowledge_cutoff"),
        ("Hello! I am ChatGPT, and I like tea.", "self_name"),
        ("I was trained by OpenAI to be helpful.", "self_name"),
        ("I am Claude, an assistant made by Anthropic.", "self_name"),
        ("我是由百度开发的助手。", "self_name"),
    ],
)
def test_models_that_speak_of_themselves(text: str, code: str) -> None:
    assert code in codes_of(answers(text), "ai_boilerplate")[0]


@pytest.mark.parametrize(
    "text",
    [
        "She works as an AI researcher in Paris.",
        "GPT-3 is a language model developed by OpenAI.",
        "I am Claude Monet, and I paint water lilies.",
        "I am Gemini, born in June.",
        "The bank uses a chatbot to answer customers.",
        "I was trained by my grandfather to repair clocks.",
    ],
)
def test_talk_about_models_is_no_boilerplate(text: str) -> None:
    assert codes_of(answers(text), "ai_boilerplate") == [set()]
