"""Words that tell of one scene: who asks for winter is answered by "Snowy Peak" too, behind "Winter Peak".

A scene is seldom heard: snow has no sound of its own. Moods and instruments are, so they are not here.
"""

_SCENES = """
winter snow snowy ice icy frost frozen freezing arctic polar blizzard glacier
dungeon crypt catacomb catacombs cave caves cavern labyrinth underground
halloween horror ghost haunted zombie vampire witch spooky scary
race racing racer kart rally speedway
sea ocean sailor ship harbor harbour pirate waves shanty
space galaxy galactic cosmic cosmos planet orbit universe interstellar
battle fight fighting war combat duel sword warrior
forest woods woodland jungle
medieval knight castle tavern minstrel renaissance
night midnight moon moonlight nocturne
rain rainy storm thunder thunderstorm
church cathedral chapel monastery
christmas xmas santa noel carol
summer beach sunshine
morning dawn sunrise
evening sunset dusk twilight
city town street streets urban
victory triumph win winner
mountain mountains hill hills peak
western cowboy saloon prairie
train railway locomotive
desert sahara dunes oasis
"""
"""A scene a line."""
_EACH = [tuple(line.split()) for line in _SCENES.strip().splitlines()]
_RELATED = {word: words for words in _EACH for word in words}


def related(word: str) -> tuple[str, ...]:
    """The other words of a scene; none of a word that tells of no scene.

    >>> related("sunrise"), related("piano")
    (('morning', 'dawn'), ())
    """
    scene = _RELATED.get(word, ())
    return tuple(one for one in scene if one != word)
