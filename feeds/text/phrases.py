"""What publishers write around their texts, in the languages most feeds are in. Alternatives of regular expressions."""

from __future__ import annotations

READ_MORE = "|".join(
    (
        # English
        r"(?:click (?:here )?to )?(?:read|see|view|learn|find out) (?:the )?(?:more|full (?:story|article|post|text|report|entry))(?: (?:here|at|on|about) .{1,60}| here| now)?",
        r"(?:read|view|see) (?:the )?(?:rest|whole|entire|original)(?: of)?(?: (?:this|the))? (?:entry|article|post|story)",
        r"continue reading(?: .{1,120})?",
        r"keep reading(?: .{1,80})?",
        r"full (?:story|article|text|report)(?: here)?",
        r"read on(?: .{1,60})?",
        r"(?:the )?full (?:story|article) (?:is )?(?:available )?(?:here|at .{1,60})",
        r"more\s?(?:…|\.\.\.|»|>>|→)",
        r"click here(?: (?:for|to) .{1,60})?",
        # German
        r"weiterlesen(?: .{1,80})?|mehr (?:lesen|erfahren|dazu)(?: .{1,60})?|zum (?:vollständigen )?artikel|den (?:ganzen|vollständigen) artikel (?:lesen|hier .{1,40})",
        # French
        r"lire (?:la suite|plus|l[’']article(?: complet)?)(?: .{1,80})?|en savoir plus|voir plus|continuer (?:la lecture|à lire)(?: .{1,80})?",
        # Spanish, Portuguese, Italian
        r"(?:leer|ver|saber) más(?: .{1,60})?|seguir leyendo(?: .{1,60})?|continuar leyendo(?: .{1,80})?|sigue leyendo|leer (?:el artículo|la noticia) complet[ao]",
        r"(?:leia|ler|saiba|veja) mais(?: .{1,60})?|continu(?:e|ar) (?:a )?(?:lendo|ler|lectura)(?: .{1,80})?",
        r"(?:leggi|scopri|continua a leggere|leggi tutto|leggi di più|per saperne di più)(?: (?:tutto|di più|anche|l[’']articolo.{0,40}))?",
        # Dutch, Scandinavian, Finnish
        r"lees (?:meer|verder|het hele artikel)(?: .{1,60})?|verder lezen(?: .{1,60})?",
        r"läs (?:mer|vidare|hela artikeln)(?: .{1,40})?|les (?:mer|videre|hele saken)(?: .{1,40})?|læs (?:mere|videre)(?: .{1,40})?|lue (?:lisää|koko juttu)",
        # Slavic
        r"czytaj (?:dalej|więcej|całość)(?: .{1,40})?|więcej\s?(?:…|\.\.\.|»)|číst (?:dále|více)|celý článek|čítať ďalej",
        r"читать (?:далее|дальше|полностью|ещё|еще|также)(?: .{1,60})?|подробнее(?: .{1,40})?|далее\s?(?:…|\.\.\.|»|→)|читати (?:далі|більше|також)(?: .{1,40})?|детальніше",
        r"прочети (?:още|повече)|opširnije|pročitaj(?:te)? više|preberi več",
        # others
        r"devamını oku(?:yun)?|devamı(?: için .{1,30})?|tovább(?: .{1,20})?(?:olvasom)?|citește (?:mai (?:mult|departe)|tot articolul)|διαβάστε (?:περισσότερα|τη συνέχεια)",
        r"続きを読む|もっと読む|記事全文(?:を読む)?|阅读(?:更多|全文|原文)|閱讀(?:更多|全文)|查看(?:更多|全文|原文)|繼續閱讀|继续阅读|더 ?보기|자세히 보기|기사 전문",
        r"اقرأ (?:المزيد|أيضا|أيضاً)|إقرأ المزيد|للمزيد|ادامه مطلب|बाकी पढ़ें|और पढ़ें|पूरी खबर पढ़ें|קרא עוד|המשך קריאה|baca (?:selengkapnya|juga|lebih lanjut)(?: .{1,60})?|đọc (?:thêm|tiếp)|xem thêm|อ่านต่อ|อ่านเพิ่มเติม",
    )
)

SHARE = "|".join(
    (
        r"share(?: (?:this|on|via|it|the)(?: .{1,60})?)?|share this:?(?: .{1,80})?|tweet(?: this)?|pin it|like this:?|print(?: this)?|email(?: this)?",
        r"(?:(?:facebook|twitter|x|whatsapp|linkedin|pinterest|reddit|telegram|email|e-mail|print|copy link|share|tweet|instagram|youtube|messenger|flipboard|tumblr)[\s|,/·•]*){2,}",
        r"follow (?:us|me)(?: on .{1,60})?|subscribe(?: (?:now|here|to .{1,60}))?|sign up (?:for|to) .{1,80}newsletter.{0,40}|(?:leave|add|post) a (?:comment|reply)|\d* ?comments?|no comments(?: yet)?",
        r"advertisement|sponsored|anzeige|publicité|publicidad|реклама|relacionado|related(?: (?:articles?|posts?|stories|content|topics|links))?:?",
        r"teilen(?: auf .{1,40})?|partager(?: sur .{1,40})?|compartir(?: en .{1,40})?|compartilhe?(?: .{1,40})?|condividi(?: .{1,40})?|delen(?: .{1,30})?|udostępnij|поделиться(?: .{1,40})?|поділитися|paylaş|分享(?:到.{1,20})?|シェア(?:する)?|공유(?:하기)?",
        r"подписывайтесь на .{1,80}|abonnieren sie .{1,60}|suivez-nous.{0,60}|síguenos.{0,60}|siga-nos.{0,60}",
    )
)
