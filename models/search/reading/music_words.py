"""Words for music in German, French, Spanish, Italian and Portuguese, and what they are in English.

The encoders that come with `nw` have learned English alone, so "ohne Schlagzeug" would take away nothing.
Word by word is enough for them: a description is a list of words more than a sentence. What the table does
not know stays as it is.
"""

import re

from catalog.library.fulltext import words_of
from models.search.reading.patterns import mentions, pattern

_TABLE = """
accordion: akkordeon, ziehharmonika, accordéon, acordeón, fisarmonica, acordeão, sanfona
acoustic guitar: akustikgitarre, guitarra acústica, chitarra acustica, violão
bagpipes: dudelsack, cornemuse, gaita, cornamusa
bass: contrebasse, basse, bajo, basso, baixo
bells: glocken, cloches, campanas, campane, sinos
brass: blechbläser, cuivres, metales, ottoni, metais
cello: violoncello, violoncelle, violonchelo, violoncelo
choir: chor, chöre, chœur, choeur, chorale, coro, coros, cori
clarinet: klarinette, clarinette, clarinete, clarinetto
drums: schlagzeug, trommeln, trommel, batterie, tambours, batería, tambores, batteria, tamburi, bateria
electric guitars: e-gitarren, e-gitarre
fiddle: fiedel
flute: flöte, flöten, querflöte, flûte, flûtes, flauta, flautas, flauto, flauti
guitar: gitarre, gitarren, guitare, guitares, guitarra, guitarras, chitarra, chitarre
harp: harfe, harpe, arpa
harpsichord: cembalo, clavecin, clavecín, clavicembalo, cravo
horn: waldhorn, trompa, corno
keyboards: keyboards, clavier, teclado, teclados, tastiere
music box: spieluhr, boîte à musique, caja de música, carillon
noise: geräusche, lärm, bruit, ruido, rumore, ruído
orchestra: orchester, orchestre, orquesta, orquestra
organ: orgel, kirchenorgel, orgue, órgano, organo, órgão
percussion: perkussion, percussions, percusión, percussioni, percussão
piano: klavier, flügel, pianoforte
rain: regen, pluie, lluvia, pioggia, chuva
saxophone: saxofon, saxofón, sassofono, saxofone
screaming: geschrei, cris, gritos, urla
singing: gesang, gesungen, chanté, canto, cantado, cantato
strings: streicher, cordes, cuerdas, archi, cordas
synthesizer: synthesizers, synthé, synthés, sintetizador, sintetizadores, sintetizzatore
trumpet: trompete, trompeten, trompette, trompettes, trompeta, trompetas, tromba, trombe
violin: geige, geigen, violine, violinen, violon, violons, violín, violines, violino, violini, violinos
vocals: stimme, stimmen, voix, voz, voces, voce, voci, vozes, vocais, vocales, vocali
words: worte, texte, paroles, letra, letras
aggressive: aggressiv, agressif, agresivo, agresiva, aggressivo, agressivo
calm: ruhig, ruhige, ruhiges, ruhiger, calme, calmes, tranquilo, tranquila, calmo, calma, tranquillo
cheerful: fröhlich, fröhliche, fröhliches, heiter, joyeux, joyeuse, alegre, allegro, allegra
dark: dunkel, dunkle, düster, düstere, sombre, oscuro, oscura, cupo, cupa, escuro, escura
dreamy: verträumt, verträumte, rêveur, soñador, sognante, sonhador
electronic: elektronisch, elektronische, électronique, electrónica, electrónico, elettronica, elettronico
epic: episch, epische, épique, épico, épica, epico, epica
fast: schnell, schnelle, schnelles, rapide, rapides, rápido, rápida, veloce
gentle: sanft, sanfte, sanftes, doux, douce, suave, dolce
happy: glücklich, heureux, heureuse, feliz, felice
heavy: schwer, schwere, lourd, pesado, pesada, pesante
instrumental: instrumentale, strumentale
light: leicht, leichte
loud: laut, laute, lautes, bruyant, ruidoso, ruidosa, rumoroso, barulhento
quiet: leise, leises, silencieux, silencioso, silenciosa, silenzioso
relaxing: entspannt, entspannte, entspannend, relaxant, relajante, rilassante, relaxante
romantic: romantisch, romantische, romantique, romántico, romántica, romantico, romantica, romântico
sad: traurig, traurige, trauriges, triste, tristes, tristi
slow: langsam, langsame, langsames, lent, lente, lents, lento, lenta, lenti
soft: weich, weiche, zart, zarte, suaves
warm: chaud, chaude, cálido, cálida, caldo
dance: tanz, tanzmusik, danse, baile, danza, dança
film music: filmmusik, musique de film, música de cine, colonna sonora, trilha sonora
hip hop: rap français
lullaby: wiegenlied, schlaflied, berceuse, nana, ninna nanna
march: marsch, marche, marcha, marcia
medieval: mittelalterlich, mittelalterliche, mittelalter, médiéval, médiévale, medieval, medievale
folk music: volksmusik, musique folklorique, música folclórica
music: musik, musique, música, músicas, musica
night: nacht, nuit, noche, notte, noite
sea: meer, mer, mare
sleep: schlafen, einschlafen, dormir, dormire
song: lied, lieder, chanson, chansons, canción, canciones, canzone, canzoni, canção, canções
to work: zum arbeiten, pour travailler, para trabajar, per lavorare, para trabalhar
timpani: pauken, timbales, timbale, tímpanos
battle: schlacht, kampf, bataille, batalla, battaglia, batalha
space: weltraum, weltall, espace, espacio, spazio, espaço
scary: gruselig, gruselige, gruseliges, unheimlich, unheimliche, effrayant, inquietante, assustador
lively: lebhaft, lebhafte, munter, entraînant, entraînante, animé, animée, animado, animada, vivace, animato
distorted: verzerrt, verzerrte, verzerrten, saturée, saturées, distorsionadas, distorte, distorcidas
party: feier, fête, fiesta, festa
christmas: weihnachten, weihnacht, weihnachtlich, noël, navidad, natale
summer: sommer, été, verano, verão
forest: wald, forêt, bosque, bosco, foresta, floresta
mysterious: geheimnisvoll, geheimnisvolle, mystérieux, mystérieuse, misterioso, misteriosa
beautiful: schön, schöne, schönes, hermoso, hermosa, bello, bella, bonito, bonita
waltz: walzer, valse, vals, valzer, valsa
war: krieg, guerre, guerra
winter: hiver, invierno, inverno
with: mit, avec, con, com
without: ohne, sans, sin, senza, sem
and: und, et, y
for: für, pour, para
"""
"""English on the left, and the same in the other languages."""


def _read_table() -> dict[str, str]:
    english: dict[str, str] = {}
    for line in _TABLE.strip().splitlines():
        meaning, _, words = line.partition(": ")
        for word in words.split(", "):
            english.setdefault(word, meaning)
    return english


_ENGLISH = _read_table()
WORDS = frozenset(word for phrase in (*_ENGLISH, *_ENGLISH.values()) for word in words_of(phrase))
"""Each word of the table, in any of the languages, as names are compared."""
ENGLISH = frozenset(word for meaning in _ENGLISH.values() for word in words_of(meaning)) - {"to", "with"}
"""English words of the table."""
_CUES = frozenset(re.split(r"[ -]", phrase)[-1] for phrase in _ENGLISH)
"""One of these stands in whatever the table knows."""
_JOINING = frozenset("with without and for to zum per".split())
"""English words that say nothing of a language by being there: "y" and "con" may be anything."""
SOUNDS = WORDS - {phrase for phrase, meaning in _ENGLISH.items() if meaning in _JOINING} - _JOINING
"""Those that name a sound, where "mit" and "sin" only join."""
_LONGEST_FIRST = sorted(_ENGLISH, key=len, reverse=True)
_ANY_OF_THEM = "|".join(map(re.escape, _LONGEST_FIRST))
_SAME = "rock|pop|jazz|metal|ambient|techno|punk|country|blues"
_KNOWN = pattern(rf"(?<![\w'’-])(?:{_ANY_OF_THEM})(?![\w'’-])")
_MUSIK = pattern(rf"(?<![\w'’-])(?P<what>{_ANY_OF_THEM}|{_SAME})(?:en|n|s)?musik\b")
""" "Klaviermusik", "Weihnachtsmusik": German writes it as one word."""


def in_english(text: str) -> str:
    """The text with the words for music that are known in English.

    >>> in_english("ruhiges Klavier mit Regen"), in_english("calm piano"), in_english("la vie en rose")
    ('calm piano with rain', 'calm piano', 'la vie en rose')
    >>> in_english("traurige Klaviermusik")
    'sad piano music'
    """
    if "musik" in text.lower():
        text = _MUSIK.sub(lambda match: f"{match['what']} musik", text)
    if not mentions(text, _CUES):
        return text
    meanings = [_ENGLISH[found.lower()] for found in _KNOWN.findall(text)]
    if not set(meanings) - _JOINING:
        return text
    return _KNOWN.sub(lambda match: _ENGLISH[match[0].lower()], text)
