"""Descriptions of nothing in particular: what a song's score is compared with.

A cosine means nothing to a person, and some songs are near to every text. So each song is scored against
these unrelated descriptions too, and a query counts by how far it stands out from them.
"""

from itertools import product

_SOUNDS = (
    "solo piano", "acoustic guitar", "distorted electric guitar", "string orchestra", "brass band",
    "jazz quartet", "techno beat", "drum and bass", "hip hop beat", "church organ", "choir", "female voice",
    "male voice and guitar", "folk fiddle", "accordion", "synthesizer pads", "chiptune", "harp", "flute",
    "hand drums", "reggae bass", "funk band", "heavy metal", "string quartet", "ambient drone", "blues band",
)  # fmt: skip
_MOODS = ("slow and sad", "fast and happy", "calm", "dark and tense", "energetic")
_PLACES = (
    "music for a film scene", "a recording from a radio", "a song for a party", "background music",
    "music for sleeping", "a soundtrack of a game", "noise", "a live recording with applause",
)  # fmt: skip
_TOPICS = (
    "falling in love", "a broken heart", "the sea and sailors", "leaving home", "a long road", "money",
    "work in a factory", "war and soldiers", "peace", "God and prayer", "a mother", "a father and son",
    "childhood", "growing old", "death of a friend", "Christmas", "summer at the beach", "winter and snow",
    "rain", "the night in a city", "dancing", "drinking with friends", "a party", "a train", "a car",
    "flying to space", "robots and computers", "monsters and zombies", "animals", "a dog", "a garden",
    "food and cooking", "the morning", "dreams", "being alone", "jealousy", "anger at politics", "freedom",
    "a journey through mountains", "a river", "school", "a football match", "fame and television",
    "a letter", "a secret", "regret", "hope", "fear of the future", "science", "shopping", "a wedding",
    "a crime and prison", "the devil", "fire", "the moon and stars", "a soldier's farewell", "birds",
    "a phone call", "laughter", "nonsense words",
)  # fmt: skip


def descriptions(role: str) -> list[str]:
    """Unrelated descriptions for sound, of what songs are about for words, or all of them for `fused`."""
    if role == "fused":
        return [*descriptions("sound"), *descriptions("words")]
    if role == "words":
        return list(_TOPICS)
    described = [f"{mood} {sound}" for sound, mood in product(_SOUNDS, _MOODS)]
    return [*described, *_PLACES]
