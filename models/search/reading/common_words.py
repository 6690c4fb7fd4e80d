"""Words that name nothing by themselves: those of every request, and those that describe a sound."""

from models.search.reading.query_parser import STOP

GENERIC = STOP | frozenset(
    """album albums anything each every
    artist audio band collection data default disc disk downloads everything file
    files flac folder game games
    home library local lyrics main media mp3 ogg other share singer soundtrack soundtracks sounds theme
    tracks usr
    stuff things ones pieces else truc trucs
    chanson chansons musique lied lieder musik canción canciones música músicas canzone
    canzoni musica canção canções von
    alles tout toutes todo todos tutto tutti tudo musicas cancion cancao cancoes una uma ein eine
    un une etwas quelque chose algo qualcosa alguna alguma coisa morceau morceaux stück stücke stücken
    stucke stucken
    user users various voice wav opus the ost vol volume unknown none new intro outro""".split()
)
"""Words that name no song, artist or folder by themselves."""
DESCRIBES = GENERIC | frozenset(
    """acoustic aggressive ambient angry atmospheric bagpipes baroque bass battle beat beats big blues
    brass bright
    calm celtic cello cheerful chill chillout chiptune choir christmas classic classical country cold
    dance dark
    deep disco distorted dreamy drone drum drums dub eerie electric electronic energetic epic ethnic
    fast fiddle
    flute folk funk funky gentle gospel groovy guitar guitars happy hard hardcore harp heavy hip house indie
    industrial instrumental irish jazz jazzy latin light live lively lofi loud lullaby march medieval
    mellow melodic
    metal minimal modern morning nature night noise orchestra orchestral organ party peaceful percussion
    piano pop
    punk quiet rain ragtime rap reggae relaxed relaxing rnb rock romantic sad samba sax saxophone scary
    ska sleep
    slow soft solo soul space spooky string strings summer surf swing synth synths tango techno tense trance
    traditional tribal trumpet upbeat violin vocal vocals voices waltz war warm water weird wind winter
    world
    accordion banjo bassoon bells bongos bouzouki celesta chimes clarinet clavinet congas cymbals didgeridoo
    clave claves dulcimer glockenspiel gong gongs harmonica harpsichord horn horns koto mandolin
    marimba oboe piccolo
    shakuhachi sitar tabla tambourine theremin timpani trombone tuba ukulele vibraphone viola vocoder
    xylophone zither
    ballad bluegrass bossa breakbeat cumbia downtempo dubstep electro flamenco grunge hymn klezmer mambo
    polka shanty shoegaze ska swing synthwave trap vaporwave
    catchy dissonant eerie energetic gloomy haunting hypnotic joyful majestic melancholic melancholy
    mysterious nostalgic ominous playful rhythmic sombre soothing tender tense uplifting""".split()
)
"""Words that describe a sound: as a name of one word they need "by" or "from" before them."""
