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
        "released": "freed= paroled= released_from released_on released_without",
        "resigned": "resign steps_down stepped_down stepping_down quits= quit=",
        "dismissed": "sacked= fired_as fired_from dismissed= ousted= impeach suspended_from",
        "appointed": "appoint named_as sworn_in",
        "elected": "elected= re-elected= wins= won= defeated=",
        "died": "dies= died= dead= killed= succumb",
        "found": "rescued= found_alive found_dead found_safe body_found bodies_found wreckage_found",
        "surrendered": "surrender",
        "extradited": "extradit deport",
        "resolved": "resolved= restored= repaired= fixed= back_online mitigated= extinguished=",
        "reopened": "reopen re-open resumed= resumes= resume= reinstat",
        "closed": "shuts= shut_down closure= bankrupt insolven liquidat",
        "cancelled": "cancelled= canceled= cancels= called_off scrapped= scraps=",
        "postponed": "postpone rescheduled=",
        "approved": "approved= approves= ratif passed_into adopted= green-lit authoris authoriz",
        "rejected": "rejected= rejects= veto voted_down struck_down overturn",
        "lifted": "revoked= repealed= ban_lifted lifts_ban lifted_the_ban",
        "banned": "banned= bans= outlaw",
        "sued": "sued= sues= lawsuit=",
        "settled": "ceasefire= truce= settlement_with settled_with settle_lawsuit settle_out peace_deal",
        "apologised": "apologis apologiz apology=",
        "claimed": "claimed_responsibility claims_responsibility",
        "identified": "confessed= pleaded= identified_as identified_the",
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
        "appointed": "ernannt= vereidigt=",
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
        "recalled": "rückruf",
        "sued": "verklagt= klage=",
        "settled": "geeinigt= einigung= waffenruhe=",
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
        "reopened": "rouvert rouvre réouvert",
        "closed": "fermé= fermeture= faillite=",
        "cancelled": "annul",
        "postponed": "reporté= reportée= ajourné",
        "approved": "approuv adopté= adoptée= ratifi",
        "rejected": "rejet",
        "lifted": "levé= levée= abrogé",
        "banned": "interdit= interdite= interdiction=",
        "sued": "porte_plainte",
        "settled": "accord_de accord_sur accord_entre cessez-le-feu= trêve=",
        "apologised": "excuses= excusé",
        "identified": "identifié avoué",
    },
    "es": {
        "arrested": "detenid arrestad arresto=",
        "charged": "imputad acusad procesad",
        "convicted": "condenad culpable=",
        "acquitted": "absuelt absuelv",
        "released": "liberad excarcel",
        "resigned": "dimite= dimitió= dimiten= dimisión= renunci",
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
        "lifted": "derogad",
        "banned": "prohibid prohíbe",
        "settled": "llegan_a_un_acuerdo acuerdo_de_paz tregua= alto_el_fuego",
        "apologised": "disculp",
        "identified": "identificad confes",
    },
    "it": {
        "arrested": "arrestat arresto= fermato= fermati=",
        "charged": "incriminat indagat rinviat",
        "convicted": "condannat colpevol",
        "acquitted": "assolt",
        "released": "liberat scarcerat rilasciat",
        "resigned": "dimission dimess dimette=",
        "dismissed": "licenziat destituit esonerat sospes",
        "appointed": "nominat",
        "elected": "eletto= eletta= eletti= rielett vince= vinto=",
        "died": "muore= morto= morta= decedut",
        "found": "ritrovat salvat",
        "resolved": "risolt ripristinat domat",
        "reopened": "riapert riapre",
        "closed": "chius fallit",
        "cancelled": "annullat cancellat",
        "postponed": "rinviat",
        "approved": "approvat ratificat",
        "rejected": "respint bocciat",
        "settled": "raggiunto_un_accordo accordo_di_pace tregua=",
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
        "settled": "chegam_a_acordo acordo_de_paz trégua= cessar-fogo=",
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
        "settled": "wapenstilstand= staakt-het-vuren= akkoord_bereikt",
    },
    "pl": {
        "arrested": "aresztow zatrzyma",
        "charged": "oskarż zarzut",
        "convicted": "skazan winny= winna= winni=",
        "acquitted": "uniewinn",
        "released": "zwolnion uwolni",
        "resigned": "rezygn dymisj ustąpi",
        "dismissed": "odwołan zwolnion zawieszon",
        "appointed": "mianowan powołan",
        "elected": "wybran wygr",
        "died": "zmarł zmarła",
        "found": "uratow odnalezi",
        "resolved": "napraw ugaszon",
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
        "died": "умер= умерла= умерли= скончал",
        "found": "спасен спасён найден нашли",
        "resolved": "устран восстанов потуш",
        "reopened": "открыли_снова возобнов вновь_открыт",
        "closed": "закры банкрот",
        "cancelled": "отмен",
        "postponed": "отложен отложил перенесен= перенесён= перенесли=",
        "approved": "одобр утвердил принял_закон",
        "rejected": "отклон отверг",
        "banned": "запрет запрещ",
        "settled": "заключили_соглашение подписали_соглашение перемири",
        "apologised": "извин",
        "identified": "опозна установлена_личность признал_вину",
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
        "died": "помер= померла= померли=",
        "found": "врятова знайден",
        "resolved": "усунен віднов ліквідов",
        "reopened": "відновил знову_відкри",
        "closed": "закри банкрут",
        "cancelled": "скасов",
        "postponed": "відкладен відклали перенесено= перенесли=",
        "approved": "схвал ухвал затверд",
        "rejected": "відхил",
        "banned": "заборон",
        "settled": "уклали_угоду перемир",
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
            re.escape(w.rstrip("=").replace("_", " ")) + (r"(?!\w)" if w.endswith("=") else r"\w*")
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
