"""Boilerplate phrases in the languages of most feeds, as alternatives of regular expressions.

CLOSED phrases are complete; OPEN ones may continue with a few words ("Continue reading Harbour News") and count only
where no sentence ends; SENTENCES may end in a full stop; NOTED phrases need a colon; CREDITS are first or last lines.
LINK_POSTS are the lines that link sites put in place of a text.
"""

from __future__ import annotations

LINK_POSTS = "|".join(
    (
        (
            r"comments?|kommentare?|commentaires?|comentarios?|комментарии|(?:article|comments) url: \S{1,300}|"
            r"\[(?:link|comments)\](?: \[comments\])?"
        ),
        r"submitted by /?u/\S{1,40}(?: to r/\S{1,40})?(?: \[link\])?(?: \[comments\])?",
    )
)

CLOSED = "|".join(
    (
        (
            r"(?:click (?:here )?to )?(?:read|see|view|learn|find out) (?:the )?(?:more|full (?:story|article|post|"
            r"text|report|entry))(?: (?:here|now))?"
        ),
        (
            r"(?:read|view|see) (?:the )?(?:rest|whole|entire|original)(?: of)?(?: (?:this|the))? ?(?:entry|article|"
            r"post|story)"
        ),
        (
            r"continue reading(?: (?:here|the (?:main )?story|this (?:article|story|post)))?|keep reading|read on|"
            r"full (?:story|article|text|report)(?: here)?"
        ),
        (
            r"(?:the )?full (?:story|article) (?:is )?(?:available )?here|more\s?(?:…|\.\.\.|»|>>|→)|click here(?: "
            r"(?:for|to read) (?:more|the full (?:story|article)))?|view comments?"
        ),
        (
            r"weiterlesen|mehr (?:lesen|erfahren|dazu)|zum (?:vollständigen )?artikel|den (?:ganzen|vollständigen) "
            r"artikel (?:hier )?lesen|jetzt (?:weiter)?lesen"
        ),
        r"lire (?:la suite|plus|l[’']article(?: complet)?)|en savoir plus|voir plus|continuer (?:la lecture|à lire)",
        r"(?:leer|ver|saber) más|(?:seguir|continuar|sigue) leyendo|leer (?:el artículo|la noticia) complet[ao]",
        (
            r"(?:leia|ler|saiba|veja) mais|continu(?:e|ar) (?:a )?(?:lendo|ler|lectura)|leggi (?:tutto|di più|"
            r"l[’']articolo(?: completo)?)|leggi|scopri di più|continua a leggere|per saperne di più"
        ),
        (
            r"lees (?:meer|verder|het hele artikel)|verder lezen|läs (?:mer|vidare|hela artikeln)|les (?:mer|videre|"
            r"hele saken)|læs (?:mere|videre)|lue (?:lisää|koko juttu)"
        ),
        r"czytaj (?:dalej|więcej|całość)|więcej\s?(?:…|\.\.\.|»)|číst (?:dále|více)|celý článek|čítať ďalej",
        (
            r"читать (?:далее|дальше|полностью|ещё|еще)|подробнее|далее\s?(?:…|\.\.\.|»|→)|читати (?:далі|більше)|"
            r"детальніше|прочети (?:още|повече)|opširnije|pročitaj(?:te)? više|preberi več"
        ),
        (
            r"devamını oku(?:yun)?|devamı|tovább(?: olvasom)?|citește (?:mai (?:mult|departe)|tot articolul)|"
            r"διαβάστε (?:περισσότερα|τη συνέχεια)"
        ),
        (
            r"続きを読む|もっと読む|記事全文(?:を読む)?|阅读(?:更多|全文|原文)|閱讀(?:更多|全文)|查看(?:更多|全文|"
            r"原文)|繼續閱讀|继续阅读|더 ?보기|자세히 보기|기사 전문"
        ),
        (
            r"اقرأ المزيد|إقرأ المزيد|للمزيد|ادامه مطلب|बाकी पढ़ें|और पढ़ें|पूरी खबर पढ़ें|קרא עוד|המשך קריאה|baca "
            r"(?:selengkapnya|lebih lanjut)|đọc (?:thêm|tiếp)|xem thêm|อ่านต่อ|อ่านเพิ่มเติม"
        ),
        # share bars, invitations, advertising
        (
            r"share|share (?:this|on|via)(?: (?:story|article|post|page|on|via|by|with|your|friends|and|facebook|"
            r"twitter|x|whatsapp|linkedin|reddit|telegram|e?-?mail|social media)){0,6}|tweet(?: this)?|pin it|like "
            r"this|print(?: this)?|email(?: this)?|copy link"
        ),
        (
            r"(?:(?:facebook|twitter|x|whatsapp|linkedin|pinterest|reddit|telegram|email|e-mail|print|copy link|"
            r"share|tweet|instagram|youtube|messenger|flipboard|tumblr|bluesky|mastodon)\s{0,3}[|,/·•]?\s{0,3}){2,12}"
        ),
        LINK_POSTS,
        (
            r"(?:leave|add|post) a (?:comment|reply)|no comments(?: yet)?|advertisement|sponsored|anzeige|publicité|"
            r"publicidad|реклама|loading\s?(?:…|\.\.\.)?"
        ),
        (
            r"teilen|partager|compartir|compartilhe|condividi|delen|udostępnij|поделиться|поділитися|paylaş|分享|"
            r"シェア(?:する)?|공유(?:하기)?"
        ),
    )
)

OPEN = "|".join(
    (
        (
            r"(?:continue|keep) reading [“\"'‘«]?.{1,120}|read (?:more|the (?:full|whole|rest of the) (?:story|"
            r"article|post|text)) (?:at|on|about|in|from|here:?) .{1,80}"
        ),
        (
            r"(?:read|view) (?:this|the) (?:article|story|post|entry) (?:at|on) .{1,60}|click here (?:for|to) .{1,"
            r"60}|follow (?:us|me|our) .{1,60}|subscribe (?:now|here|to) .{0,60}|sign up (?:for|to) .{1,"
            r"80}newsletter.{0,20}"
        ),
        (
            r"weiterlesen (?:auf|bei|›|»|→).{1,80}|mehr (?:zum thema|dazu auf) .{1,60}|lire la suite (?:sur|de|›|»|"
            r"→).{0,80}|(?:seguir|continuar) leyendo [“\"'«]?.{1,80}|continu(?:e|ar) (?:a )?(?:lendo|lectura|"
            r"lettura) [“\"'«]?.{1,80}"
        ),
        (
            r"lees verder (?:op|bij) .{1,60}|читать (?:далее|полностью|дальше) (?:на|в) .{1,60}|подписывайтесь на "
            r".{1,80}|підписуйтесь на .{1,80}|abonnieren sie .{1,60}|suivez-nous.{0,60}|síguenos.{0,60}|siga-nos.{0,"
            r"60}|seguici su.{0,60}"
        ),
    )
)

SENTENCES = "|".join(
    (
        (
            r"read (?:the (?:full|whole|original|entire|rest of (?:the|this))|more of this|this|the) (?:story|"
            r"article|post|text|entry|interview|report) (?:at|on|in|from|here) ?.{0,60}|read more (?:at|on) (?:the "
            r")?[A-Z][^.]{1,50}"
        ),
        (
            r"(?:please )?click (?:here )?(?:for|to) (?:read|view|see|continue|more|full) ?.{0,60}|(?:to )?continue "
            r"reading,? (?:at|on|click|visit|subscribe) .{1,60}|for more (?:information|news|details),? (?:visit|see|"
            r"go to|click) .{1,80}"
        ),
        (
            r"(?:please )?(?:follow|like|join|find) us on (?:facebook|twitter|x|instagram|telegram|whatsapp|linkedin|"
            r"youtube|threads|bluesky|google news).{0,100}|(?:sign up|subscribe) (?:for|to|here for) (?:our|the) .{0,"
            r"40}newsletters?.{0,40}"
        ),
        (
            r"get the (?:latest|top|best) .{1,60} (?:in|to) your inbox.{0,40}|this (?:article|story|post|piece) "
            r"(?:first |originally |was (?:first |originally )?)(?:appeared|published|ran) (?:on|in|at|by) .{1,80}"
        ),
        (
            r"mehr dazu (?:lesen sie|erfahren sie|auf|bei) .{1,80}|(?:den (?:ganzen|vollständigen) artikel|weitere "
            r"informationen) (?:lesen|finden) sie .{1,80}|folgen sie uns auf .{1,80}|retrouvez (?:l[’']article|la "
            r"suite|cet article) .{1,80}|cet article (?:est apparu|a été publié) .{1,100}"
        ),
        (
            r"(?:lea|lee|puede leer) (?:el artículo|la noticia|la nota) complet[oa] .{1,80}|síguenos en .{1,80}|"
            r"leggi l[’']articolo completo su .{1,80}|leia a (?:matéria|notícia) completa .{1,80}|lees het hele "
            r"artikel .{1,80}|читайте (?:полную версию|подробнее|полный текст) .{1,80}"
        ),
    )
)

CREDITS = "|".join(
    (
        (
            r"(?:additional |further )?(?:reporting|writing|editing|compiled|edited|written|produced|translated|"
            r"translation) by [^.]{2,120}(?:[;,.] ?(?:additional |further )?(?:reporting|writing|editing|compiled|"
            r"edited|written|translation) by [^.]{2,120}){0,3}"
        ),
        (
            r"(?:with|mit|avec|con|com|met|med|z|с|со) (?:inputs?|material|files?|agency (?:inputs?|reports?|"
            r"material)|agencies|reporting|information|agenturen|agenturmaterial|informationen|informations?|"
            r"información|informações|informazioni|agencias|agências|материалами?) ?(?:from|by|of|von|der|de|da|do|"
            r"la|van|di)?(?: [^.]{2,60})?"
        ),
        (
            r"(?:[^\W\d][^.]{1,29} )?(?:avec|mit|con|com|with) (?:l[’'])?(?:afp|reuters|dpa|efe|ansa|ap|pti|ani|lusa|"
            r"belga|ats|agencias|agences|agenturen)(?:(?:,| et| und| y| e|/) ?(?:afp|reuters|dpa|efe|ap|sid|apa)){0,"
            r"3}"
        ),
        (
            r"image (?:source|caption|credit),? .{2,100}|(?:getty images|shutterstock|istock|ap photo|afp photo)(?:[ "
            r"/].{1,60})?|via (?:getty images|ap|reuters|afp)"
        ),
        (
            r"(?:translated|übersetzt|traduit|traducido|tradotto|traduzido) (?:from|by|with|aus|von|mit|de|par|por|"
            r"del|da|dal) [^.]{2,60}"
        ),
    )
)

NOTED = (
    r"read also|also read|see also|read next|read more|more on this(?: story)?|more|related(?: (?:articles?|posts?|"
    r"stories|content|topics|links|news|coverage))?|further reading|don[’']t miss|share this|like this|tags|filed "
    r"under|topics"
    r"|à lire aussi|lire aussi|lisez aussi|voir aussi|lesen sie auch|auch interessant|mehr zum thema|lee también|lea "
    r"también|leer también|te puede interesar|leia também|leia mais|veja também|leggi anche|lees ook|läs också|les "
    r"også|læs også|lue myös"
    r"|читайте также|читать также|читайте также по теме|по теме|читайте також|czytaj też|czytaj także|zobacz też|"
    r"čtěte také|lasā arī|baca juga|đọc thêm|citește și|διαβάστε επίσης|ayrıca okuyun|اقرأ أيضا|اقرأ أيضاً"
)

AGENCIES = (
    r"Reuters|AFP|AP|dpa|DPA|ANSA|EFE|Xinhua|TASS|PTI|ANI|IANS|UPI|CNN|CNN Business|BBC|BBC News|Bloomberg|Kyodo|"
    r"Kyodo News|Yonhap|Associated Press|The Associated Press|Agence France-Presse|"
    r"Interfax|RIA Novosti|Anadolu|AA|PA|PA Media|Press Association|ATS|APA|Belga|ANP|NTB|TT|Ritzau|STT|LUSA|Lusa|CP|"
    r"The Canadian Press|AAP|Bernama|ANTARA|Europa Press|Adnkronos|AGI|"
    r"АФП|Рейтер|ТАСС|РИА Новости|Интерфакс|УНИАН|Укринформ|Reuters/AFP|"
    r"AFP/Reuters|AP/Reuters|新华社|共同社|法新社|路透社|VOA|"
    r"Voice of America|RFE/RL|Deutsche Welle|DW"
)
