"""How people say that they do not want something, in six languages: regular expressions, the longer first."""

BEFORE = r"""but|and|aber|und|mais|et|pero|y|ma|e|mas
    |just|please|(?:oh )?(?:my )?god
    |obviously|clearly|especially|seriously|hopefully|rather|preferably|ideally|definitely|absolutely|really|certainly|possibly|though
    |nur|bloß|bloss|also|bitte|lieber|möglichst|gern|gerne|dafür|eben
    |completely|totally|entirely|ganz|völlig|complètement|totalement|completamente|totalmente
    |en(?= moins)|surtout|plutôt|vraiment|si possible|s['’]il vous plaît
    |mejor|sobre todo|preferiblemente|por favor|soprattutto|preferibilmente|per favore|meglio
    |sobretudo|melhor|de preferência"""
"""Words before a cue that say nothing by themselves: "but please no", "bloß keine", "mais surtout pas"."""
# Within a language the longer first, for the shorter begin them.
_ENGLISH = (
    r"i(?:['’]m| am) (?:not in the mood for|not into|(?:sick and |so )?(?:sick|tired|bored) of|fed up with)",
    r"(?:i )?(?:can['’]?t|cannot|can not) (?:stand|bear|take any more)|(?:i (?:really )?|^)(?:hate|dislike)",
    r"(?:i )?(?:really |just )?(?:do not|don['’]t) (?:want|like|need|feel like)(?: to hear)?(?! to\b)",
    r"(?:please )?(?:do not|don['’]t) (?:play|give|show|include)(?: me)? (?:any(?:thing)?|songs? with)",
    r"(?:as|so) long as (?:nobody|no one)(?: is)?|(?:as|so) long as (?:(?:it|they|there) (?:isn['’]t"
    r"|aren['’]t|is not|are not|is no|are no"
    r"|(?:do|does)(?:n['’]t| not) have)|(?:it|there)['’]s (?:not|no))",
    r"(?:i['’]d|i would) (?:rather|prefer) (?:not (?:have|hear)|no)|(?:^|(?<=, ))zero",
    r"(?:it|they|there) (?:should|must)(?: not|n['’]t) (?:be|have|contain|include|use|sound)(?: like)?",
    r"(?:that|which) (?:is|are|should|must) not(?: be| have| contain)?|(?:that|which)['’](?:s|re) not",
    r"(?:that|which) (?:do|does)(?:n['’]t| not) (?:make|sound|feel|get|become)(?: me)?",
    r"(?:that|which) (?:isn['’]t|aren['’]t)|where there (?:is|are) no",
    r"(?:that|which) (?:do not|don['’]t|does not|doesn['’]t) (?:have|contain|use|include)",
    r"(?:anything|everything|all|(?:any|all|every) \w+)(?: (?:in )?here)? (?:but|except|besides"
    r"|other than|apart from)",
    r"(?:other|rather) than|instead of|(?:but|and) never|(?<=, )never",
    r"none (?:of (?:them|it|those) )?(?:with|having)|none (?:of (?:them|it|those) )?(?:that"
    r"|which) (?:ha(?:s|ve)|uses?)",
    r"with (?:no|zero|less|fewer)|except(?: for)?|exclud(?:e|ing)|apart from|lacking|devoid of",
    r"avoid(?:ing)?|leav(?:e|ing) out|free (?:of|from)|nothing with|nothing|neither",
    r"skip (?:the|any|all)|(?:drop|omit) (?:any|all)|(?:^|(?<=, ))skip(?! to\b)",
    r"(?:do not|don['’]t) (?:play|give|show|send|recommend)(?: to)? (?:me|us)(?! (?:that|it|up|the|an?)\b)"
    r"|(?:that )?(?:nobody|no one) (?=(?:sings|raps|screams|shouts|talks|speaks|hums)\b)"
    r"|none of (?=(?:the|your|those|these) )|nobody(?: should be| must be| is)?(?= \w+ing\b)"
    r"|(?:please )?spare (?:me|us)|(?:i )?(?:could|can|would rather) do without"
    r"|(?:(?:in )?(?:the |an? )?(?:absence|lack) of|unlike(?= (?:the|most|other|all|any)\b))"
    r"|(?:(?:^|(?<=[,;.!] )|(?<=please )|(?<=but )|(?<=and ))(?:do not|don['’]t) (?:play|put on|include"
    r"|use|add)"
    r"(?! (?:with|it|that|this|them|games?|on|around|me|us|the|an?|my)\b))"
    r"|(?:where|in which|on which) (?:nobody|no one)(?= \w+s\b)|no need for|(?:please )?(?:stay|keep"
    r"|steer|get) (?:away from|clear of)|(?:go|be) easy on"
    r"|light on(?! (?:the|a|my|me)\b)|allergic to|(?:that|which) lacks?|refrain from|(?:get )?rid of"
    r"|sparing(?:ly)? with",
    r"(?:hardly|barely|scarcely) any|(?:little|few) or no",
    r"(?:but |(?<=, ))(?:hold|drop|lose|cut|skip) the|w/o(?:ut)?",
)
_GERMAN = (
    r"(?:ich )?(?:hab(?:e)? |bin )?(?:keine|null|nicht in) (?:lust|bock|stimmung) (?:auf|für)",
    r"(?:ich )?(?:hab(?:e)? )?(?:genug von|die nase voll von)|bloß weg mit|verschon mich mit"
    r"|verzichte auf|frei von|ausgenommen|(?:so|möglichst) wenig(?:e)?",
    r"(?:ich )?(?:will|möchte|mag|brauche) (?:kein\w*|nicht|nichts)|ich hasse",
    r"alles (?:außer|ausser)|(?:die|das|der) (?:nicht|kein\w*)|(?:es |das |die )?(?:soll|darf)"
    r" (?:nicht|kein\w*)",
    r"(?:bei|in|zu) de[rnm] (?:niemand|keiner)|wo (?:niemand|keiner)(?= \w+t\b)|auf keinen fall"
    r"|(?:an)?statt|weder|ohne|keine[nmrs]?|kein|nicht|weniger|außer|ausser|nichts mit",
    r"(?:aber|und) nie(?:mals)?|(?<=, )nie(?:mals)?",
    # "Nichts Trauriges", but not "weiß nichts Neues".
    r"(?:^|(?<=, )|(?<=aber )|(?<=bitte )|(?<=bloß ))nichts(?= (?:(?:zu|allzu|so|sehr) )?\w{3,}es\b)",
)
_FRENCH = (
    r"(?:je n['’]ai |j['’]ai )?pas (?:envie|d['’]humeur) (?:d['’]écouter |d['’]entendre )?(?:de|pour)"
    r"|(?:j['’]en ai |y['’]en a )?(?:marre|assez) (?:de|des|du)|je (?:ne )?supporte (?:pas|plus)"
    r"|dépourvue?s? d[e'’]|exempte?s? d[e'’]|en évitant|évite[zr]?|le moins (?:possible )?d[e'’]",
    r"(?:je )?(?:ne |n['’])?(?:veux|aime) (?:pas|plus|aucune?)(?: (?:entendre|écouter))?|je plus_ déteste",
    r"(?:tout|n['’]importe quoi) sauf|qui (?:n['’]est|ne sont|ne soi(?:t|ent)|n['’]a|n['’]ont) pas",
    r"où personne ne|sans|pas d['’]|pas|sauf|moins de|aucune?|au lieu d[eu]|plutôt que|à part|excepté|hormis"
    r"|rien (?:avec|de|d['’])|ni(?= .+ ni )",
    r"(?:mais|et) jamais|(?<=, )jamais",
)
_SPANISH = (
    r"(?:en|a) (?:el|la|los|las) que nadie|donde nadie|no (?:me apetecen?|tengo ganas de)"
    r"|(?:estoy )?hart[oa] de|excluyendo|evita(?:r|ndo)?|libres? de"
    r"|que care(?:ce|zca)n? de|quita",
    r"(?:yo )?no (?:quiero(?: (?:oír|escuchar))?(?: nada (?:de|con))?|me gustan?|soporto)|yo odio",
    r"(?:todo|cualquier cosa) (?:menos|excepto|salvo)",
    r"que no (?:sean?|es|son|tengan?|lleven?)|sin|nada (?:de|con)|menos|excepto|en vez de|ning[uú]na?"
    r"|ningún",
    r"(?:pero|y) (?:nunca|nada)|(?<=, )nunca|^nunca(?= \S+$)|(?:^|(?<=, ))nada",
)
_ITALIAN = (
    r"(?:in|su) cui nessuno|dove nessuno|non ho voglia di|basta (?:con )?|(?:sono )?stuf[oa] d(?:i|el"
    r"|ella|ei|elle)|evita(?:re|ndo)?"
    r"|priv[oaie] di|esclus[oaie]",
    r"non (?:voglio(?: (?:sentire|ascoltare))?(?: niente (?:di|con))?|mi piac(?:e|iono)|sopporto)",
    r"(?:tutto|qualsiasi cosa) (?:tranne|eccetto|meno)",
    r"che non (?:è|sia(?:no)?|sono|abbia(?:no)?|ha)|senza|niente|tranne|eccetto|meno|invece d[ei]l?"
    r"|nessun[ao]?|non|né(?= .+ né )",
    r"(?:ma|e) mai|(?<=, )mai",
)
_PORTUGUESE = (
    r"em que ninguém|onde ninguém|(?:eu )?não (?:estou (?:com vontade|a fim) de|aguento(?: mais)?)|chega de"
    r"|(?:estou )?cansad[oa] de|evit(?:e|ar|ando)|livres? de|tirando",
    r"(?:eu )?não (?:quero(?: (?:ouvir|escutar))?(?: nada (?:de|com))?|gosto de|suporto)",
    r"(?:tudo|qualquer coisa) (?:menos|exceto)",
    r"que não (?:sejam?|é|são|tenham?)|sem|não|nada (?:de|com)|(?:mas|e) nada|exceto",
    r"em vez d[eoa]|nenhuma?|nem(?= .+ nem )",
)
_OTHERS = r"zonder|geen|utan|uten|uden"
_SHORTEST = r"not|no|without|minus|less|fewer|moins"
# The shortest last, for they begin others: "not" begins "not into".
CUES = (*_ENGLISH, *_GERMAN, *_FRENCH, *_SPANISH, *_ITALIAN, *_PORTUGUESE, _OTHERS, _SHORTEST)

WORDS = """no_ not_ nothing none nobody neither without minus_ less_ fewer few_ little_ w_
    hate dislike can_ cant_ cannot_ don_ isn_ aren_ does should must never zero except exclud besides other_
    rather_ instead_ apart_ lack devoid absence unlike_ avoid leav free_ skip_ drop_ omit_ hold_ lose_ cut_
    spare_ sparing away_ clear_ easy_ light_ allergic refrain rid_ hardly barely scarcely sick_ tired_ bored_
    fed_ but_
    kein niemand null_ nicht nichts nie_ niemals genug_ nase_ verschon verzicht frei_ ausgenommen wenig hasse
    außer ausser statt_ anstatt weder ohne weg_
    personne_ pas_ marre_ assez_ supporte_ dépourvu exempt évit moins_ aucun plus_ déteste sauf_ sans_ lieu_
    plutôt_ part_ excepté hormis rien_ ni_ jamais
    nadie_ harta_ harto_ excluyendo evita libre_ libres_ carec carez quita_ odio_ menos_ excepto salvo_ sin_
    nada_ vez_ ningún ningun nunca_
    basta_ stufa_ stufo_ priva_ privo_ privi_ prive_ esclus tranne_ eccetto meno_ senza_ niente_ invece_ ness
    non_ né_ mai_
    não_ ninguém_ chega_ cansad evit livre_ livres_ tirando_ exceto sem_ nenhum nem_
    zonder_ geen_ utan_ uten_ uden_"""
"""Beginnings of words of which each cue has one: where a text has none of them, nothing is unwanted."""
