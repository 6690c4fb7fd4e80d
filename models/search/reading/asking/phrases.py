"""Phrases that only ask for music, in six languages: openings, greetings, thanks, and what ends them."""

from functools import cache


@cache
def phrases(table: str) -> tuple[str, ...]:
    """The phrases of a table, the longer first, for the shorter begin them."""
    named = table.replace("\n", ",").split(",")
    return tuple(sorted(filter(None, map(str.strip, named)), key=len, reverse=True))


ASK_FOR_ANY = """
can you, could you, would you, will you, please, kindly, would you mind, playing, putting on, put on, play
play me, play us, find, find me, give, give me, give us, show, show me, recommend, recommend me, suggest
suggest me, turn on, switch on, what would fit, what would suit, what fits, what suits, i want, want
i need, need, i would like, i'd like, i would love, i'd love, i'm after, you got
shuffle, queue up, queue, stream, crank up, throw on, get me, fetch me, hit me with, bring me, pick me
choose me, serve me, let me get, i'll have, i'll take
got, is there, are there, what, how about, what about, gimme, can i have
can i get, could i have, could i get, may i have, can i ask for, could i ask for, may i ask for, i could use
i'm in the mood for, i am in the mood for, in the mood for, i feel like, i fancy, i'm craving, let's hear
i prefer, i'd prefer, i would prefer, we need, we want, we'd like, we would like, help me find, let me have
it's time for, time for, by any chance, perhaps, possibly, ideally, it should be, it should have
it has to be, it must be
it needs to be, keep it, make it, should be, must be, has to be, why not, why not try, why not play
why don't we
why don't we try, why don't you play
why don't we play, gibt es, gibt's, kannst du, könntest du
könnt ihr, könntet ihr, spiel, spiel mir, spielt, spiele, zeig mir, ich suche, wir suchen, ich brauche
wir brauchen, ich will, ich möchte, ich möchte gern, ich möchte gerne, ich hätte gern, ich hätte gerne
ich würde gern, ich würde gerne, ich hab lust auf, ich habe lust auf, suche, bitte, gib mir, mach mir
est-ce que, est-ce qu', y a-t-il, il y a, je cherche, on cherche, je veux, je voudrais, je voudrais bien
j'aimerais, j'aimerais bien, j'ai envie de, j'ai envie d', j'ai besoin de, j'ai besoin d', il me faut, mets
mets-moi, joue, joue-moi, trouve-moi, donne-moi, propose-moi, fais-moi écouter, tu peux mettre, tienen, hay
busco, buscamos, quiero, quisiera, pon, ponme, dame, búscame, necesito, me gustaría, me apetece
tengo ganas de, puedes poner, puedes ponerme, podrías poner, podrías ponerme, me pones, recomiéndame, c'è
ci sono, cerco, cerchiamo, voglio, vorrei, vorremmo, metti, mettimi, dammi, fammi sentire, mi metti
puoi mettere, potresti mettere, ho bisogno di, ho voglia di, mi piacerebbe, consigliami, tem, têm, há
procuro, quero, queria, gostaria de, toca, põe, coloca, preciso de, estou a fim de, me dá, pode tocar
poderia tocar, você tem, me recomenda
"""
"""Ask where words for any music or a sound follow: "play some", "i want a", but not "i want you"."""
ASK = """
do you have, have you got, have you, what was that song called, what's that song called
what is that song called
what was the song called, what's the song called, how is the song called, would you have
would you happen to have, do you happen to have
search for, look for, looking for, i'm looking for, i am looking for, let me hear, i want to hear
wanna hear, i wanna hear
i need to hear, would it be possible to hear, would it be possible to get, would it be possible to play
is it possible to hear, is it possible to play, i would like to hear, i'd like to hear
i'd love to hear, i would love to hear
i want to listen to, i'd like to listen to, let me listen to, i feel like listening to, what do you have
what have you got, can i hear, could i hear, any chance of, what would you recommend for
what's a good song to, what's a good song for, what is a good song to, what is a good song for
what are good songs to, what are good songs for, what's good music to, what's good music for
what's some good music to, what's some good music for, what would be a good song to
what would be a good song for, what's good for
what is good for, what would be good for, what works for, what do you recommend for
what can you recommend for, what would you suggest for, any recommendations for, any suggestions for
any ideas for, recommendations for, suggestions for, what should i listen to, what should i play
what can i play, what can i listen to, which songs have, which songs are, which tracks have
which tracks are, what songs have, what songs do you have, what music do you have, where can i hear
where can i find, i was wondering if there's, i was wondering if there is, i was wondering if you have
i was wondering if you had, i was wondering if you could play, i wonder if there's, i wonder if you have
i wonder if you could play, hast du, habt ihr, haben sie, was gibt es mit, was habt ihr mit
welche lieder haben, was empfiehlst du für, as-tu, tu as, t'as, avez-vous, vous avez
que me conseilles-tu pour, tu me conseilles quoi pour, je veux écouter, je voudrais écouter
j'aimerais écouter, je voudrais entendre, j'aimerais entendre, tienes, tenéis, qué tienes de
qué me recomiendas para, quiero oír, quiero escuchar, me gustaría escuchar, me gustaría oír, hai, avete
cosa mi consigli per, voglio sentire, voglio ascoltare, vorrei sentire, vorrei ascoltare
mi piacerebbe sentire, mi piacerebbe ascoltare, o que você recomenda para, quero ouvir, quero escutar
gostaria de ouvir, queria ouvir
"""
"""Ask whatever follows."""
ANY = """
all some any something anything song songs track tracks music a an no nothing more sounds
was etwas irgendwas irgendetwas musik lieder ein eine einen nichts keine quelque de du des une musique rien
algo alguna alguno música canciones una nada qualcosa qualche della un musica canzoni niente alguma uma
"""
"""Words for any music, of which one follows."""
ONLY = "just, only, solely, nur, seulement, uniquement, sólo, solamente, soltanto, só, apenas"
"""At the beginning and the end they say no more than that something is asked for."""
SOMETHING = """
etwas, irgendwas, irgendetwas, was, so was, sowas, so etwas, quelque chose de, quelque chose d', quelque chose
un morceau, une chanson, un truc, des trucs, un truc de, algo de, algo, una cosa, qualcosa di, qualcosa
qualche cosa di, alguma coisa, uma coisa, algum, alguma
"""
"""Describe nothing; that English "something" does not, the encoders know."""
HAIL = """
whatever you do, hey, hi, hello
hey there, hi there, hello there, good morning, good afternoon, good evening, dear computer
hey computer, ok computer, okay computer, computer, ok google, hey google, hey siri, siri, alexa, ok, okay
alright, all right, so, well, well then, oh, um, uh, hmm, right, you know, look, listen, yo, sorry
excuse me, basically, actually, honestly, anyway, sure, no problem, no worries, great, cool, nice
perfect, hallo, hi zusammen, moin, servus, na
also, naja, guten morgen, guten tag, guten abend, salut, bonjour, bonsoir, coucou, alors, bon, hola, bueno
buenas, buenos días, buenas tardes, buenas noches, ciao, buongiorno, buonasera, salve, allora, olá, oi
então, bom dia, boa tarde, boa noite
"""
"""Before a comma or an exclamation mark at the beginning."""
PLEASE = """
please, pls, plz, bitte, s'il te plaît, s'il vous plaît, stp, svp, por favor, porfa, per favore, per piacere
"""
"""At the end."""
THANKS = """
thanks, thank you, thx, thanks a lot, thank you so much, thank you very much, thanks in advance, cheers
danke, vielen dank, danke schön, merci, merci beaucoup, merci d'avance, gracias, muchas gracias, grazie
grazie mille, obrigado, obrigada, muito obrigado, muito obrigada
nothing else, and nothing else, no other instruments, sonst nichts, rien d'autre, nada más, nient'altro
mais nada
"""
"""Behind a comma at the end."""
FOR_ME = "for me, hören, spielen, auflegen, anmachen"
"""At the end of what was asked for: "songs for me" without "play" says who they are for."""
AT_THE_END = """
here, you know what i mean, if you know what i mean, that you have, you have, you've got, you got
you can find, in here, in here somewhere, somewhere
around here, in it, in them, in my library, in the library, in this library, in my collection
in the collection, in this collection, in your library, in your collection, of yours, if possible
if you have any, if you have one, if you have it, if there is one, if there is any, if there are any
or anything similar, or something similar, or similar, or anything like that, or something like that
or stuff like that, or so, and so on, and such, etc, can you find one, can you find some, can you find any
can you find something, can you help, can you help me, do you have any, do you have one, do you have some
do you have anything, have you got any, got any, got one, any ideas, any suggestions, any recommendations
what do you have, what have you got, what do you recommend, what do you suggest, what else is there
what else do you have, what else would i like, what else would i enjoy, what else might i like
what else should i hear, surprise me, your choice, you choose, wenn möglich, falls möglich, falls vorhanden
oder so, oder so was, oder so ähnlich, oder ähnliches, wenn's geht, habt ihr was, hast du was, si possible
s'il y en a, ou quelque chose comme ça, tu as ça, si es posible, si hay, o algo así, se possibile, se c'è
o qualcosa del genere, se possível, se tiver, ou algo assim
"""
"""At the end of a request for music they say nothing of it."""

_ASKING = """
do lets you somebody someone anybody anyone what whatve we i id im ive by any chance perhaps happen to
have got can could would will may might please kindly just only really simply actually want wanna need
fancy like love hear listening listen play playing put on find get give show recommend suggest us me
looking searching for ideas suggestions recommendations
: want wanna need fancy hear listening listen play playing find show recommend suggest looking searching
ideas suggestions recommendations have got give get put

ich wir du ihr sie mir uns jemand auch hier denn eigentlich kann konnte kannst konntest konnt konntet
wurdest wurdet mochte
mochten mocht will wollen wollt hatte hatten hattest gern gerne bitte mal doch einfach nur jetzt gerade
suche suchen brauche brauchen spiel spiele spielen zeig zeige gib finde hast habt haben gibt es wurde
horen lust auf nach
: kann konnte kannst konntest konnt konntet wurdest wurdet mochte mochten will wollen hatte hatten
hattest suche
suchen brauche brauchen spiel spiele zeig zeige gib finde hast habt haben gibt wurde lust

je jai jaimerais on nous tu vous me moi peux peut pouvez pourrais pourriez aurais auriez avez as est ce
que y il veux voudrais voudrait cherche cherchons besoin envie de decouter ecouter entendre mettre mets
mettez jouer joue passer passe trouver trouve donner donne proposer propose svp juste simplement
: jaimerais aurais auriez avez veux voudrais voudrait cherche cherchons besoin envie mettre mets mettez
jouer joue passer passe trouver trouve donner donne proposer propose

yo me te nos puedes podrias podeis podria puede quiero queremos quisiera querria gustaria apetece necesito
necesitamos busco buscamos tienes teneis hay pon ponme poner ponerme pones escuchar oir dame recomiendame
solo ganas de tengo
: quiero queremos quisiera querria gustaria apetece necesito necesitamos busco buscamos tienes teneis hay
pon ponme poner ponerme pones escuchar oir dame recomiendame ganas

io mi ci puoi potresti potete potreste vorrei vorremmo voglio vogliamo cerco cerchiamo hai avete metti
mettimi mettere mettermi ascoltare sentire dammi serve servirebbe bisogno di ho voglia consigliami solo
piacerebbe avreste
: vorrei vorremmo voglio vogliamo cerco cerchiamo hai avete metti mettimi mettere mettermi ascoltare
sentire dammi serve servirebbe bisogno voglia consigliami piacerebbe avreste

eu me voce voces pode podia poderia poderiam quero queria queremos preciso procuro procuramos tem toca
tocar poe colocar coloca bota ouvir escutar gostaria de recomenda so muito
: quero queria queremos preciso procuro procuramos tem toca tocar poe colocar coloca bota ouvir escutar
gostaria recomenda
"""


def _asking() -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    both = [language.split(":") for language in _ASKING.split("\n\n")]
    return tuple((frozenset(words.split()), frozenset(verbs.split())) for words, verbs in both)


ASKING = _asking()
"""Of each language words that a request begins with (as names are compared), and those of which one asks."""
