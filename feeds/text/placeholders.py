"""Descriptions that are no text: link posts, headline lists, taglines, repeated titles, bare URLs.

Such an entry has its title alone. A description counts as one by its form, whatever the language (lines of links,
marks and names without a sentence), by the words that link sites put around a link, or because it recurs in its feed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

from feeds.text.boilerplate import MAX_LINE, ends_sentence, is_boilerplate, is_credit
from feeds.text.counters import is_counter
from feeds.text.markup import text_of
from feeds.text.recurring import MAX_PLACEHOLDER, WORD

_MAX_FORM = 600  # characters of a description in the words of link sites
_MAX_NAME = 7  # words of an outlet's name, a date or a label beside a link
_LONG_LINK = 90  # characters of a link that ends as a sentence does: the teaser itself as a link
_BEGINNING = 40  # characters of a text that are compared first
_TITLE_MORE = 60  # characters that a description may have beside the title: a name, a date

_AROUND = " -–—|·•:,()[]»›→\n"  # marks and blanks around a link
_URL = re.compile(
    r"(?:https?://|www\.)\S+|\b[\w.+-]+@[\w-]+\.\w[\w.]*|\b(?:[\w-]{2,}\.)+[a-z]{2,12}(?:/\S*)?(?=[\s)\],]|\Z)"
)
_HANDLE = re.compile(r"(?:/?\bu/|/?\br/|(?<!\w)@|(?<!\w)#|(?<!\w)~)[\w.@-]+|/u/\S+|/r/\S+")
_NUMBER = re.compile(r"\d[\d.,:]*(?:k|m|h|st|nd|rd|th)?")
# The words around a link: what it is, who posted it and where, and what can be done with it.
_POST_WORDS = frozenset(
    """
    submitted posted shared submission post posts link links comment comments discussion discuss discussions thread
    reply replies url article articles story permalink source sources via original point points vote votes upvote
    upvotes score read more full continue reading view watch listen see open visit website site web page image images
    photo photos picture pictures gallery video videos audio podcast episode download pdf external tags tag category
    categories filed flair crosspost author user published archive cached mirror headline headlines coverage
    eingereicht gepostet geteilt beitrag kommentar kommentare diskussion diskutieren verweis quelle original punkte
    stimmen artikel weiterlesen lesen mehr ansehen anhören bild bilder foto fotos galerie bilderstrecke zum zur
    schlagwörter kategorie veröffentlicht autor webseite vollständiger ganzer soumis publié partagé lien liens
    commentaire commentaires discuter discussion sujet réponses source points votes lire suite plus voir regarder
    écouter image images photo photos vidéo galerie étiquettes catégorie auteur article complet intégral enviado
    publicado compartido enlace enlaces comentario comentarios discusión discutir debate hilo respuestas fuente
    noticia puntos votos leer seguir leyendo más ver escuchar imagen imágenes fotografía vídeo galería etiquetas
    categoría autor artículo completo nota usuario inviato pubblicato condiviso collegamento commento commenti
    discussione discuti fonte notizia originale punti voti leggi tutto continua guarda ascolta immagine immagini
    galleria categoria autore articolo submetido compartilhado ligação comentário comentários discussão discutir fonte
    notícia pontos ler leia mais assista ouça imagem imagens galeria etiquetas artigo ingezonden geplaatst gedeeld
    koppeling reactie reacties discussie bespreek bron origineel punten stemmen lees verder meer bekijk luister
    afbeelding afbeeldingen foto's artikel volledig wysłane dodane udostępnione odnośnik komentarz komentarze dyskusja
    dyskutuj źródło oryginał punkty głosy czytaj dalej więcej zobacz obejrzyj posłuchaj obraz zdjęcie zdjęcia galeria
    wpis artykuł wykopów wykop znalezisko отправлено опубликовано прислал ссылка ссылки комментарий комментарии
    комментариев обсуждение обсудить источник оригинал баллы голоса читать далее дальше полностью подробнее смотреть
    слушать фото видео галерея метки теги рубрика автор статья надіслано опубліковано посилання коментар коментарі
    обговорення обговорити джерело бали голоси читати далі більше дивитися слухати світлина відео мітки стаття
    gönderen gönderildi bağlantı yorum yorumlar tartışma kaynak puan oy devamı oku izle dinle resim fotoğraf galeri
    etiketler inskickat länk länkar kommentar kommentarer diskussion källa poäng röster läs mer vidare lenke lenker
    kommentarer diskusjon kilde les mer kommentarer linkki kommentit keskustelu lähde lue lisää odkaz komentáře
    diskuse zdroj číst více رابط التعليقات تعليقات نقاش المصدر نقاط اقرأ المزيد شاهد
    استمع صورة فيديو 链接 連結 评论 評論 讨论
    討論 来源 來源 原文 阅读 閱讀 查看 分享 留言 图片 圖片 视频 影片 リンク コメント 議論 出典 元記事 続き 画像 写真
    動画
    링크
    댓글
    토론
    출처 원문 사진 동영상
    """.split()  # noqa: SIM905 - a list of words reads better as words
)
_FILLERS = frozenset(
    """
    a an the of at on in to from for by with and or this that here now its is are was it new ago about von vom am um
    in im auf zu und der die das den dem hier diese dieser dieses mit für de du des le la les l d à au aux par pour
    sur dans et ce cet cette ici el los las del al por para con en y o este esta aquí il lo gli i di da su nel nella e
    questo questa qui per con os as do da dos das no na em um uma com aqui het een van door op bij naar en dit deze
    hier przez do na w z i ten ta tutaj от из на в с и по для к это эта этот здесь від з у та і ця цей тут av til på i
    og och den det här her hour hours minute minutes day days hr hrs min mins stunden minuten tage heures jours horas
    días ore giorni uur dagen часов дней
    """.split()  # noqa: SIM905
)
# A name follows: who posted it, or the place of the site where it was posted.
_BY = frozenset(
    [
        "by",
        "to",
        "on",
        "at",
        "in",
        "via",
        "from",
        "von",
        "par",
        "por",
        "da",
        "di",
        "door",
        "przez",
        "от",
        "від",
        "av",
        "af",
        "tarafından",
        "user",
        "usuario",
        "author",
        "autor",
        "auteur",
        "на",
        "в",
        "in",
        "en",
        "dans",
    ]
)
_BLOCK = re.compile(
    r"</?(?:p|div|br|hr|li|ul|ol|dl|dt|dd|h[1-6]|blockquote|table|tr|td|th|figure|section|article)\b[^>]*>"
)
_LINK = re.compile(r"<a\b[^>]*>(.*?)</a>", re.DOTALL)
_WIDE = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")


def is_placeholder(html: str, text: str, title: str = "", names: Collection[str] = ()) -> bool:
    """Whether a description is a placeholder for a text. `html` is as sanitized and `text` its plain text.

    `names` are short texts that are never an item's own: the name of the feed and its description.
    """
    if len(text) > MAX_PLACEHOLDER:
        return False
    if not any(map(str.isalnum, text)):
        return True
    if _is_name(text, names):
        return True
    if title and len(text) <= len(title) + _TITLE_MORE and _is_title(text, title):
        return True
    if "<a " in html and _is_headline_list(html, title):
        return True
    return len(text) <= _MAX_FORM and all(map(_is_post_line, filter(None, map(str.strip, text.split("\n")))))


def _folded(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _is_name(text: str, names: Iterable[str]) -> bool:
    """Whether a text has the letters and digits of a name. The beginning of a long text is usually enough to say no."""
    begins = _folded(text[:_BEGINNING])
    found = [named for named in map(_folded_name, filter(None, names)) if named.startswith(begins)]
    return bool(found) and _folded(text) in found


# Every entry of a feed is compared with the feed's name.
_folded_name = lru_cache(maxsize=16)(_folded)


def _is_title(text: str, title: str) -> bool:
    """Whether a text repeats the title: whole, cut, or with a name before or after it."""
    said, named = _folded(text), _folded(title)
    if not named:
        return False
    if said == named or (len(said) >= 12 and named.startswith(said)):
        return True
    if len(named) < 12 or not (said.startswith(named) or said.endswith(named)):
        return False
    lines = [line for line in text.split("\n") if line.strip()]
    rest = len(text.split()) - len(title.split())
    return rest <= _MAX_NAME and (len(lines) > 1 or not ends_sentence(text.rstrip()))


def _is_headline_list(html: str, title: str) -> bool:
    """Whether each block of the markup is one link that reads as a headline, with a name beside it at most."""
    headlines = 0
    for block in _blocks(html):
        before = block.partition("<")[0]
        if len(before) > _MAX_NAME and len(before.strip(_AROUND).split()) > _MAX_NAME:
            return False
        links = _LINK.findall(block)
        rest = text_of(_LINK.sub(" ", block)).strip(_AROUND)
        if len(rest.split()) > _MAX_NAME or (rest and ends_sentence(rest)) or len(rest) > 12 * _MAX_NAME:
            return False
        linked = [said for said in map(text_of, links) if any(map(str.isalnum, said))]
        if not linked:
            continue
        if len(linked) > 1:
            if not all(map(_is_post_line, linked)):
                return False
        elif not _is_post_line(linked[0]):
            if not _is_headline(linked[0], rest, title):
                return False
            headlines += 1
    return headlines > 0


def _blocks(html: str) -> Iterator[str]:
    """Yield the markup between the tags of blocks, one at a time, as the first one usually decides."""
    start = 0
    for tag in _BLOCK.finditer(html):
        yield html[start : tag.start()]
        start = tag.end()
    yield html[start:]


def _is_headline(said: str, rest: str, title: str) -> bool:
    if _folded(said) == _folded(title):
        return True
    if len(said) > _LONG_LINK and ends_sentence(said):
        return False
    words = len(said) // 2 if _WIDE.search(said) else len(said.split())
    return words >= 3 and words >= len(rest.split())


def _is_post_line(line: str) -> bool:
    """Whether a line only says what the link is, who posted it, where, and how many liked it."""
    if is_credit(line) or is_counter(line):
        return True
    if len(line) > MAX_LINE:
        return False
    if is_boilerplate(line):
        return True
    low = line.lower()
    rest = _HANDLE.sub(" ", _URL.sub(" ", low))
    posted, before = rest != low, ""
    for word in WORD.findall(rest):
        known = word in _POST_WORDS
        if not (known or word in _FILLERS or word in _BY or before in _BY or _NUMBER.fullmatch(word)):
            return False
        posted = posted or known
        before = word
    return posted
