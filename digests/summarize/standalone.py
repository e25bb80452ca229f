"""Whether a sentence can be understood without the one before it."""

from __future__ import annotations

import re

from digests.language.detect import language_code
from digests.summarize import references

# Words at the beginning of a sentence that refer to an earlier one; before the bar those for persons and things.
_DANGLING = {
    "en": """he she it they his her hers its their theirs him them | this these those such that so but and or nor yet
        also then there thus hence therefore however meanwhile moreover furthermore instead otherwise still besides
        additionally consequently nevertheless nonetheless later afterwards both neither one another others same
        similarly likewise again indeed which who whose because""",
    "de": """er sie es ihr ihre ihrer ihm ihn ihnen sein seine seiner | dieser diese dieses diesen diesem dies das dabei
        dadurch dafür dagegen daher damit danach dann daran darauf daraus darin darüber darum davon dazu deshalb
        deswegen dennoch jedoch doch aber und oder auch außerdem zudem ferner trotzdem so solche denn dort hier beide
        später derweil""",
    "fr": """il elle ils elles son sa ses leur leurs lui | ce cet cette ces cela ceci ça celui celle ceux celles mais et
        ou donc or car aussi ainsi alors puis ensuite enfin cependant toutefois pourtant néanmoins également y en""",
    "es": """él ella ellos ellas su sus | este esta estos estas esto ese esa esos esas eso pero y o también además así
        entonces luego después sin embargo asimismo allí ahí aquel aquella ambos""",
    "it": """lui lei egli ella essi esse loro suo sua suoi sue | questo questa questi queste ciò quello quella ma e o
        anche inoltre così poi quindi dunque tuttavia però perciò infatti invece""",
    "pt": """ele ela eles elas seu sua seus suas | este esta isto isso esse essa aquele mas e ou também além assim então
        depois contudo porém entretanto ambos""",
    "nl": """hij zij ze het zijn haar hun | deze dit die dat maar en of ook daarom daarna dus bovendien echter toch toen
        dan daarmee daarbij daarnaast beide""",
    "ru": """он она оно они его её ее их ему ей им | это этот эта эти такой такая такие такое тот та те но и а или также
        тоже однако затем потом поэтому кроме при там тогда так оба ранее""",
    "uk": """він вона воно вони його її їх їхній йому їй їм | це цей ця ці такий така такі той та ті але і й а або також
        теж однак проте потім тому крім при там тоді так обидва раніше""",
    "pl": """on ona ono oni one jego jej ich | to ten ta te tego tej takie taki taka ale i a lub także też również
        jednak potem dlatego ponadto poza tam wtedy tak obaj""",
    "sv": "han hon de den det hans hennes deras | detta denna dessa men och eller också dock därför sedan där så",
    "da": "han hun de den det hans hendes deres | dette denne disse men og eller også dog derfor siden der så",
    "no": "han hun de den det hans hennes deres | dette denne disse men og eller også derfor siden der så",
    "cs": "on ona ono oni jeho její jejich | to ten ta ti tento tato ale a nebo také však proto potom pak tam tak",
    "tr": "o onlar onun | bu bunlar şu ama ve veya ayrıca ancak böylece",
}
_SAID = re.compile(
    r"""^(?:(?:he|she|they|it)\s+(?:also\s+)?(?:said|added|told|noted|wrote|continued)|(?:says|said|added|adds)\b|
    (?:sagte|fügte|erklärte)\s+(?:er|sie)\b|so\ der\b|(?:a-t-il|a-t-elle)\b|(?:dijo|añadió|agregó)\b|(?:ha\ detto|
    ha\ aggiunto)\b|
    (?:сказал|сказала|добавил|добавила|отметил|отметила|пояснил)\b|(?:сказав|додав|додала|зазначив|зазначила)\b)""",
    re.VERBOSE | re.IGNORECASE,
)
# Words for the writer and the reader: a sign of a comment, an appeal or a column; in a quotation of little news.
_PERSONAL = {
    "en": "i i'm i've we we're we've us our you your you're my me",
    "de": "ich wir uns unser unsere unseren mein meine euch",
    "fr": "je j'ai nous notre nos vous votre vos mon",
    "es": "yo nosotros nuestro nuestra nuestros usted ustedes mi",
    "it": "io noi nostro nostra nostri voi vostro mio",
    "pt": "eu nós nosso nossa nossos você vocês meu",
    "nl": "ik wij we ons onze jij jullie mijn",
    "ru": "я мы нас нам наш наша наши вы вас вам ваш мой",
    "uk": "я ми нас нам наш наша наші ви вас вам ваш мій",
    "pl": "ja my nas nam nasz nasza nasze wy was wam",
}
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_FIRST = re.compile(r"[^\W\d_][\w'’]*")
_REPORTED = re.compile(
    (
        r"[\"”»“]\s*[,.]?\s*[—–-]?\s*(?:he|she|they|er|sie|он|она|він|вона)\s+\w+|[\"”»]\s*,?\s*[—–-]?\s*(?:said|"
        r"sagte|сказал|сказала|заявил)\s+(?:he|she|they|er|sie|он|она)\b"
    ),
    re.IGNORECASE,
)
# "The minister also said": near the beginning such a word adds to an earlier sentence.
_ADDS = re.compile(
    r"^(?:\S+\s+){1,7}?(?:also|additionally|auch|zudem|également|aussi|también|además|anche|inoltre|também|ook|также|"
    r"тоже|також|теж|również|också)\s",
    re.IGNORECASE,
)
# "Eleven others", "Elf weitere", "Otros once", "Ещё одиннадцать": they add to an earlier count.
_OTHERS = re.compile(
    r"""^(?:\w+|\w+\s+(?:of\s+)?(?:the|them))\s+(?:others?|weiter[en]|andere[nr]?|autres|otr[oa]s|altr[ei]|outr[oa]s|
        anderen|других|інших|innych)\b|
    ^(?:otr[oa]s|altr[ei]|outr[oa]s)\b|^(?:another|nog|noch|ещё|еще|ще|jeszcze)\s+(?:\d+|\w+\s+(?:were|was|sind|wurden|
    fueron|están|человек|людей))\b""",
    re.VERBOSE | re.IGNORECASE,
)
# "The news comes after", "Police said he": what the news was, or who he is, an earlier sentence says.
_REFERS = re.compile(
    r"""^(?:(?:the|that)\ (?:news|move|announcement|decision|comment|remark|statement|incident|
    note|report|post|message|letter|filing|ruling|
    verdict|visit|trip|
    warning|development)s?(?:\s(?:from|by|of|about|on)(?:\s\w+){1,4})?\s(?:comes?|came|follows?|followed)\b|
    die\ (?:nachricht|entscheidung|ankündigung|äußerung)\ (?:kommt|kam|folgt)\b|
    (?:la\ (?:nouvelle|décision)|l['’]annonce|cette\ annonce)\ (?:intervient|survient|fait\ suite)\b|
    (?:la\ (?:noticia|decisión|medida)|el\ anuncio)\ (?:llega|se\ produce)\b|
    (?:la\ (?:notizia|decisione)|l['’]annuncio)\ (?:arriva|segue)\b|
    (?:police|officials|authorities|prosecutors|investigators|lawyers|doctors)\ (?:said|say|added|believe)\ (?:that\ )?
    (?:he|she|they|it|his|her)\b|
    (?:die\ polizei|die\ behörden)\ \w+,?\ (?:dass\ )?(?:er|sie)\b|
    (?:полиция|власти|следствие)\ \w+,?\ (?:что\ )?(?:он|она|они)\b|
    (?:before|until|when)\ (?:he|she|they)\ \w+ed,)""",
    re.VERBOSE | re.IGNORECASE,
)
# "He previously appeared in", "Typically such missiles carry": near the beginning such a word tells of the past or of
# what always is so.
# "The flooding comes amid", "The veteran was arrested the same day that": what happened stands in another sentence.
_BACKGROUND = re.compile(
    r"""^(?:\S+\s){1,8}?(?:comes?|came)\s(?:\w+\s){0,3}?
    (?:amid|after|as|days|hours|weeks|months|years|at\ a\ time|following)\b
    | ^(?:\S+\s+){1,6}?(?:has|have|had)\ long\s
    | ^(?:\S+\s+){0,4}?(?:previously|formerly|originally|typically|usually|traditionally|historically|generally|
    normally|zuvor|früher|ursprünglich|üblicherweise|normalerweise|traditionell|auparavant|autrefois|initialement|habituellement|
    généralement|traditionnellement|anteriormente|previamente|originalmente|normalmente|habitualmente|tradicionalmente|
    generalmente|in\ precedenza|precedentemente|originariamente|di\ solito|tradizionalmente|geralmente|eerder|voorheen|
    oorspronkelijk|meestal|ранее|прежде|обычно|изначально|традиционно|раніше|зазвичай|спочатку|традиційно|wcześniej|
    poprzednio|zwykle|zazwyczaj|pierwotnie)[\s,]
    | ^(?:\S+\s+){1,8}?(?:is|are|ist|sind|est|sont|es|son|è|sono)\s(?:an?\s|the\s|eine?\s|une?\s)?
    (?:crucial|vital|essential|important|major|best\s-?known|known|famous|home|one|entscheidend|wichtig|bekannt|eine[rs]|
    crucial|essentiel|connue?|l['’]une?|esencial|conocid[oa]|un[oa]\sde|essenziale|not[oa]|un[oa]\sde[il])s?
    \s(?:for|to|as|of|because|producers?|exporters?|für|als|der|pour|comme|des?|para|por|per|come)\b""",
    re.VERBOSE | re.IGNORECASE,
)
# "While most states are wary of Hale, Orr is not": the news, if any, is in the second half.
_CONCEDES = re.compile(r"^(?:while|although|though|obwohl|bien qu['’e]|aunque|sebbene|хотя|хоча)\b", re.IGNORECASE)
_QUOTED = re.compile(
    r"“[^“”]*”|“[^“”\"]*\"|„[^„“”]*[“”]|«[^«»]*»|\"[^\"]*\"|「[^「」]*」|(?<!\w)['‘][^'‘’]*(?:\w['’]\w[^'‘’]*)*['’](?!\w)"
)
_MOSTLY = 0.45  # share of a sentence in quotation marks from which it is a quotation
# "It is raining", "Es gibt", "There were 12", "This year": these first words refer to nothing before.
_ALONE = re.compile(
    r"""^(?:this\s+(?:year|week|month|morning|afternoon|evening|season|summer|winter|autumn|spring|is\ a)|
    both\s+\w+\s+and|one\s+(?:of|in|person|man|woman|people)|there(?:\s+(?:is|are|was|were|has|have)|['’]s)\b|those\s+who|such\s+as|
    (?:es|dabei)\s+(?:gibt|gab)|der\b|die\b|das\s+[A-ZÄÖÜ]|il\s+y\s+a|het\s+[a-z]{4}|de\b|den\b(?=\s+\d)|
    cette\s+(?:année|semaine)|ce\s+(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)|
    este\s+(?:lunes|martes|miércoles|jueves|viernes|sábado|domingo|año|mes))\b""",
    re.VERBOSE | re.IGNORECASE,
)


def _balanced(text: str) -> bool:
    """Whether quotation marks are paired. German closes with the mark that opens an English quotation."""
    if "„" in text:
        return text.count("„") == text.count("“") + text.count("”")
    straight = text.count('"') % 2  # some feeds open with “ and close with "
    return text.count("“") == text.count("”") + straight and text.count("«") == text.count("»")


def is_question(text: str) -> bool:
    """Whether a sentence is a question."""
    return text.rstrip("\"'”»)").endswith(("?", "？", "؟"))


def is_personal(text: str, language: str | None) -> bool:
    """Whether a sentence says `I`, `we` or `you`, also in a quotation."""
    listed = _PERSONAL.get(language_code(language), "").split()
    words = (match.group() for match in _WORD.finditer(text))
    # All capitals are a name: the US, not us.
    return any(w.lower().replace("’", "'") in listed for w in words if len(w) == 1 or not w.isupper())


def dangles(text: str, language: str | None) -> bool:
    """Whether a sentence begins with a word that refers to an earlier one: a pronoun, `But`, `He said`."""
    if _SAID.match(text) or _OTHERS.match(text) or _REFERS.match(text) or references.continues(text):
        return True
    opening = _FIRST.search(text[:40])
    if opening is None or _bare(opening.group()) not in _referring(language):
        return False
    return not _ALONE.match(text[opening.start() :])


def begins_with_pronoun(text: str, language: str | None) -> bool:
    """Whether the first word is one for a person or thing: `She`, `Their`."""
    opening = _FIRST.search(text[:40])
    listed = _referring(language)
    return opening is not None and _bare(opening.group()) in listed[: listed.index("|")]


def _referring(language: str | None) -> list[str]:
    return _DANGLING.get(language_code(language), _DANGLING["en"]).split()


def _bare(word: str) -> str:
    return word.lower().replace("’", "'").split("'")[0]


def adds(text: str) -> bool:
    """Whether a sentence adds to what an earlier one says: `The minister also said`."""
    return bool(_ADDS.match(text))


def is_background(text: str) -> bool:
    """Whether a sentence tells of the past or of what always is so, instead of the news."""
    return bool(_BACKGROUND.match(text))


def concedes(text: str) -> bool:
    """Whether a sentence begins with what it then limits: `Although`, `While`."""
    return bool(_CONCEDES.match(text))


def is_quotation(text: str) -> bool:
    """Whether about half of a sentence or more is quoted speech."""
    return sum(len(match.group()) for match in _QUOTED.finditer(text)) >= _MOSTLY * len(text) > 0


def without_quotations(text: str) -> str:
    """Return a sentence without quoted speech."""
    return _QUOTED.sub(" ", text)


def begins_with_quotation(text: str) -> bool:
    """Whether a sentence begins with quoted speech."""
    return _QUOTED.match(text) is not None


def whole(text: str) -> bool:
    """Whether every quotation in a sentence is complete, and its speaker is named."""
    return _balanced(text) and not _REPORTED.search(text)


def leans(text: str, language: str | None) -> bool:
    """Whether a sentence needs the one before it."""
    return dangles(text, language) or not whole(text)


def ends(text: str) -> bool:
    """Whether a text ends as a sentence does; a heading, a table row or a cut teaser does not."""
    tail = text.rstrip("\"'”’»)]」』 ")
    return tail.endswith((".", "!", "?", "。", "！", "？", "।", "؟", "…", "۔")) and not tail.endswith("...")


def stands_alone(text: str, language: str | None) -> bool:
    """Whether a summary may open with this sentence."""
    return not leans(text, language) and not is_question(text) and ends(text)
