"""Counters in texts and titles: views, points, comments, votes, ratings, "updated 3 minutes ago", clocks.

They change at every poll and are no content. Only complete forms count: a whole line, a sentence at the edge of a
line, a part in brackets, a part between bars. "40,000 homes" and "12 people died" have no such form, and stay.
"""

from __future__ import annotations

import re
from functools import cache

_MAX_COUNTER = 160  # characters of one line or sentence of counters
# In a line in lower case, numbers become N and times of day T before the forms are tried.
# Only single characters are possessive: CPython up to 3.11.4 matches possessive groups wrongly (gh-106052).
_NUMBER = re.compile(
    r"\d++(?:[.,'’ \u00a0\u202f]\d{1,3}+(?!\d))*(?:\s?(?:(?:k|m|b|mio|mln|tsd|tys|mil|тыс|млн|rb|jt)\b\.?|"
    r"[千万萬億亿천만]))?\+?"
)
_TIME = re.compile(r"\b\d{1,2}(?:[:h]\d{2}(?::\d{2})?|\.\d{2}(?= (?:uhr|h)\b))")
_COUNTED = "|".join(
    (
        (
            r"(?:page ?|unique )?views?|(?:page )?hits?|reads?|visits?|visitors?|readers?|points?|karma|comments?|"
            r"replies|reply|responses?|answers?|(?:up|down)?votes?|(?:dis)?likes?|shares?|reposts?|retweets?|boosts?|"
            r"favou?rites?"
        ),
        (
            r"bookmarks?|saves|stars?|forks?|watchers?|watching|online|downloads?|installs?|installations?|"
            r"followers?|subscribers?|reactions?|(?:user |customer )?(?:ratings?|reviews?)|claps?|plays?|listens?|"
            r"listeners?|impressions?|clicks?|degrees?"
        ),
        (
            r"aufrufe?|ansichten|zugriffe?|besuche(?:r|n)?|leser(?:innen)?|klicks?|punkte?|kommentare?n?|"
            r"antwort(?:en)?|beiträge|stimmen?|sterne?|bewertung(?:en)?|rezension(?:en)?|abonnenten|reaktion(?:en)?|"
            r"gefällt mir|mal (?:gelesen|angesehen|aufgerufen|geteilt|heruntergeladen|kommentiert)"
        ),
        (
            r"vues?|lectures?|visites?|visiteurs?|lecteurs?|commentaires?|réponses?|(?:mentions? )?j[’']aime|"
            r"partages?|étoiles?|téléchargements?|avis|notes?|abonnés?|réactions?|clics?"
        ),
        (
            r"vistas?|visitas?|visualizaciones?|lecturas?|lectores?|puntos?|comentarios?|respuestas?|votos?|me gusta|"
            r"compartid[oa]s?|estrellas?|descargas?|valoraci(?:ón|ones)|opiniones|reseñas?|seguidores|suscriptores|"
            r"reacciones"
        ),
        (
            r"visualizzazion[ei]|visite|letture|lettori|punt[oi]|comment[oi]|rispost[ae]|vot[oi]|mi piace|"
            r"condivision[ei]|stell[ae]|scaricamenti|valutazion[ei]|recension[ei]|iscritti|reazion[ei]"
        ),
        (
            r"visualizaç(?:ão|ões)|leituras?|leitores?|pontos?|comentários?|respostas?|curtidas?|gostos?|"
            r"compartilhamentos?|partilhas?|estrelas?|transferências?|avaliaç(?:ão|ões)|inscritos|reaç(?:ão|ões)"
        ),
        (
            r"weergaven?|keer (?:bekeken|gelezen|gedeeld|gedownload)|lezers?|bezoekers?|bezoeken|punten|reacties?|"
            r"antwoorden|stem(?:men)?|sterren|beoordeling(?:en)?|volgers|opmerkingen"
        ),
        (
            r"wyświetle(?:ń|nia|nie)|odsłon[ya]?|odwiedzin[y]?|punkt(?:y|ów)?|komentarz(?:e|y|a)?|odpowiedzi|"
            r"głos(?:y|ów)?|polubie(?:ń|nia|nie)|udostępnie(?:ń|nia|nie)|gwiazd(?:ki|ek|ka)|pobra(?:ń|nia|nie)|"
            r"ocen[ya]?|czytelników|opinii"
        ),
        (
            r"просмотр(?:ов|а|ы)?|прочтени[йяе]|посещени[йяе]|читател(?:ей|я|ь|и)|балл(?:ов|а|ы)?|комментари(?:ев|й|"
            r"я|и)|ответ(?:ов|а|ы)?|голос(?:ов|а)?|лайк(?:ов|а|и)?|репост(?:ов|а|ы)?|зв[её]зд[ыа]?|скачивани[йяе]|"
            r"загруз(?:ок|ки|ка)|оцен(?:ок|ки|ка)|отзыв(?:ов|а|ы)?|подписчик(?:ов|а)?"
        ),
        (
            r"перегляд(?:ів|и|у)?|коментар(?:ів|і|я)?|голос(?:ів|и)|завантажен(?:ь|ня)|вподобан(?:ь|ня)|балів|оцінок|"
            r"відгуків"
        ),
        (
            r"(?:次|人|个|個|条|條|则|則)?(?:阅读|閱讀|浏览|瀏覽|查看|观看|觀看|播放|点击|點擊|评论|評論|留言|"
            r"回复|回覆|点赞|點讚|赞|讚|收藏|转发|轉發|分享|下载|下載|投票|评分|"
            r"評分|关注|在看|喜欢)(?:量|数|數|次数|次數)?|票|积分|積分"
        ),
        (
            r"(?:回|件の|人が|件)?(?:視聴|閲覧|再生|コメント|いいね!?|シェア|ダウンロード|評価|レビュー|ブックマーク|"
            r"スター|ビュー|閲覧中|返信|ポイント)(?:数)?|pv|票"
        ),
        r"(?:회|개의|명이)?\s?(?:조회(?:수)?|댓글|추천|좋아요|공유|다운로드|평점|리뷰|답글|열람)|회|명이 보는 중",
        (
            r"görüntülen?me|okunma|yorum|puan|oy|beğeni|paylaşım|yıldız|indirme|izlenme|kez (?:okundu|görüntülendi|"
            r"izlendi)"
        ),
        (
            r"visning(?:ar|er)?|kommentare?r?|röster|stemmer|gillar|liker|nedladdningar|nedlastinger|poäng|poeng|"
            r"stjärnor|stjerner|delningar|delinger|svar|läsare|lesere|katselukertaa|katselua|kommenttia|ääntä|"
            r"tykkäystä|latausta"
        ),
        (
            r"zobrazen[íi]|komentář(?:e|ů)?|komentár(?:e|ov)?|hlas(?:y|ů|ov)?|stažení|stiahnutí|hvězd(?:y|iček)?|"
            r"přečten[oí]|čtenářů|megtekintés|hozzászólás|szavazat|letöltés|vizualizări|comentarii|voturi|descărcări|"
            r"aprecieri"
        ),
        (
            r"προβολές|σχόλι[αο]|ψήφοι|λήψεις|αναγνώσεις|مشاهد(?:ة|ات)|تعليق(?:ات|ا)?|إعجاب(?:ات)?|أصوات|"
            r"تنزيل(?:ات)?|نقاط|قراءة|زيار(?:ة|ات)|बार (?:देखा|पढ़ा) गया|व्यूज़?|टिप्पणि?(?:याँ|यां|ी)|लाइक|डाउनलोड"
        ),
        r"kali dilihat|dilihat|komentar|suka|unduhan|lượt (?:xem|thích|tải|bình luận)|bình luận|צפיות|תגובות|הצבעות",
    )
)
_SPAN = (
    r"(?: (?:so far|today|yesterday|this (?:hour|day|week|month)|in total|total|overall|now|heute|insgesamt|bisher|"
    r"gestern|aujourd[’']hui|au total|hoy|en total|oggi|in totale|hoje|no total|vandaag|in totaal|dziś|dzisiaj|"
    r"łącznie|сегодня|всего|за день))?"
)
_TIMES = "|".join(
    (
        (
            r"(?:(?:this )?(?:article|post|page|story|video|item) (?:has been |was )?)?(?:visited|viewed|read|seen|"
            r"shared|downloaded|played|watched|opened|clicked) N times?"
        ),
        (
            r"(?:bisher |schon )?(?:gelesen|angesehen|aufgerufen|besucht|geteilt|heruntergeladen)\s?:? N(?: ?mal)?|N "
            r"?[x×] (?:gelesen|aufgerufen|read|viewed|gelezen|lu)"
        ),
        (
            r"(?:article )?(?:vue?s?|lue?s?|consultée?s?|partagée?s?|téléchargée?s?|visionnée?s?) N fois|(?:visto|"
            r"vista|leíd[oa]|visitad[oa]|compartid[oa]|descargad[oa]) N ve(?:z|ces)"
        ),
        (
            r"(?:visto|vista|lett[oa]|visualizzat[oa]|visitat[oa]|condivis[oa]|scaricat[oa]) N volt[ae]|(?:visto|"
            r"vista|lid[oa]|visitad[oa]|visualizad[oa]|partilhad[oa]|compartilhad[oa]|baixad[oa]) N ve(?:z|zes)"
        ),
        (
            r"(?:gelezen|bekeken|bezocht|gedeeld)\s?:? N(?: keer)?|(?:przeczytano|wyświetlono|odwiedzono|pobrano|"
            r"obejrzano|udostępniono)\s?:? N(?: raz[y]?)?"
        ),
        (
            r"(?:просмотрено|прочитано|посмотрели|прочитали|скачано|посещено|переглянуто|прочитано)\s?:? N(?: раза?| "
            r"разів)?|(?:已|被)(?:阅读|閱讀|浏览|瀏覽|下载|下載|播放|查看)\s?N\s?次|N\s?回(?:読まれ|"
            r"閲覧され|再生され)(?:ました|ています|た)|N\s?회 조회"
        ),
    )
)
_READING = "|".join(
    (
        (
            r"N (?:(?:other )?(?:people|users|readers|visitors|guests|viewers|others|members) )(?:are |have |is |"
            r"were )?(?:(?:now|currently|right now) )?(?:reading|viewing|watching|online|here|listening|(?:looking|"
            r"browsing)(?: at)?|liked?|shared?|commented(?: on)?|voted(?: for)?|reacted(?: to)?|read|viewed|rated|"
            r"bookmarked)(?: (?:to|this|it|the|article|story|page|post|topic|thread|video|now|right|live|currently|"
            r"at the moment)){0,5}"
        ),
        (
            r"N (?:andere )?(?:personen|leser|leserinnen|nutzer|menschen|besucher|gäste|zuschauer)(?: und leser)? "
            r"(?:lesen|sehen|schauen|sind)(?: (?:gerade|jetzt|aktuell|derzeit|diesen|diese|dieses|das|den|artikel|"
            r"beitrag|seite|thema|text|mit|zu|online|an)){0,6}"
        ),
        (
            r"N (?:autres )?(?:personnes|lecteurs|internautes|visiteurs|utilisateurs) (?:sont en train de |ont "
            r")?(?:lisent|lire|lu|regardent|regarder|consultent|consulter|aimé|partagé|en ligne)(?: (?:cet|cette|ce|"
            r"article|page|sujet|vidéo|actuellement|en|ce|moment|maintenant)){0,6}"
        ),
        (
            r"N (?:otras )?(?:personas|lectores|usuarios|visitantes) (?:están |han )?(?:leyendo|viendo|leen|ven|"
            r"leído|visto|en línea|compartido)(?: (?:este|esta|esto|artículo|noticia|página|tema|ahora|mismo|en|este|"
            r"momento)){0,6}"
        ),
        (
            r"N (?:altre )?(?:persone|lettori|utenti|visitatori) (?:stanno |hanno )?(?:leggendo|guardando|leggono|"
            r"guardano|letto|visto|online)(?: (?:questo|questa|articolo|pagina|notizia|ora|adesso|in|momento)){0,6}"
        ),
        (
            r"N (?:outras )?(?:pessoas|leitores|usuários|utilizadores|visitantes) (?:estão |leram|viram)?(?:a "
            r")?(?:ler|lendo|ver|vendo|online)?(?: (?:este|esta|artigo|página|notícia|agora|neste|momento)){0,6}"
        ),
        (
            r"N (?:andere )?(?:mensen|lezers|personen|bezoekers|gebruikers) (?:lezen|bekijken|kijken|zijn)(?: (?:nu|"
            r"dit|deze|artikel|pagina|bericht|online|op|moment|ook)){0,6}"
        ),
        (
            r"N (?:innych )?(?:os(?:ób|oby|oba)|czytelników|użytkowników) (?:teraz )?(?:czyta(?:ją)?|ogląda(?:ją)?|"
            r"online|przegląda)(?: (?:teraz|ten|tę|artykuł|stronę|temat|obecnie)){0,4}"
        ),
        (
            r"(?:сейчас )?(?:читают |смотрят )?N (?:человека?|читател\w{1,3}|пользовател\w{1,3}|посетител\w{1,3}|"
            r"гост\w{1,3})(?: (?:сейчас|читают|читает|смотрят|смотрит|онлайн|эту|этот|статью|материал|страницу|"
            r"тему)){0,5}"
        ),
        (
            r"N\s?(?:人|位读者|位讀者|名用户)(?:正在|都在|已|在)?(?:阅读|閱讀|浏览|瀏覽|观看|觀看|在看|在读|"
            r"讀|看过|喜欢|点赞)(?:本文|此文|这篇文章|這篇文章)?|"
            r"N\s?人が(?:この記事を)?(?:閲覧中|読んでいます|見ています|視聴中|閲覧しています)|(?:현재 "
            r")?N\s?명이 (?:이 기사를 |이 글을 )?(?:읽고|보고) 있습니다"
        ),
    )
)
_RATED = (
    r"(?:user |average |avg\.? |our |overall )?(?:rated?|rating|score|bewertung|durchschnitt|note(?: moyenne)?|"
    r"valoración|puntuación|voto medio|valutazione|avaliação|nota|waardering|beoordeling|ocena|оценка|рейтинг|оцінка|"
    r"评分|評分|評価|평점|puan|betyg|vurdering)\s?[:：]?\s?N"
    r"(?:\s?(?:/|out of|von|sur|de|su|van|z|из|av|af|中)\s?N)?(?: (?:stars?|sterne[n]?|étoiles|estrellas|stelle|"
    r"estrelas|sterren|gwiazdek|зв[её]зд))?"
    r"|N\s?(?:/|out of|von|sur|de|su|van|z|из)\s?N (?:stars?|sternen?|étoiles|estrellas|stelle|estrelas|sterren|"
    r"gwiazdek|зв[её]зд|ratings?)"
    r"|[★☆⭐✩✭✮]{2,10}(?:\s?\(?N(?:\s?/\s?N)?\)?)?"
)
_UNIT_OF_TIME = (
    r"(?:s|sec|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|weeks?|months?|sekunden?|minuten?|stunden?|tage?n?|"
    r"wochen?|secondes?|heures?|jours?|segundos?|minutos?|horas?|días?|dias?|second[oi]|minut[oi]|or[ae]|giorn[oi]|"
    r"seconden|uur|uren|dagen|"
    r"sekund[yę]?|minut[yęa]?|godzin[yęa]?|dni|секунд[уы]?|минут[уы]?|час(?:а|ов)?|дн(?:я|ей)|день|хвилин[уи]?|"
    r"годин[уи]?|saniye|dakika|saat|gün|sekunder|minuter|timmar|timer|"
    r"minutter|dagar|dager|秒钟?|分钟|分鐘|小时|小時|天|分|時間|日|"
    r"초|분|시간|일)"
)
_CHANGED = (
    r"(?:last |latest |zuletzt |dernière |última |ultimo |laatst(?:e)? |ostatnia |последнее )?(?:updated?|refreshed|"
    r"modified|edited|posted|published|commented|active|activity|aktualisiert|aktualisierung|stand|veröffentlicht|"
    r"geändert|mis à jour|mise à jour|modifié|publié|actualizado|actualización|publicado|"
    r"aggiornat[oa]|aggiornamento|pubblicato|atualizad[oa]|atualização|bijgewerkt|update|gepubliceerd|zaktualizowano|"
    r"aktualizacja|opublikowano|обновлен[оа]?|обновление|опубликовано|оновлено|güncellendi|güncelleme|uppdaterad|"
    r"oppdatert|opdateret|更新(?:于|於|时间|時間|日時)?|发布于|發布於|最終更新|업데이트|수정)"
)
_AGO = (
    rf"(?:{_CHANGED}\s?[:：]?\s?)?(?:(?:about |around |ca\.? |circa |over )?(?:N|an?|one)\s?{_UNIT_OF_TIME}(?:,? "
    rf"(?:and )?N\s?{_UNIT_OF_TIME})? (?:ago|geleden|fa|temu|назад|тому|önce|sedan|siden|sitten)(?: {_CHANGED})?"
    rf"|vor (?:N|eine[rm]?) {_UNIT_OF_TIME}(?: {_CHANGED})?|il y a (?:N|une?) {_UNIT_OF_TIME}|hace (?:N|una?) "
    rf"{_UNIT_OF_TIME}|há (?:N|uma?) {_UNIT_OF_TIME}|N\s?(?:秒钟?|分钟|分鐘|小时|小時|"
    rf"天|秒|分|時間|日)\s?(?:前|之前)(?:に?更新)?|N\s?(?:초|"
    rf"분|시간|일) 전)"
)
_CLOCK = r"T(?:\s?(?:am|pm|a\.m\.|p\.m\.|uhr|h|utc|gmt|[a-z]{2,4}t|мск))?"
_STAMP = (
    rf"(?:(?:{_CHANGED}|(?:it is|it[’']s|(?:the )?(?:current|local|server) time(?: is)?|as of|es ist|il est|son las|"
    rf"sono le|são|het is|jest|сейчас|现在时间|現在時刻))(?: (?:at|on|um|am|le|à|el|a las|il|alle|em|às|op|om|o|"
    rf"в))?\s?[:：]?\s?(?:[^\W\dNT][\w.]{{0,14}},? |N[-./, 年月日]{{1,2}}){{0,6}})?{_CLOCK}"
)
_MARK = r"[👁💬👍👎❤♥⭐🔥▲△▼↑⬆🗨🔁♻📥👀💗🖤]\ufe0f?\s?N|N\s?[👁💬👍👎❤♥⭐🔥▲△▼↑⬆🗨🔁♻📥👀💗]\ufe0f?"
_ONE = (
    rf"(?:{_TIMES}|{_READING}|{_RATED}|{_AGO}|{_STAMP}|{_MARK}"
    rf"|(?:#\s?)?(?:{_COUNTED})(?: (?:count|counter))?\s?(?:[:：=]\s?N|\(\s?N\s?\)|\s?N(?:件|개|条|次|人|명|회)|\sN|"
    rf"(?<=[^\x00-\u2fff])N)|N\s?(?:{_COUNTED}){_SPAN}(?: by \S{{1,40}})?)"
    r"(?![^\W\d_\u3040-\u9fff\uac00-\ud7a3])"
)
_BETWEEN = re.compile(
    r"[\s|,;·•/–—&+()\[\]-]*(?:\b(?:and|und|et|y|e|en|i|и|和|from|by|von|with|mit)\b)?[\s|,;·•/–—&+()\[\]-]*"
)
_START, _END = re.compile(r"[-–—•*»›→(\[|]?\s?"), re.compile(r"\s?[)\]|]?[.!]?\Z")
_BRACKETS = re.compile(rf"\s?[(\[]([^()\[\]]{{1,{_MAX_COUNTER}}})[)\]]")
_BAR = re.compile(r"\s[|·•]\s")
# This is `\d|[★☆⭐]{2}`, as a set of characters first: such a search is far faster.
_DIGIT = re.compile(r"[\d★☆⭐](?:(?<=\d)|[★☆⭐](?<=[★☆⭐]{2}))")
_PLAIN = bytes(code for code in range(128) if not 48 <= code <= 57)  # characters of ASCII that are no digits
_SENTENCE = re.compile(r"[.!?…][\"'”’»)]{0,2}\s+|[。！？]\s*")
# In a title, after a dash or nothing, only what cannot be news: "– 5 points" may be a penalty.
_TITLE_TAIL = re.compile(
    (
        r"(?:\s?[-–—:,]\s|\s)\d[\d.,]*(?: (?:comments?|replies|views|(?:up)?votes|likes|kommentare|aufrufe|antworten|"
        r"commentaires|vues|réponses|comentarios|respuestas|commenti|risposte|comentários|reacties|komentarzy|"
        r"комментари(?:ев|й|я)|просмотров|yorum)|\s?(?:条评论|件のコメント))\Z"
    ),
    re.IGNORECASE,
)


def may_count(text: str) -> bool:
    """Whether a text has a digit or two stars next to each other, as every counter has."""
    rest = text.encode("utf-8", "replace").translate(None, _PLAIN)
    if not rest or text.isascii():
        return bool(rest)
    # Few characters are left to search. Stars may have had something between them.
    found = _DIGIT.search(rest.decode())
    return found is not None and (found[0].isdigit() or _DIGIT.search(text) is not None)


def is_counter(line: str) -> bool:
    """Whether the whole line or sentence consists of counters."""
    if len(line) > _MAX_COUNTER or not may_count(line):
        return False
    low, counter = _NUMBER.sub("N", _TIME.sub("T", line.lower())), _counter()
    found = counter.match(low, _matched(_START, low, 0))
    while found:
        if _END.match(low, found.end()):
            return True
        found = counter.match(low, _matched(_BETWEEN, low, found.end()))
    return False


@cache
def _counter() -> re.Pattern[str]:
    """Return the pattern of one counter; a seventh of the start of a parse process; few texts need it."""
    return re.compile(_ONE)


def _matched(pattern: re.Pattern[str], text: str, start: int) -> int:
    found = pattern.match(text, start)
    return found.end() if found else start


def without_counters(line: str) -> str:
    """Return a line of text without its counters: sentences at its edges, parts between bars, parts in brackets.

    Empty when nothing else is in it.
    """
    if not may_count(line):
        return line
    if is_counter(line):
        return ""
    if ("(" in line or "[" in line) and (cut := _without_brackets(line)) != line:
        line = cut.strip()
    if (" | " in line or " · " in line or " • " in line) and any(map(is_counter, parts := _BAR.split(line))):
        line = " | ".join(part for part in parts if not is_counter(part))
    return _without_edge_sentences(line)


def title_without_counters(title: str) -> str:
    """Return a title without counters at its end or start: `(17 comments)`, `| 120 views`; unchanged if that is all."""
    if not may_count(title):
        return title
    cut = _without_brackets(title) if "(" in title or "[" in title else title
    parts = _BAR.split(cut)
    if len(parts) > 1 and any(map(is_counter, parts)):
        cut = " | ".join(part for part in parts if not is_counter(part))
    if found := _TITLE_TAIL.search(cut):
        cut = cut[: found.start()]
    return cut.strip() or title


def _without_brackets(text: str) -> str:
    return _BRACKETS.sub(lambda part: "" if is_counter(part[1].strip()) else part[0], text)


def _without_edge_sentences(line: str) -> str:
    """Return the line without counters among its first and last sentences."""
    while True:
        end = max((spot.end() for spot in _SENTENCE.finditer(line, max(0, len(line) - _MAX_COUNTER))), default=0)
        if not end or not is_counter(line[end:]):
            break
        line = line[:end].rstrip()
    while (spot := _SENTENCE.search(line, 0, _MAX_COUNTER)) and is_counter(line[: spot.end()].strip()):
        line = line[spot.end() :]
    return line
