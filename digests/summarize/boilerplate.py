"""Sentences of an article that are not its news: datelines, credits, captions, calls to action, correction notes.

Whole lines of boilerplate were removed when the text was fetched; see decision 11 for why this is a second list.
"""

from __future__ import annotations

import re

_AGENCY = r"\([^()]{2,40}\)"
_UPPER = r"[^\W\d_a-zа-яёіїєґ](?:[^\W\d_a-zа-яёіїєґ]|[.'’\- ](?=[^\W\d_a-zа-яёіїєґ]))+"
_PLACE = r"[^\W\d_][^\W\d_]*(?:[ .'’/-]+[^\W\d_]+){0,4}"
_DASH = r"(?:\s*[—–]\s*|\s+-{1,2}\s+|\s*--\s*|\s?\.\s?[-–—]\s+)"
_DATELINE = re.compile(
    rf"""^(?:
        {_PLACE}(?:,\s*{_PLACE}\.?)?(?:,?\s+\w+\.?\s+\d{{1,2}}\.?|
        ,?\s+\d{{1,2}}\.?\s+\w+\.?)?(?:,\s*\d{{4}})?\s*{_AGENCY}
            (?:{_DASH}|\s*[:.]\s+)                                   # BERLIN, 3. März (dpa) - ; Washington (AP) —
      | \d{{1,2}}\.?\s+(?:de\s+)?[^\W\d_]{{3,12}}\.?\s*{_AGENCY}{_DASH}     # 3 mars (AFP) –
      | {_PLACE}\s\([^()]{{2,12}}\),\s*\d{{1,2}}\s+(?:de\s+)?\w+\s*{_AGENCY}{_DASH}    # Lima (Perú), 3 mar (EFE).-
      | [^\W\d_]{{2,8}}，?\s?\d{{1,2}}\s?月\s?\d{{1,2}}\s?日（[^（）]{{2,12}}）\s?(?:[—–-]+\s?)?  # 北京，3月3日（某社）
      | (?:[A-Z][\w’']*\s|of\s){{0,4}}News:\s+                                      # Rest of World News:
      | {_AGENCY}{_DASH}                                             # (Reuters) -
      | \((?:CNN|AP|Reuters|AFP|UPI|dpa|EFE|ANSA|Xinhua)(?:\s[^()]{{1,20}})?\)\s+   # (CNN) with nothing after it
      | {_UPPER}(?:,\s*{_PLACE}\.?)?(?:,\s+\w+\.?\s+\d{{1,2}}\.?|,\s+\d{{1,2}}\.?\s+\w+\.?)?{_DASH}   # KYIV, Ukraine —
      | {_UPPER},\s+\d{{1,2}}\.?\s+\w+\.?\s*{_DASH}[^\W\d_][\w.\s]{{1,18}}\.\s+     # МОСКВА, 3 мар - РИА Новости.
      | {_UPPER}\.\s+\d{{1,2}}\s+\w+\.\s+[A-ZА-ЯЁ][\w.-]{{2,18}}{_DASH}             # МОСКВА. 3 марта. INTERFAX.RU -
      | {_UPPER},\s+\d{{1,2}}\s+\w+\.?\s*/[^/]{{2,25}}/\.?\s*                       # МОСКВА, 3 марта. /ТАСС/.
    )""",
    re.VERBOSE,
)
_CALLS = re.compile(
    r"""(?:\b|^)(?:
      (?:sign|signed)\ up\ (?:for|to|here)|subscribe\ (?:to|now|here|today)|(?:click|tap)\ here|read\ (?:more|also|next|
      the\ full)|
      follow\ (?:us|him|her|them|@|\w+\ on\ (?:twitter|x|facebook|instagram))|download\ (?:our|the)\ \w*\ ?app|
      (?:join|get|for)\ (?:our|the)\ (?:\w+\ )?newsletter|for\ more\ (?:\w+\ ){0,3}(?:news|coverage|stories)|
      our\ newsletter|
      (?:see|watch|listen|hear)\ (?:more|also|below|the\ (?:full\ )?(?:video|podcast))|share\ (?:this|on)|scroll\ down|
      (?:story|article)\ continues\ (?:below|after)|this\ (?:story|article|post)\ (?:was|has\ been|is|first|
      originally)\ |
      (?:originally|first)\ (?:appeared|published)\ (?:on|in|at|by)|appeared\ first\ on|all\ rights\ reserved|
      copyright\ (?:©|\d)|
      (?:do\ you\ have|got)\ a\ (?:story|tip|news\ tip)|contact\ (?:us|the\ (?:author|reporter|writer))|
      (?:get|find|read|see|more)\ (?:all\ )?(?:of\ )?(?:the\ )?(?:full\ |more\ )?(?:details|information)\ (?:over\ )?
      (?:at|in\ our|here)\b|support\ (?:our|independent)\ journalism|
      donate\ (?:now|today|to\ us)|become\ a\ (?:member|subscriber)|
      lesen\ sie\ (?:auch|hier|mehr)|mehr\ zum\ thema|(?:jetzt|hier)\ (?:abonnieren|anmelden|klicken)|
      alle\ rechte\ vorbehalten|
      lire\ (?:aussi|également|la\ suite)|à\ lire\ (?:aussi|également)|abonnez-vous|inscrivez-vous|
      tous\ droits\ réservés|
      le[ae]\ también|lee\ también|lea\ más|suscr[ií]b[ea]te|todos\ los\ derechos\ reservados|puedes\ leer|
      leggi\ anche|iscriviti|abbonati|riproduzione\ riservata|leia\ (?:também|mais)|inscreva-se|assine\ |
      lees\ (?:ook|meer|verder)|abonneer|meld\ je\ aan|czytaj\ (?:także|też|więcej)|zapisz\ się|läs\ (?:också|mer|även)|
      читайте\ также|читать\ (?:далее|также)|подпис(?:ывайтесь|аться|аться\ на)|подробнее\ (?:на|в|об?)\ |
      все\ права\ защищены|
      читайте\ також|читати\ (?:далі|також)|підпис(?:уйтесь|атися|ывайтесь)|приєднуйтесь|okumaya\ devam|haberin\ devamı|
      (?:use|uses|accept|verwend\w+|nutz\w+|akzeptier\w+|utilis\w+|accept\w+|utiliz\w+|acept\w+|usiamo|accett\w+|
      использу\w+|принима\w+|використову\w+)\b[^.]{0,60}\b(?:cookies?|файлы\ cookie|куки)\b|
      (?:privacy\ policy|datenschutz(?:hinweise|erklärung)|politique\ de\ confidentialité|política\ de\ privacidad|
      informativa\ sulla\ privacy|политик\w+\ конфиденциальности)|
      (?:log|sign)\ in\ to\ (?:your|continue|read|view)|required\ fields|registered\ users\ can|
      champs\ obligatoires|veuillez\ vous\ (?:connecter|inscrire)|utilisateurs\ enregistrés|
      pflichtfelder|melden\ sie\ sich\ an|campos\ obligatorios|inicie\ sesión|usuarios\ registrados|
      campi\ obbligatori|обязательные\ поля|войдите\ (?:в|на)\ |зарегистрированны\w+\ пользовател|
      اقرأ\ أيضا|اشترك|यह\ भी\ पढ़ें|続きを読む|阅读全文|点击(?:这里|查看)|关注我们|相关阅读
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_CREDITS = re.compile(
    r"""(?:
      ^\(?(?:additional\ |with\ )?(?:reporting|writing|editing|edited|compiled|written)\ (?:by|and)\b|\b(?:AP|AFP|
      Reuters|Getty|EPA|dpa)\ ?(?:Photo|Images|/(?!Ipsos|NORC))|
      ^(?:file|photos?|pictures?|images?|fotos?|bild|crédits?|foto|imagen|фото|видео|відео)\s*(?:[-–—:|]|by\b|
      credits?\b|/)|getty\ images|
      contributed\ to\ this\ (?:report|story|article)|^by\ [A-Z][\w.]+\ [A-Z]\w+(?:\ |,|$)(?!.*[a-z]\.$)|
      ^(?:advertisement|anzeige|publicité|publicidad|реклама)\b|
      ^(?:updated?|published|posted|last\ (?:updated|modified)|publiée?|mise?\ à\ jour|modifiée?|publicado|actualizado|
      atualizado|pubblicato|aggiornato|veröffentlicht|aktualisiert|stand|gepubliceerd|bijgewerkt|опубликовано|обновлено|
      опубліковано|оновлено|更新|发布|発表)(?:\b|(?<=[\u4e00-\u9fff])).{0,16}\d|
      ^\d{1,2}\.?\ (?:de\ )?[^\W\d_]+\ (?:de\ )?\d{4}\b.{0,6}(?:updated|mis\ à\ jour|actualizado|aktualisiert|обновлено|
      оновлено)\b|^[（(][^（）()]{0,60}(?:报道|编辑|编译|责编|撰文)[^（）()]{0,12}[）)]$|©|^(?:source|sources|quelle|источник|джерело|
      fuente|fonte)\s*:|
      (?<![\w.+-])[\w.+-]{1,64}@[\w-]+\.\w{2,}|https?://|\bwww\.\w|pic\.twitter\.com|\bt\.me/|
      ^tags?\s*:|^(?:topics?|categor(?:y|ies)|
      themen)\s*:
    )""",
    re.VERBOSE | re.IGNORECASE,
)
# What only says that something can be read, seen or expected here: "Here's what we know", "Read our predictions …".
_POINTER = re.compile(
    r"""^\W*(?:
      (?:plus|also),?\ |(?:and\ )?here(?:['’]s|\ is|\ are)\ |read\ (?:our|on|the|about|all)\ |
      (?:(?:quick|key|main|instant)\ )?takeaways\ from|
      (?:we|i)\ (?:sit|sat|spoke|talk|talked|caught)\ (?:down|up|with|to)|we\ bring\ you|
      (?:we|our\ \w+)\ (?:have\ )?(?:br(?:eak|oke|oken)\ down|rank|list|compare|explain|discuss|debate|answer|predict|
      grade|analy[sz]e|pick|review|preview|recap|round(?:ed)?\ up|look(?:ed)?\ (?:at|back|ahead|into))(?:e?[ds])?\b|
      get\ (?:ready|to\ know)\b|(?:don['’]t|do\ not)\ miss|brace\ yourself|buckle\ up|tell\ us|join\ us|catch\ up\ on|
      (?:a\ )?(?:photo\ )?gallery\ of|(?:final|full[-\ ]time|half[-\ ]?time|photos?|gallery|recap|preview|score)\s?:\ |
      (?:(?:complete|full|live|all)\ )?(?:results?|scores?|stats|highlights|coverage|analysis|recaps?)(?:,|\ and|\ &)\ |
      expert\ (?:recap|analysis|picks|previews?)\b|(?:your\ (?:best|one-stop)\ source|get\ real-time)\b|
      the\ latest\ (?:buzz|news|updates?|rumou?rs)\ (?:from|on|about)|
      follow\ (?:along|for|live|our|the\ latest|the\ [^.]{2,30}\ with\b|[A-Z]{2,4}\ for)|
      stay\ (?:tuned|up\ to\ date|with|informed)|
      check\ (?:out|back)|find\ out|learn\ (?:how|more|about)|watch\ (?:the|as|our|live|now|it)\ |
      let['’]s\ (?:look|take|talk|dive|get|see|find)\b|
      see\ (?:how|who|what|the\ (?:full|complete|latest|list|photos?))|get\ (?:the\ latest|real-time|live|all\ the)|
      keep\ up\ with|
      everything\ you\ need|what\ (?:you\ need\ )?to\ know|this\ is\ what|for\ the\ latest|all\ the\ latest|
      (?:a|an?\ (?:in-depth|first|closer|quick))\ look\ (?:at|back|inside|into|ahead)\b|(?:the\ )?inside\ story\b|
      tak(?:e|ing)\ a\ (?:\w+\ )?look|look(?:ing)?\ (?:at|back|ahead)\b|(?:explaining|ranking|grading|previewing|
      recapping|reviewing|breaking\ down|rounding\ up|tracking)\ |
      our\ (?:experts?|staff|writers?|reporters?|panel)\ |live\ (?:results|updates|coverage)|
      wir\ (?:erklären|zeigen|beantworten|vergleichen|stellen|blicken|haben\ (?:zusammengestellt|gefragt))\b|
      (?:on|nous)\ (?:vous\ )?(?:explique|fait\ le\ point|décrypt|analys|répond|présent|dévoil)\w*|
      (?:te|les|le)\ (?:explicamos|decimos|mostramos|presentamos)|(?:analizamos|repasamos|explicamos|comparamos)\ |
      vi\ (?:spieghiamo|raccontiamo|mostriamo)|(?:разбираемся|объясняем|пояснюємо|з['’ʼ]ясовуємо)\b|
      hier\ (?:finden|lesen|sehen|ist|sind|gibt|geht)|alle\ (?:infos|informationen|ergebnisse)|(?:alles|das)\ wichtige|
      die\ wichtigsten|das\ müssen|verfolgen\ sie|(?:ein|der|im)\ überblick|
      voici|retrouvez|suivez|découvrez|tout\ (?:savoir|ce\ qu)|on\ fait\ le\ point|ce\ qu['’]il\ faut|revivez|
      le\ point\ sur|aquí\ |est[oa]s\ son|esto\ es|te\ contamos|sig(?:ue|a)\ (?:en|la|el)|conoce|descubre|consulta|
      todo\ lo\ que|repasa|ecco\ |segui\ |scopri|tutto\ (?:quello|ciò)|(?:veja|confira|saiba|acompanhe|entenda)\ |
      рассказываем|собрали|что\ (?:известно|нужно)|подробности|смотрите|следите|вот\ |розповідаємо|зібрали|
      що\ (?:відомо|потрібно)|деталі|дивіться|стежте|ось\ )
    | ^\W*(?:the\ )?[A-Z]\w+(?:\ [A-Z]\w+){0,2}\ (?:has|have)\ (?:learned|confirmed)\W*$
    | ^to\ (?:update|install|download|access|subscribe|enter|vote|apply)\b[^,]{0,40},\s(?:
      open|go|click|tap|visit|select)\b
    | \bhere(?:['’]s|\ is|\ are)\ (?:why|how|what|where|when|everything|(?:the|our|a|some|every)\ )\b
    | \bbrings?\ you\ |\btakes?\ a\ (?:closer\ |quick\ |deep\ )?(?:look|dive)\b
    | \b(?:read|see|learn|find\ out)\ (?:\w+\ ){0,3}here\W*$
    | (?:\b(?:read|scroll)\ on|\bbelow|\bin\ a\ (?:bit|moment))\W*$""",
    re.VERBOSE | re.IGNORECASE,
)
# A sentence alone that only leads elsewhere: "Follow the Orr Herald.", "More at Orr Herald."
_SHORT_CALL = re.compile(r"^(?:Follow|More (?:at|from|on)) (?:the )?[A-Z][\w'’.]*(?: [A-Z][\w'’.]*){0,3}[.!]?$")
_NOTE = re.compile(
    r"^\W*(?:corrections?|corrected|clarification|editor['’]s note|retraction|korrektur|berichtigung|richtigstellung|"
    r"rectificatif|"
    r"correction|précision|corrección|rectificación|fe de errores|correzione|rettifica|correção|errata|correctie|"
    r"rectificatie|"
    r"sprostowanie|исправление|уточнение|поправка|опровержение|виправлення|уточнення|спростування)\b\s*(?:[:.–—-]|\(|"
    r"of\b)"
    r"|^\W*(?:an earlier version of this|a previous version of this|this (?:article|story) (?:has been|was) "
    r"(?:corrected|amended|updated to correct))",
    re.IGNORECASE,
)


# The end of a caption, with which the byline of the text was joined: "A map of flu By INA BERGLUND".
_BYLINE = re.compile(r"\s(?:By|Von|Par|Por|Di) [A-Z]{2,}(?: [A-Z]{2,})+$")


def dateline(text: str) -> int:
    """Return the length of the dateline at the beginning of a text, such as `PARIS (AFP) - `; 0 without one."""
    head = text[:120]
    match = _DATELINE.match(head)
    # A sentence follows a dateline.
    return match.end() if match and len(text) - match.end() > 15 else 0


def is_boilerplate(sentence: str) -> bool:
    """Whether a sentence is a credit, a caption, a call to action or a line of navigation, in a dozen languages."""
    if _SHORT_CALL.match(sentence.strip()) or _BYLINE.search(sentence):
        return True
    return bool(_CREDITS.search(sentence) or (_CALLS.search(sentence) and len(sentence) < 260))


def is_pointer(sentence: str) -> bool:
    """Whether a sentence only says what can be read or seen here; a long one says more than that."""
    return len(sentence) < 200 and bool(_POINTER.search(sentence))


def is_note(text: str) -> bool:
    """Whether a text is a publisher's own correction note (`Correction: …`)."""
    return bool(_NOTE.search(text))
