"""What the beginning of a sentence takes for said: it continues an earlier one, or names a thing as known."""

from __future__ import annotations

import re

from digests.language.detect import language_code

# "Separately, ...", "In the first post, ...": these words set a sentence against an earlier one, in any language.
_CONTINUES = re.compile(
    r"""^(?:
    (?:separately|elsewhere|in\ (?:addition|turn|response|contrast|return|parallel|comparison)|by\ contrast|
    at\ the\ same\ time|for\ (?:his|her|its|their)\ part|on\ the\ other\ hand|in\ the\ meantime|as\ a\ result|
    now\ (?:he|she|it|they)|that\ said|to\ that\ end|for\ (?:example|instance))\b
    (?!\ (?:to|for|with|from|of|as)\b) |
    (?:in|on|at|during|of|for)\ the\ (?:first|second|third|last|latter|former|same|next|other|earlier|previous)\s
    (?!(?:minute|hour|day|night|week|weekend|month|quarter|half|season|year|decade|century|round|time|place)s?,)
    [a-z]+,\s |
    the\ (?:latter|rest(?!\ of\b)|others?|remaining)\b |
    the\ former(?=,|\ (?:is|was|has|had|will|would|said)\b) |
    (?:unterdessen|währenddessen|zugleich|gleichzeitig|indes(?:sen)?|hingegen|im\ gegenzug|andererseits|anderswo|
    zusätzlich|separat\ davon|infolgedessen|zum\ beispiel|der\ andere|die\ (?:anderen|übrigen))\b
    (?!\ (?:zu[mr]?|für)\b) |
    (?:par\ ailleurs|en\ outre|en\ revanche|de\ (?:son|leur)\ côté|dans\ le\ même\ temps|séparément|en\ parallèle|
    à\ l['’]inverse|en\ retour|entre-temps|parallèlement|par\ exemple|ailleurs,|les\ autres|l['’]autre|
    c(?:e|ette|es)\ derni(?:er|ère)s?)\b(?!\ d(?:e|u|es)\b|\ d['’]) |
    (?:por\ (?:otra\ parte|otro\ lado|su\ parte|separado|ejemplo)|mientras\ tanto|en\ tanto|al\ mismo\ tiempo|
    en\ cambio|a\ su\ vez|a\ cambio|en\ paralelo|los\ demás|las\ demás|el\ otro|la\ otra|
    est(?:e|a|os|as)\ últim[oa]s?)\b(?!\ (?:del?|a|al|con|que)\b) |
    (?:intanto|nel\ frattempo|dal\ canto\ suo|allo\ stesso\ tempo|separatamente|d['’]altra\ parte|a\ sua\ volta|
    in\ cambio|per\ esempio|gli\ altri|le\ altre|quest['’]ultim[oaie])\b(?!\ (?:di|del|della|dei|a)\b) |
    (?:por\ (?:outro\ lado|sua\ vez|exemplo)|enquanto\ isso|ao\ mesmo\ tempo|os\ demais|este\ último)\b |
    (?:intussen|ondertussen|daarentegen|tegelijkertijd|elders|anderzijds|bijvoorbeeld|de\ anderen?)\b |
    (?:между\ тем|тем\ временем|в\ свою\ очередь|вместе\ с\ тем|в\ то\ же\ время|напротив|параллельно|отдельно|
    например|в\ ответ(?!\ на\b)|остальные)\b |
    (?:тим\ часом|водночас|своєю\ чергою|у\ свою\ чергу|натомість|паралельно|окремо|наприклад|решта|
    у\ відповідь(?!\ на\b))\b |
    (?:tymczasem|jednocześnie|z\ kolei|natomiast|równolegle|osobno|na\ przykład|pozostali)\b |
    与此同时|同时|此外|另外|另一方面|随后|对此|其中|而|但(?![丁泽澤马馬])|同時に|一方(?![的通])|また|さらに|なお|しかし|ただ(?!ち|い)|だが|そして|そこで|このほか|
    و?(?:في\ المقابل|في\ الوقت\ (?:نفسه|ذاته)|من\ (?:جانب(?:ه|ها|هم)|جهت(?:ه|ها|هم)|جهة\ أخرى|ناحية\ أخرى)|
    بدور(?:ه|ها|هم)|إلى\ ذلك|كما|لكن(?:ه|ها|هم)?|بينما)\b
    )""",
    re.VERBOSE | re.IGNORECASE,
)
# "Eleven others are still being treated": an earlier sentence says who the first ones are.
_FURTHER = re.compile(
    r"""^(?:(?:at\ least|more\ than|about|some|mindestens|au\ moins|al\ menos|almeno)\ )?(?:
    (?:\d+|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens|hundreds|several|many)\ (?:others|more)\b
    (?!\ than\b) |
    (?:\d+|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|mehrere|dutzende)\ (?:weitere|andere)\b |
    (?:\d+|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|plusieurs)\ autres\b |
    (?:otr[oa]s\ )(?:\d+|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce)\b |
    (?:altr[ie]\ )(?:\d+|due|tre|quattro|cinque|sei|sette|otto|nove|dieci|undici|dodici)\b |
    (?:outr[oa]s\ )(?:\d+|dois|duas|três|quatro|cinco|seis|sete|oito|nove|dez|onze|doze)\b |
    (?:ещ[её]|ще)\ (?:\d+|дв[аоеі]|тр[оиі]|чет|чот|пят|п['’]ят|шест|шіст|сем|сім|восем|вісім|девят|дев['’]ят|десят)
    )""",
    re.VERBOSE | re.IGNORECASE,
)
# "Fewer prioritize a change" than who? "Of the next 51": than which?
_COMPARES = re.compile(
    r"^(?:(?:far|even|much)\s)?(?:fewer|less|weniger|moins|menos|meno|minder|меньше|менше|mniej)\s"
    r"(?!d[ei]\s(?:\d|la\smoitié|la\smitad|la\smetà|une?\b|una\b|un['’]|di[xe]|vingt|veinte|venti|cen|cien|mil))"
    r"(?!.*\b(?:than|als|que|di|che|do que|dan|чем|ніж|niż)\b)|"
    r"^(?:\S+\s+){0,5}?(?:of|in|over) the (?:next|other|remaining)\s"
    r"(?:\d[\d,]*|two|three|four|five|six|seven|eight|nine|ten)"
    r"(?!\S*\s(?:\S+\s){0,3}?(?:minute|hour|day|night|week|weekend|month|quarter|season|year|decade)s?\b)",
    re.IGNORECASE,
)
# "The facility, which was": a noun with the definite article and nothing behind it that says which one is meant.
_VERB = (
    r"(?:is|was|are|were|has|have|had|will|would|can|could|may|might|must|comes?|came|says?|said|now|also|"
    r"began|became|fell|found|gave|got|held|hit|led|left|lost|made|met|rose|ran|saw|told|took|went|won|"
    r"[a-z]{2,}ed|[a-z]{3,}(?<!s)s)"
)
_KNOWN = re.compile(rf"^(?:[A-Z][a-z]+\s)?[Tt]he\s((?:[a-z-]+\s){{0,2}}?[a-z-]+)(?:,\s|\s{_VERB}\b)")
_SAYS_WHICH = frozenset(
    [
        "of",
        "by",
        "for",
        "in",
        "on",
        "at",
        "to",
        "who",
        "that",
        "which",
        "from",
        "with",
        "between",
        "against",
        "and",
        "or",
    ]
)
# There is one of these in a country or in the world, or the reader knows which is meant.
_UNIQUE = re.compile(
    r"(?:government|president|minister|police|authorities|army|military|navy|court|war|world|state|country|city|nation|"
    r"economy|public|weather|news|markets?|administration|opposition|parliament|senate|house|cabinet|ministry|church|"
    r"sun|moon|sky|sea|internet|press|media|union|king|queen|pope)"
)
# The same of other languages, which put the definite article before what is new too: only nouns of this list count.
_THINGS = {
    "de": (
        r"(?:der|die|das)\s",
        """Entwicklung Entwicklungen Vorfall Vorfälle Maßnahme Maßnahmen Anlage Einrichtung Äußerung Äußerungen Schritt
        Schritte Ankündigung Entscheidung Firma Unternehmen Mann Frau Täter Verdächtige Opfer Gruppe Bericht Studie
        Gebäude Projekt Plan Vorschlag Abkommen Film Buch Spiel Fahrer""",
    ),
    "fr": (
        r"(?:l[ea]s?\s|l['’])",
        """développement développements incident incidents mesure mesures installation installations propos démarche
        annonce décision entreprise société homme femme auteur suspect victime victimes groupe rapport étude bâtiment
        projet plan proposition accord film livre match conducteur""",
    ),
    "es": (
        r"(?:el|la|los|las)\s",
        """acontecimientos incidente incidentes medida medidas instalación instalaciones declaraciones paso anuncio
        decisión empresa compañía hombre mujer autor sospechoso víctima víctimas grupo informe estudio edificio proyecto
        plan propuesta acuerdo película libro partido conductor""",
    ),
    "it": (
        r"(?:il\s|lo\s|la\s|i\s|gli\s|le\s|l['’])",
        """sviluppi incidente misura misure impianto struttura dichiarazioni mossa annuncio decisione azienda società
        uomo donna autore sospettato vittima vittime gruppo rapporto studio edificio progetto piano proposta accordo
        film libro partita conducente""",
    ),
    "ru": (
        "",
        """инцидент меры объект заявление шаг решение компания мужчина женщина подозреваемый пострадавший пострадавшие
        группа отчёт отчет исследование здание проект план предложение соглашение фильм книга матч водитель""",
    ),
    "uk": (
        "",
        """інцидент заходи об'єкт об’єкт заява крок рішення компанія чоловік жінка підозрюваний постраждалий постраждалі
        група звіт дослідження будівля проєкт проект план пропозиція угода фільм книга матч водій""",
    ),
}
_OTHER_VERB = {  # directly behind the noun: "Der Mann wurde", "La décision a été", "Инцидент произошёл"
    "de": r"(?:ist|war|sind|waren|wurden?|wird|werden|hat|haben|hatten?|soll(?:te)?n?|könnten?|kommt|kam|\w+te)\b",
    "fr": r"(?:est|sont|était|étaient|a|ont|avait|avaient|sera|seront|va|doit|pourrait|\w+ait)\b",
    "es": r"(?:es|son|era|fue|fueron|está|están|ha|han|había|será|va|podría|\w+ó)\b",
    "it": r"(?:è|sono|era|erano|ha|hanno|aveva|sarà|va|dovrà|potrebbe|\w+va)\b",
    "ru": r"(?:был[аои]?|будет|произош[её]л|произошла|может|должен|уже|\w+(?:л|ла|ло|ли|лся|лась|лось|лись))\b",
    "uk": r"(?:був|була|було|були|буде|стався|сталася|може|має|вже|\w+(?:в|ла|ло|ли|вся|лася|лося|лися))\b",
}
_OTHERS_KNOWN = {
    code: re.compile(rf"^{article}(?P<noun>{'|'.join(nouns.split())})(?=\s{_OTHER_VERB[code]})", re.IGNORECASE)
    for code, (article, nouns) in _THINGS.items()
}


# "President urges people to save": a subtitle that does not say which.
_OFFICE = re.compile(
    r"(President|Prime minister|Minister|Chancellor|Governor|Mayor|Premier|Senator|Judge|Coach|Company)\s"
    r"(?=[a-z]{2})(?!(?:of|in|at|who|from)\b)"
)


def continues(text: str) -> bool:
    """Whether a sentence begins with words that set it against an earlier one: `Separately`, `Eleven others`."""
    return bool(_CONTINUES.match(text) or _FURTHER.match(text) or _COMPARES.match(text))


def known_thing(text: str, language: str | None) -> str:
    """Return the noun at the beginning of a sentence that names something as known: `facility`; empty if none."""
    code = language_code(language)
    if code in ("en", "") and (office := _OFFICE.match(text)) is not None:
        return office[1]
    if code in _OTHERS_KNOWN:
        found = _OTHERS_KNOWN[code].match(text)
        return found["noun"] if found else ""
    found = _KNOWN.match(text) if code in ("en", "") else None
    if found is None:
        return ""
    *_, noun = parts = found[1].split()
    return "" if not _SAYS_WHICH.isdisjoint(parts) or _UNIQUE.fullmatch(noun) else noun
