"""Code that people post: snippets with a small fault, and what somebody else answers."""

# ruff: noqa: E501  the corpus reads best with one sentence a line

from dataclasses import dataclass


@dataclass(frozen=True)
class Snippet:
    """A snippet, the fault in it, and the corrected lines."""

    language: str
    code: str
    fault: str
    fix: str


SNIPPETS: tuple[Snippet, ...] = (
    Snippet("python", "def add_tag(tag, tags=[]):\n    tags.append(tag)\n    return tags", "the default list is shared between all calls", "def add_tag(tag, tags=None):\n    return [*(tags or []), tag]"),
    Snippet("python", "for item in items:\n    if item.expired:\n        items.remove(item)", "you change the list while walking over it, so every second hit is skipped", "items = [item for item in items if not item.expired]"),
    Snippet("python", "total = 0.0\nfor price in prices:\n    total += price\nassert total == 0.3", "floats will not compare equal here", "from math import fsum, isclose\n\nassert isclose(fsum(prices), 0.3)"),
    Snippet("python", "async def load_all(urls):\n    return [await load(url) for url in urls]", "these run one after another, nothing is concurrent", "async def load_all(urls):\n    return await asyncio.gather(*(load(url) for url in urls))"),
    Snippet("python", "if datetime.now() > token.expires_at:\n    renew()", "local time is compared with UTC, it breaks twice a year", "if datetime.now(UTC) > token.expires_at:\n    renew()"),
    Snippet("bash", "for f in $(ls *.ogg); do\n  mv $f archive/$f\ndone", "a file name with a space becomes two words", "for f in ./*.ogg; do\n  mv -- \"$f\" archive/\ndone"),
    Snippet("bash", "grep -c error log.txt | wc -l", "this counts lines of the count, so it is always 1", "grep -c error log.txt"),
    Snippet("bash", "cd build && rm -rf *\ncd ..", "if the first cd fails you are still in the wrong folder for the last one", "(cd build && rm -rf -- ./*)"),
    Snippet("sql", "SELECT * FROM plays\nWHERE date(played_at) = '2024-05-01';", "wrapping the column in a function hides it from the index", "SELECT * FROM plays\nWHERE played_at >= '2024-05-01'\n  AND played_at <  '2024-05-02';"),
    Snippet("sql", "SELECT name FROM users\nWHERE id NOT IN (SELECT user_id FROM bans);", "one NULL in the subquery and you get no rows at all", "SELECT name FROM users u\nWHERE NOT EXISTS (\n  SELECT 1 FROM bans b WHERE b.user_id = u.id\n);"),
    Snippet("rust", "let line = lines.get(i).unwrap();\nprintln!(\"{}\", &line[..10]);", "slicing by bytes panics in the middle of an umlaut", "if let Some(line) = lines.get(i) {\n    println!(\"{}\", line.chars().take(10).collect::<String>());\n}"),
    Snippet("rust", "let mut guard = cache.lock().unwrap();\nlet value = fetch(&key).await;\nguard.insert(key, value);", "the lock is held across the await, everybody queues behind one request", "let value = fetch(&key).await;\ncache.lock().unwrap().insert(key, value);"),
    Snippet("go", "for _, job := range jobs {\n\tgo run(job)\n}\nfmt.Println(\"done\")", "nobody waits for the goroutines", "var wg sync.WaitGroup\nfor _, job := range jobs {\n\twg.Add(1)\n\tgo func() { defer wg.Done(); run(job) }()\n}\nwg.Wait()"),
    Snippet("javascript", "const sorted = [10, 9, 1].sort();", "sort compares strings unless you tell it not to, so 10 comes before 9", "const sorted = [10, 9, 1].sort((a, b) => a - b);"),
    Snippet("javascript", "const ids = ['1', '2', '3'].map(parseInt);", "map passes the index as the radix", "const ids = ['1', '2', '3'].map(Number);"),
    Snippet("toml", "[keys]\nquit = \"q\"\n\n[keys]\nhelp = \"?\"", "a table may be declared only once", "[keys]\nquit = \"q\"\nhelp = \"?\""),
)  # fmt: skip

ASK_LINES = (
    "{Quick one|Small question|Losing my mind}: what is wrong here? {I expected one result and got another.|It works on my machine, sometimes.|}",
    "This has been {biting|haunting} us since <when>:",
    "{Posting for <who>|From today's review}. {Would you merge it?|What would you say?}",
    "{Tried to <act> and ended up with this.|Version <n> of the same function.}",
)
FIX_LINES = (
    "{Look again|Here is the thing|Careful}: <fault>.",
    "{I think|Pretty sure|Ah,} <fault>. {Try this|Something like}:",
    "<fault>, {ask me how I know|been there|a classic}. {Shorter and correct|My version}:",
    "{Nice otherwise, but|One remark:} <fault>. {This survives|I would write}:",
)
