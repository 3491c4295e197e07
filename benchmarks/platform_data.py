"""Long threads and long chats, written straight into the file of a platform."""

from __future__ import annotations

import random
import sqlite3
import time
from pathlib import Path

_WORDS = ("the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog", "while", "nobody", "looks")


def fill_thread(database: Path, post_id: str, author: str, count: int) -> None:
    """Write `count` comments, nested up to nine levels, into the file of a platform."""
    dice = random.Random(5)
    rows: list[tuple[object, ...]] = []
    lines: list[tuple[str, int]] = []
    began = int(time.time() * 1e6) - count * 1_000
    for number in range(count):
        above = dice.randrange(max(0, number - 200), number) if number and dice.random() < 0.8 else None
        above = None if above is None or lines[above][1] >= 9 else above
        segment = f"{number + 1:07}"
        line = (segment, 0) if above is None else (f"{lines[above][0]}.{segment}", lines[above][1] + 1)
        lines.append(line)
        ups, downs = dice.randrange(50), dice.randrange(10)
        rows.append(
            (
                _id(count, number), post_id, number + 1, None if above is None else _id(count, above), author,
                " ".join(dice.choices(_WORDS, k=dice.randrange(4, 60))), ups - downs, ups, downs, 0, line[1], line[0],
                began + number * 1_000, 1,
            )
        )  # fmt: skip
    with sqlite3.connect(database) as db:
        db.executemany(
            "INSERT INTO comments (id, post_id, number, parent_id, author_id, body, score, upvotes, downvotes,"
            " like_count, depth, path, created_at, version) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            rows,
        )
        db.execute("UPDATE thread_posts SET comment_count = ?, version = version + 1 WHERE id = ?", (count, post_id))


def _id(kind: int, number: int) -> str:
    return f"{kind:08}-0000-7000-8000-{number:012}"


def fill_chat(database: Path, chat_id: str, sender_id: str, count: int) -> None:
    """Write `count` messages into the file of a platform."""
    began = int(time.time() * 1e6) - count * 1_000
    rows = (
        (_id(1, n), chat_id, n + 1, sender_id, "text", f"message {n} of many", began + n * 1_000) for n in range(count)
    )
    with sqlite3.connect(database) as db:
        db.executemany(
            "INSERT INTO messages (id,conversation_id,seq,sender_id,type,content,created_at) VALUES (?,?,?,?,?,?,?)",
            rows,
        )
        db.execute("UPDATE conversations SET last_seq = ? WHERE id = ?", (count, chat_id))
