"""All subreddits of the demo world, by name."""

from server.demo.text.topic import Topic
from server.demo.text.topics_computing import CODE, TERMINAL
from server.demo.text.topics_craft import COOKING, SYNTH
from server.demo.text.topics_images import CATS, PHOTO
from server.demo.text.topics_outdoors import GARDEN, TRAVEL
from server.demo.text.topics_wonder import ASK, SKY
from server.demo.text.topics_words import LANGUAGES, SPOILERS

TOPICS: tuple[Topic, ...] = (
    TERMINAL,
    CODE,
    SYNTH,
    COOKING,
    TRAVEL,
    GARDEN,
    SKY,
    ASK,
    CATS,
    PHOTO,
    LANGUAGES,
    SPOILERS,
)
TOPIC_BY_NAME: dict[str, Topic] = {topic.name: topic for topic in TOPICS}
