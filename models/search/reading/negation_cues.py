"""How people say that they do not want something, in six languages: regular expressions, the longer first."""

BEFORE = r"""but|and|aber|und|mais|et|pero|y|ma|e|mas
    |just|please|rather|preferably|ideally|definitely|absolutely|really|certainly|possibly|though
    |nur|bloß|bloss|also|bitte|lieber|möglichst|gern|gerne|dafür|eben
    |surtout|plutôt|vraiment|si possible|s['’]il vous plaît
    |mejor|sobre todo|preferiblemente|por favor|soprattutto|preferibilmente|per favore|meglio
    |sobretudo|melhor|de preferência"""
"""Words before a cue that say nothing by themselves: "but please no", "bloß keine", "mais surtout pas"."""
# Within a language the longer first, for the shorter begin them.
_ENGLISH = (
    r"i(?:['’]m| am) (?:not in the mood for|not into|(?:sick and |so )?(?:sick|tired|bored) of|fed up with)",
    r"(?:i )?(?:can['’]?t|cannot|can not) (?:stand|bear|take any more)|(?:i (?:really )?|^)(?:hate|dislike)",
    r"(?:i )?(?:do not|don['’]t) (?:want|like|need)(?: to hear)?(?! to\b)",
    r"(?:i['’]d|i would) (?:rather|prefer) (?:not (?:have|hear)|no)|(?:^|(?<=, ))zero",
    r"(?:it|they|there) (?:should|must)(?: not|n['’]t) (?:be|have|contain|include|use|sound)(?: like)?",
    r"(?:that|which) (?:is|are|should|must) not(?: be| have| contain)?|(?:that|which)['’](?:s|re) not",
    r"(?:that|which) (?:isn['’]t|aren['’]t)|where there (?:is|are) no",
    r"(?:that|which) (?:do not|don['’]t|does not|doesn['’]t) (?:have|contain|use|include)",
    r"(?:anything|everything|all|any \w+) (?:but|except|besides|other than|apart from)",
    r"(?:other|rather) than|instead of|(?:but|and) never|(?<=, )never",
    r"with (?:no|zero|less|fewer)|except(?: for)?|exclud(?:e|ing)|apart from|lacking|devoid of",
    r"avoid(?:ing)?|leav(?:e|ing) out|skip (?:the|any|all)|free (?:of|from)|nothing with|nothing|neither",
    r"(?:hardly|barely|scarcely) any|(?:little|few) or no|(?:(?:but|and) |(?<=, ))hold the|w/o(?:ut)?",
)
_GERMAN = (
    r"(?:ich )?(?:will|möchte|mag|brauche) (?:kein\w*|nicht|nichts)|ich hasse",
    r"alles (?:außer|ausser)|(?:die|das|der) (?:nicht|kein\w*)|(?:es |das |die )?(?:soll|darf)"
    r" (?:nicht|kein\w*)",
    r"auf keinen fall|(?:an)?statt|weder|ohne|keine[nmrs]?|kein|nicht|weniger|außer|ausser|nichts mit",
    r"(?:aber|und) nie(?:mals)?|(?<=, )nie(?:mals)?",
    # "Nichts Trauriges", but not "weiß nichts Neues".
    r"(?:^|(?<=, )|(?<=aber )|(?<=bitte )|(?<=bloß ))nichts(?= (?:(?:zu|allzu|so|sehr) )?\w{3,}es\b)",
)
_FRENCH = (
    r"(?:je )?(?:ne |n['’])?(?:veux|aime) (?:pas|plus|aucune?)|je déteste",
    r"(?:tout|n['’]importe quoi) sauf|qui (?:n['’]est|ne sont|ne soi(?:t|ent)|n['’]a|n['’]ont) pas",
    r"sans|pas d['’]|pas|sauf|moins de|aucune?|au lieu d[eu]|plutôt que|à part|excepté|hormis"
    r"|rien (?:avec|de|d['’])|ni(?= .+ ni )",
    r"(?:mais|et) jamais|(?<=, )jamais",
)
_SPANISH = (
    r"(?:yo )?no (?:quiero|me gustan?|soporto)|yo odio|(?:todo|cualquier cosa) (?:menos|excepto|salvo)",
    r"que no (?:sean?|es|son|tengan?|lleven?)|sin|nada (?:de|con)|menos|excepto|en vez de|ning[uú]na?"
    r"|ningún",
    r"(?:pero|y) (?:nunca|nada)|(?<=, )nunca|^nunca(?= \S+$)|(?:^|(?<=, ))nada",
)
_ITALIAN = (
    r"non (?:voglio|mi piac(?:e|iono)|sopporto)|(?:tutto|qualsiasi cosa) (?:tranne|eccetto|meno)",
    r"che non (?:è|sia(?:no)?|sono|abbia(?:no)?|ha)|senza|niente|tranne|eccetto|meno|invece d[ei]l?"
    r"|nessun[ao]?|non|né(?= .+ né )",
    r"(?:ma|e) mai|(?<=, )mai",
)
_PORTUGUESE = (
    r"(?:eu )?não (?:quero|gosto de|suporto)|(?:tudo|qualquer coisa) (?:menos|exceto)",
    r"que não (?:sejam?|é|são|tenham?)|sem|não|nada (?:de|com)|(?:mas|e) nada|exceto",
    r"em vez d[eoa]|nenhuma?|nem(?= .+ nem )",
)
_SHORTEST = r"not|no|without|minus|less|fewer"
# The shortest last, for they begin others: "not" begins "not into".
CUES = (*_ENGLISH, *_GERMAN, *_FRENCH, *_SPANISH, *_ITALIAN, *_PORTUGUESE, _SHORTEST)
