"""Developments: words for a change of state, such as an arrest or a verdict, that make news without any number."""

from __future__ import annotations

import re
from functools import lru_cache

from digests.language.detect import language_code
from digests.language.senses import senses_in
from digests.summarize.model import gate

# First letters of words; `=` at the end means the whole word, `_` a blank. The names are our own.
_WORDS = {
    "en": {
        "arrested": "arrest detained= custody= apprehended=",
        "charged": "charged= charges= indict prosecut arraign",
        "convicted": "convict guilty=",
        "acquitted": "acquit cleared_of exonerat not_guilty=",
        "sentenced": "sentenced= jailed= imprisoned=",
        "released": "released= freed= paroled=",
        "resigned": "resign steps_down stepped_down stepping_down quits= quit=",
        "dismissed": "sacked= fired= dismissed= ousted= impeach suspended=",
        "appointed": "appoint named_as sworn_in succeeds=",
        "elected": "elected= re-elected= wins= won= defeated=",
        "died": "dies= died= dead= killed= succumb",
        "found": "rescued= found_alive found_dead found_safe body_found bodies_found wreckage_found",
        "surrendered": "surrender",
        "extradited": "extradit deport",
        "resolved": "resolved= restored= repaired= fixed= back_online mitigated= contained= extinguished=",
        "reopened": "reopen re-open resumed= resumes= resume= reinstat",
        "closed": "shuts= shut_down closes= closure= bankrupt insolven liquidat",
        "cancelled": "cancelled= canceled= cancels= called_off scrapped= scraps= abandoned=",
        "postponed": "postpone rescheduled=",
        "approved": "approved= approves= ratif passed_into adopted= green-lit authoris authoriz",
        "rejected": "rejected= rejects= veto voted_down struck_down overturn",
        "lifted": "lifted= lifts= revoked= repealed=",
        "banned": "banned= bans= outlaw",
        "recalled": "recalled= recalls=",
        "sued": "sued= sues= lawsuit=",
        "settled": "settle_ settled= settlement= ceasefire= truce=",
        "apologised": "apologis apologiz apology=",
        "claimed": "claimed_responsibility claims_responsibility",
        "identified": "identified= confessed= admitted=",
        "reversed": "reverses= reversed= u-turn= backs_down backed_down withdraws= withdrew=",
    },
    "de": {
        "arrested": "festgenommen= festnahme verhaft",
        "charged": "angeklagt= anklage=",
        "convicted": "verurteilt= schuldig=",
        "acquitted": "freigesprochen= freispruch=",
        "sentenced": "haftstrafe=",
        "released": "freigelassen= entlassen= freilassung=",
        "resigned": "rücktritt= zurückgetreten= tritt_zurück trat_zurück",
        "dismissed": "gefeuert= abgesetzt= abberufen= suspendiert=",
        "appointed": "ernannt= vereidigt= nachfolge",
        "elected": "gewählt= wiedergewählt= gewinnt= gewann= gewonnen=",
        "died": "gestorben= stirbt= starb= tot= getötet=",
        "found": "gerettet= gefunden= geborgen=",
        "extradited": "ausgeliefert= abgeschoben=",
        "resolved": "behoben= gelöst= gelöscht= wiederhergestellt=",
        "reopened": "wiedereröffn wieder_geöffnet wiederaufgenommen= wieder_freigegeben",
        "closed": "geschlossen= insolven pleite=",
        "cancelled": "abgesagt= gestrichen= absage=",
        "postponed": "verschoben= vertagt=",
        "approved": "genehmigt= gebilligt= beschlossen= verabschiedet= bewilligt=",
        "rejected": "abgelehnt= verworfen= gekippt=",
        "lifted": "aufgehoben=",
        "banned": "verboten= verbot=",
        "recalled": "zurückgerufen= rückruf",
        "sued": "verklagt= klage=",
        "settled": "geeinigt= einigung= waffenruhe= vergleich=",
        "apologised": "entschuldigt= entschuldigung=",
        "identified": "identifiziert= gestanden= geständnis=",
    },
    "fr": {
        "arrested": "arrêté= arrêtée= arrêtés= arrestation interpell garde_à_vue",
        "charged": "inculp mis_en_examen mise_en_examen",
        "convicted": "condamn coupable=",
        "acquitted": "acquitt relaxé",
        "released": "libéré remis_en_liberté",
        "resigned": "démission",
        "dismissed": "limogé licenci révoqué destitu suspendu=",
        "appointed": "nommé= nommée= nomination=",
        "elected": "élu= élue= réélu remporte",
        "died": "décédé meurt= mort= morte=",
        "found": "retrouvé secouru",
        "extradited": "extrad expulsé",
        "resolved": "résolu rétabli maîtrisé",
        "reopened": "rouvert rouvre réouvert repris= reprend=",
        "closed": "fermé= fermeture= faillite=",
        "cancelled": "annul",
        "postponed": "reporté= reportée= ajourné",
        "approved": "approuv adopté= adoptée= ratifi",
        "rejected": "rejet",
        "lifted": "levé= levée= abrogé",
        "banned": "interdit= interdite= interdiction=",
        "recalled": "rappelé rappel=",
        "sued": "porte_plainte",
        "settled": "accord= cessez-le-feu= trêve=",
        "apologised": "excuses= excusé",
        "identified": "identifié avoué",
    },
    "es": {
        "arrested": "detenid arrestad arresto=",
        "charged": "imputad acusad procesad",
        "convicted": "condenad culpable=",
        "acquitted": "absuelt absuelv",
        "released": "liberad excarcel",
        "resigned": "dimi renunci",
        "dismissed": "destituid despedid cesad suspendid",
        "appointed": "nombrad nombramiento=",
        "elected": "elegid reelegid gana= ganó=",
        "died": "muere= murió= fallec",
        "found": "rescatad hallad encontrad",
        "extradited": "extradit deportad",
        "resolved": "resuelt restablecid controlad",
        "reopened": "reabr reabier reanud",
        "closed": "cerrad cierre= quiebra=",
        "cancelled": "cancelad suspenden=",
        "postponed": "aplazad pospuest",
        "approved": "aprobad aprueba ratific",
        "rejected": "rechaz",
        "lifted": "levantad derogad",
        "banned": "prohibid prohíbe",
        "settled": "acuerdo= tregua=",
        "apologised": "disculp",
        "identified": "identificad confes",
    },
    "it": {
        "arrested": "arrestat arresto= fermat",
        "charged": "incriminat indagat rinviat",
        "convicted": "condannat colpevol",
        "acquitted": "assolt",
        "released": "liberat scarcerat rilasciat",
        "resigned": "dimission dimess dimette=",
        "dismissed": "licenziat destituit esonerat sospes",
        "appointed": "nominat",
        "elected": "elett vince= vinto=",
        "died": "muore= morto= morta= decedut",
        "found": "ritrovat salvat",
        "resolved": "risolt ripristinat domat",
        "reopened": "riapert riapre riapr ripres",
        "closed": "chius fallit",
        "cancelled": "annullat cancellat",
        "postponed": "rinviat",
        "approved": "approvat ratificat",
        "rejected": "respint bocciat",
        "settled": "accordo= tregua=",
        "apologised": "scuse=",
    },
    "pt": {
        "arrested": "detid preso= presa= presos=",
        "charged": "acusad indiciad denunciad",
        "convicted": "condenad culpad",
        "acquitted": "absolvid",
        "released": "libertad solto= solta=",
        "resigned": "demit demissão= renunci",
        "dismissed": "exonerad afastad destituíd",
        "appointed": "nomead",
        "elected": "eleit reeleit vence= venceu=",
        "died": "morre= morreu= falec",
        "found": "resgatad encontrad",
        "resolved": "resolvid restabelecid controlad",
        "reopened": "reabr reabert retom",
        "closed": "fechad falência=",
        "cancelled": "cancelad",
        "postponed": "adiad",
        "approved": "aprovad",
        "rejected": "rejeit",
        "settled": "acordo= trégua=",
    },
    "nl": {
        "arrested": "gearresteerd= aangehouden= opgepakt= arrestatie=",
        "charged": "aangeklaagd= aanklacht= vervolgd=",
        "convicted": "veroordeeld= schuldig=",
        "acquitted": "vrijgesproken= vrijspraak=",
        "released": "vrijgelaten=",
        "resigned": "ontslag= afgetreden= stapt_op",
        "dismissed": "ontslagen= geschorst=",
        "appointed": "benoemd=",
        "elected": "gekozen= herkozen= wint=",
        "died": "overleden= overlijdt=",
        "found": "gered= gevonden=",
        "resolved": "opgelost= hersteld= geblust=",
        "reopened": "heropen hervat=",
        "closed": "gesloten= failliet=",
        "cancelled": "afgelast= geschrapt=",
        "postponed": "uitgesteld=",
        "approved": "goedgekeurd= aangenomen=",
        "rejected": "verworpen= afgewezen=",
        "settled": "akkoord= bestand=",
    },
    "pl": {
        "arrested": "aresztow zatrzyma",
        "charged": "oskarż zarzut",
        "convicted": "skazan winn",
        "acquitted": "uniewinn",
        "released": "zwolnion uwolni",
        "resigned": "rezygn dymisj ustąpi",
        "dismissed": "odwołan zwolnion zawieszon",
        "appointed": "mianowan powołan",
        "elected": "wybran wygr",
        "died": "zmarł zmarła",
        "found": "uratow odnalezi",
        "resolved": "rozwiąz napraw ugaszon",
        "reopened": "ponownie_otwar wznow",
        "cancelled": "odwoł",
        "postponed": "przełożon",
        "approved": "zatwierdz uchwal",
        "rejected": "odrzuc",
        "settled": "porozumieni rozejm",
    },
    "ru": {
        "arrested": "арест задерж",
        "charged": "обвин предъяв",
        "convicted": "осужд осудил виновн приговор",
        "acquitted": "оправда",
        "released": "освобо отпущ",
        "resigned": "отставк ушел_в ушёл_в",
        "dismissed": "уволен уволил отстран",
        "appointed": "назначен назначил",
        "elected": "избран победил",
        "died": "умер скончал",
        "found": "спасен спасён найден нашли",
        "resolved": "устран восстанов потуш",
        "reopened": "открыли_снова возобнов вновь_открыт",
        "closed": "закры банкрот",
        "cancelled": "отмен",
        "postponed": "отлож перенес перенос",
        "approved": "одобр утверд принял_закон",
        "rejected": "отклон отверг",
        "banned": "запрет запрещ",
        "settled": "соглашен перемири",
        "apologised": "извин",
        "identified": "опозна установлена_личность признал",
    },
    "uk": {
        "arrested": "арешт затрим",
        "charged": "обвинув підозр",
        "convicted": "засуд винн вирок",
        "acquitted": "виправда",
        "released": "звільнен_з відпущ",
        "resigned": "відставк",
        "dismissed": "звільнив звільнили усунен",
        "appointed": "признач",
        "elected": "обран переміг",
        "died": "помер",
        "found": "врятова знайден",
        "resolved": "усунен віднов ліквідов",
        "reopened": "відновил знову_відкри",
        "closed": "закри банкрут",
        "cancelled": "скасов",
        "postponed": "відклад перенес",
        "approved": "схвал ухвал затверд",
        "rejected": "відхил",
        "banned": "заборон",
        "settled": "угод перемир",
        "apologised": "вибач",
    },
}


# Senses that are a development, for languages that have senses but no table here.
_SENSES = {
    "arrest": "arrested", "charges": "charged", "sentence": "sentenced", "released": "released", "resign": "resigned",
    "fired": "dismissed", "impeachment": "dismissed", "appoint": "appointed", "rescue": "found", "deport": "extradited",
    "bankruptcy": "closed", "cancel": "cancelled", "delay": "postponed", "veto": "rejected", "ban": "banned",
    "ceasefire": "settled", "apology": "apologised",
}  # fmt: skip


@lru_cache(maxsize=32)
def _pattern(language: str) -> re.Pattern[str] | None:
    table = _WORDS.get(language)
    if table is None:
        return None
    groups = []
    for name, words in table.items():
        parts = (
            re.escape(w.rstrip("=").replace("_", " ").strip()) + (r"(?!\w)" if w.endswith("=") else r"\w*")
            for w in words.split()
        )
        groups.append(f"(?P<{name}>{'|'.join(parts)})")
    return re.compile(rf"(?<![\w-])(?:{'|'.join(groups)})", re.IGNORECASE)


def developments(text: str, language: str | None) -> dict[str, str]:
    """Return the developments that a text reports, by name, each with the word for it as written.

    A negated text (`no one was arrested`) reports none.
    """
    code = language_code(language)
    if gate.negated(text, code):
        return {}
    pattern = _pattern(code)
    if pattern is None:
        said = ((_SENSES[one.sense], one) for one in senses_in(text, code) if one.sense in _SENSES)
        return {name: one.written for name, one in reversed(list(said))}
    found: dict[str, str] = {}
    for match in pattern.finditer(text):
        found.setdefault(match.lastgroup or "", match.group())
    return found
