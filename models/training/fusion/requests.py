"""What people ask for, made up: descriptions of sound, of what songs are about, and of both; for the gate."""

from collections.abc import Iterator

import numpy as np

from models.training.mini.material import captions

TOPICS = (
    "falling in love",
    "a broken heart",
    "the sea",
    "sailors far from home",
    "leaving home",
    "a long road",
    "money",
    "work in a factory",
    "war",
    "a soldier writing home",
    "peace",
    "faith in God",
    "my mother",
    "a father and his son",
    "childhood",
    "growing old",
    "the death of a friend",
    "Christmas",
    "summer holidays",
    "winter and snow",
    "the rain",
    "a city at night",
    "dancing all night",
    "drinking with friends",
    "a train",
    "driving a car",
    "flying to space",
    "robots",
    "computers",
    "zombies",
    "a cat",
    "my dog",
    "a garden",
    "cooking dinner",
    "coffee in the morning",
    "dreams",
    "being alone",
    "jealousy",
    "politicians who lie",
    "freedom",
    "the mountains",
    "a river",
    "school",
    "a football match",
    "being famous",
    "a letter",
    "a secret",
    "regret",
    "hope",
    "fear of the future",
    "science",
    "shopping",
    "a wedding",
    "prison",
    "the devil",
    "a fire",
    "the moon",
    "farewell",
    "birds",
    "a phone call",
    "a ghost",
    "whales",
    "a programmer who hates his boss",
    "moving to Paris",
    "giving up smoking",
    "a bank robbery",
    "the end of the world",
    "refugees",
    "an old house",
    "a lighthouse",
    "bicycles",
    "the circus",
    "a king",
    "dragons",
    "vampires",
    "a road trip",
    "cheating",
    "getting divorced",
    "the night before an exam",
    "growing vegetables",
    "a haunted hotel",
    "time travel",
    "losing a job",
)
ABOUT = (
    "a song about {topic}",
    "songs about {topic}",
    "lyrics about {topic}",
    "it is about {topic}",
    "someone sings about {topic}",
    "the words tell of {topic}",
    "a story of {topic}",
    "the singer speaks of {topic}",
    "music whose lyrics mention {topic}",
    "the one where they sing about {topic}",
    "what songs deal with {topic}?",
    "I want lyrics on {topic}",
    "a ballad telling about {topic}",
    "the text deals with {topic}",
)
BOTH = (
    "{sound} about {topic}",
    "{sound}, sung about {topic}",
    "{sound} with lyrics about {topic}",
    "a {sound} song about {topic}",
    "{sound} that tells of {topic}",
    "{topic}, {sound}",
    "{topic}",
    "{sound}. The singer tells of {topic}.",
    "songs about {topic} that sound like {sound}",
    "music for {topic}",
    "a playlist for {topic}",
)
MOODS = [
    "calm",
    "happy",
    "sad",
    "dark",
    "energetic",
    "dreamy",
    "tense",
    "gentle",
    "aggressive",
    "mellow",
    "solemn",
    "playful",
    "romantic",
    "hypnotic",
    "epic",
    "lively",
    "melancholic",
    "quiet",
    "driving",
    "groovy",
    "heavy",
    "bright",
    "warm",
    "cold",
    "eerie",
    "peaceful",
]
STYLES = [
    "rock",
    "pop",
    "techno",
    "jazz",
    "metal",
    "soul",
    "folk",
    "punk",
    "blues",
    "ambient",
    "hip hop",
    "country",
    "funk",
    "house",
    "classical music",
    "opera",
    "reggae",
    "drum and bass",
    "chiptune",
    "disco",
    "bossa nova",
    "a waltz",
    "a march",
    "string quartet",
    "solo piano",
    "big band",
    "orchestral soundtrack",
    "lo-fi beats",
    "acid jazz",
    "trance",
    "swing",
    "bluegrass",
    "gospel",
    "industrial",
    "a lullaby",
    "tango",
    "flamenco",
    "grunge",
    "ska",
]
INSTRUMENTS = [
    "piano",
    "acoustic guitar",
    "electric guitar",
    "distorted guitars",
    "strings",
    "drums",
    "violin",
    "cello",
    "flute",
    "saxophone",
    "trumpet",
    "synth pads",
    "a deep bass",
    "church organ",
    "harp",
    "accordion",
    "a choir",
    "hand claps",
    "congas",
    "bagpipes",
    "banjo",
    "harmonica",
    "bells",
    "a drum machine",
    "808 bass",
    "sitar",
    "marimba",
    "turntables",
    "whistling",
    "a music box",
]
VOICES = (
    "instrumental",
    "female vocals",
    "male vocals",
    "a woman singing",
    "a man singing",
    "a choir",
    "rap vocals",
)


def texts(seed: int, count: int, kind: str, *, part: int = 0, parts: int = 1) -> Iterator[str]:
    """`count` requests of a kind: "sound", "words" or "both".

    part, parts: only this share of the topics, so that a gate can be judged on others than it learned from.
    """
    rng = np.random.default_rng(seed)
    topics = TOPICS[part::parts]
    for _ in range(count):
        topic = str(rng.choice(topics))
        sound = captions.describe(_traits(rng), rng)
        if kind == "sound":
            yield sound
        else:
            template = str(rng.choice(ABOUT if kind == "words" else BOTH))
            yield template.format(topic=topic, sound=sound.rstrip("."))


def _traits(rng: np.random.Generator) -> captions.Traits:
    """Traits of a piece that nobody wrote; some of them unknown."""

    def some(words: "list[str] | tuple[str, ...]", most: int) -> tuple[str, ...]:
        count = int(rng.integers(0, most + 1))
        drawn = rng.choice(list(words), count, replace=False)
        return tuple(str(word) for word in drawn)

    styles = some(STYLES, 2) or (str(rng.choice(STYLES)),)  # one at least
    instruments = some(INSTRUMENTS, 3)
    moods = some(MOODS, 2)
    # Two in five say nothing of the tempo.
    tempo = str(rng.choice(["slow", "fast", "medium tempo", "", ""]))
    voice = str(rng.choice([*VOICES, "", ""]))
    return captions.Traits(styles, instruments, moods, tempo, voice)
