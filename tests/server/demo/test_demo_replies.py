"""The scripted other user answers to the point, never twice in a row the same, and always the same for a seed."""

import pytest

from server.demo.replies import ConversationState, ScriptedUser, theme_of


@pytest.mark.parametrize(
    ("text", "theme"),
    [
        ("Hi there!", "greeting"),
        ("thank you so much", "thanks"),
        ("it rains all week", "weather"),
        ("I love that bass line", "music"),
        ("```python\nx = 1\n```", "code"),
        ("look at my photos", "photos"),
        ("what is it?", "question"),
        ("hmm okay", "fallback"),
        ("Привет", "fallback"),
        ("", "fallback"),
    ],
)
def test_the_theme_of_a_message_is_recognised(text: str, theme: str) -> None:
    assert theme_of(text) == theme


def test_answers_are_deterministic_by_seed() -> None:
    def talk(seed: int) -> list[tuple[str, float]]:
        state, user = ConversationState("c"), ScriptedUser(seed)
        return [
            (r.text, r.typing_seconds) for r in (user.reply(t, state) for t in ("hi", "how are you?", "any song tips"))
        ]

    assert talk(7) == talk(7)
    assert talk(7) != talk(8)


def test_recent_answers_are_not_repeated() -> None:
    state, user = ConversationState("c"), ScriptedUser()
    answers = [user.reply(f"I walked {n} kilometres", state).text for n in range(6)]
    assert len(set(answers)) == len(answers)


def test_the_same_message_twice_is_noticed() -> None:
    state, user = ConversationState("c"), ScriptedUser()
    user.reply("hello", state)
    assert "?" in user.reply("Hello ", state).text or "listening" in state.said[-1]
    assert state.turn == 2


def test_typing_takes_a_human_time() -> None:
    state, user = ConversationState("c"), ScriptedUser()
    for text in ("hi", "thanks", "what about the code?", "x" * 5000):
        assert 0.8 <= user.reply(text, state).typing_seconds <= 6.0
