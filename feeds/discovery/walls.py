"""Pages that are no article: consent walls, sign-in forms, paywalls, missing pages, bot checks.

`title_kind` recognizes their titles and `phrases` their usual phrases, in the languages of most feeds. A phrase alone
proves nothing, because articles on these subjects use it too: see `feeds.discovery.acceptance`.
"""

from __future__ import annotations

import re

CONSENT, LOGIN, PAYWALL, MISSING, BOT_CHECK = "consent", "login", "paywall", "missing", "bot-check"

_TITLES = {
    CONSENT: (
        (
            r"before you continue.*|(?:your )?(?:privacy|cookies?)(?: (?:and|&) (?:privacy|cookies?))?(?: (?:settings|"
            r"preferences|choices|consent|policy|notice|options|cent(?:er|re)|banner|wall))?|(?:we (?:value|respect|"
            r"care about) )?your (?:data|privacy)(?: (?:matters|your choice))?(?: to us)?|we value your privacy|"
            r"manage (?:your )?(?:consent|cookies|preferences)|(?:cookie )?consent|accept (?:all )?cookies"
        ),
        (
            r"bevor sie (?:weiterlesen|fortfahren|weitergehen|zu .{1,40} weitergehen).*|(?:ihre )?(?:datenschutz|"
            r"cookie|privatsphäre)[- ]?(?:einstellungen|hinweise?|erklärung|zustimmung)?|zustimmung(?: erforderlich)?|"
            r"einwilligung.{0,30}|ihre privatsphäre.{0,40}|weiterlesen mit (?:werbung|cookies).*|"
            r".{0,40}mit werbung (?:lesen|weiterlesen|nutzen).{0,20}"
        ),
        (
            r"avant de continuer.*|(?:gestion|gérer|paramètres|politique|préférences) (?:de |des |d[’'])?(?:vos |"
            r"les )?(?:cookies|consentements?|confidentialité|vie privée).*|(?:vos données,? )?votre (?:vie privée|"
            r"choix|consentement).{0,50}|consentement"
        ),
        (
            r"antes de continuar.*|(?:configuración|política|preferencias|aviso) de (?:las )?(?:cookies|privacidad)|"
            r"tu privacidad.{0,40}|su privacidad.{0,40}|consentimiento.{0,20}"
        ),
        (
            r"prima di (?:continuare|proseguire).*|(?:impostazioni|informativa|preferenze|gestione)(?: sulla| sui| di|"
            r" dei)? (?:privacy|cookie|consenso).{0,20}|la (?:tua|vostra) privacy.{0,40}|consenso.{0,20}"
        ),
        (
            r"antes de prosseguir.*|(?:definições|configurações|política|preferências|aviso) de (?:cookies|"
            r"privacidade)|(?:a )?sua privacidade.{0,40}|consentimento.{0,20}"
        ),
        (
            r"voordat je (?:verdergaat|verder gaat|doorgaat).*|voordat u (?:verdergaat|verder gaat|doorgaat).*|"
            r"(?:privacy|cookie)[- ]?(?:instellingen|voorkeuren|verklaring|beleid|melding)|(?:jouw|uw|"
            r"je) privacy.{0,40}|toestemming.{0,20}"
        ),
        (
            r"zanim (?:przejdziesz|będziesz).{0,40}|(?:ustawienia|polityka|zgoda na)(?: plików)? (?:prywatności|"
            r"cookies?|cookie).{0,20}|twoja prywatność.{0,40}|szanujemy twoją prywatność|zgody?"
        ),
        (
            r"прежде чем (?:продолжить|перейти).{0,40}|(?:настройки|политика)(?: файлов)? (?:cookie|"
            r"конфиденциальности|приватности).{0,20}|согласие.{0,40}|ваша конфиденциальность.{0,40}|"
            r"перш ніж продовжити.*"
        ),
        (
            r"(?:继续|繼續)(?:浏览|瀏覽|访问|訪問|之前|前).{0,20}|.{0,6}(?:隐私|隱私|cookie)(?:设置|設定|政策|声明|"
            r"聲明|偏好|权)?|您的隐私.{0,12}|(?:続行|続ける)(?:する)?前に.{0,10}|.{0,8}(?:プライバシー|cookie|"
            r"クッキー)(?:の?設定|ポリシー|について|への同意|の選択)?|同意.{0,12}|개인정보.{0,12}|쿠키 설정"
        ),
    ),
    LOGIN: (
        (
            r"(?:please )?(?:log ?-?in|sign ?-?in|login|log ?on)(?: (?:to|or|required|page|now|with|and|register|"
            r"sign ?-?up|subscribe).*)?|(?:create|register)(?: (?:for|an|a|your|free))* account.*|register(?: now|"
            r" to (?:continue|read).*)?|sign ?up(?: (?:to|for|now).*)?|(?:member|subscriber|account) (?:login|"
            r"sign ?-?in)|authentication required|welcome back"
        ),
        (
            r"(?:bitte )?(?:anmelden|einloggen|anmeldung|login|registrieren|registrierung)(?: (?:oder|und|bei|"
            r"erforderlich).*)?|mein konto|jetzt (?:anmelden|registrieren).*"
        ),
        (
            r"(?:se connecter|connexion|connectez-vous|s[’']identifier|identifiez-vous|identification|inscription|"
            r"créer un compte|mon compte)(?: .{0,40})?|(?:inicia(?:r)? sesión|acceder|regístr(?:ate|ese)|registro|"
            r"identifícate|mi cuenta)(?: .{0,40})?"
        ),
        (
            r"(?:accedi|accesso|registrati|registrazione|effettua (?:il )?(?:login|accesso)|"
            r"area riservata)(?: .{0,40})?|(?:entrar|iniciar sessão|faça (?:seu )?login|fazer login|cadastre-se|"
            r"cadastro|registe-se|a minha conta)(?: .{0,40})?"
        ),
        (
            r"(?:inloggen|log in|aanmelden|registreren|maak een account.*|mijn account)(?: .{0,40})?|"
            r"(?:zaloguj(?: się)?|logowanie|zarejestruj się|rejestracja|załóż konto)(?: .{0,40})?|(?:вход|войти|"
            r"войдите|авторизация|регистрация|личный кабинет|вхід|увійти)(?: .{0,40})?"
        ),
        (
            r"(?:请)?(?:登录|登入|登錄|注册|註冊)(?:.{0,12})|(?:ログイン|サインイン|会員登録|新規登録)(?:.{0,12})|"
            r"로그인.{0,12}|giriş yap.{0,12}|logga in.{0,20}|logg inn.{0,20}|log ind.{0,20}|kirjaudu.{0,20}|"
            r"přihlášení.{0,20}"
        ),
    ),
    PAYWALL: (
        (
            r"subscribe(?: (?:now|today|to|for).*)?|subscription(?:s| (?:required|options|offers|plans).*)?|"
            r"(?:subscriber|premium|member)s?[- ]only.{0,30}|become a (?:member|subscriber).*|choose your (?:plan|"
            r"subscription).*"
        ),
        (
            r"(?:jetzt )?(?:abonnieren|abo|abonnement|abo-angebote?|abo-shop)(?: .{0,30})?|(?:s[’']abonner|"
            r"abonnez-vous|abonnements?|offres d[’']abonnement)(?: .{0,40})?|(?:suscríbe(?:te|se)|suscripci(?:ón|"
            r"ones)|hazte (?:socio|suscriptor))(?: .{0,40})?"
        ),
        (
            r"(?:abbonati|abbonamenti?)(?: .{0,40})?|(?:assine|assinatura|assinaturas|assinar)(?: .{0,40})?|"
            r"(?:abonneren|abonnementen?|neem een abonnement|word (?:lid|abonnee))(?: .{0,40})?|(?:subskrypcja|"
            r"prenumerata|wykup dostęp)(?: .{0,40})?"
        ),
        (
            r"(?:подписка|оформите подписку|подпишитесь)(?: .{0,40})?|(?:订阅|訂閱|开通会员|会员专享).{0,12}|"
            r"(?:有料会員|購読|会員限定).{0,14}|구독.{0,10}"
        ),
    ),
    MISSING: (
        (
            r"(?:error )?(?:404|410)(?: .{0,40})?|.{0,12}(?:page|article|story|content|site|post|file|"
            r"url)(?: (?:you.{0,40}|is|was|has been|requested))? ?(?:not found|cannot be found|could not be found|"
            r"can[’']t be found|doesn[’']t exist|does not exist|no longer (?:available|exists)|unavailable|removed|"
            r"deleted|missing|expired).*|not found|nothing found|oops.{0,40}|sorry.{0,60}|we can[’']t find (?:that|"
            r"the) page.*|under (?:maintenance|construction)|domain (?:for sale|is parked).*|this domain.*"
        ),
        (
            r"(?:die )?(?:angeforderte )?(?:seite|artikel|beitrag|inhalt).{0,20}nicht (?:gefunden|verfügbar|vorhanden|"
            r"mehr verfügbar).*|nicht gefunden|fehler(?: 404)?|page (?:introuvable|non trouvée|inexistante).*|"
            r"(?:cette page|l[’']article|contenu).{0,20}(?:n[’']existe (?:pas|plus)|introuvable|"
            r"n[’']est plus disponible).*|erreur 404.*"
        ),
        (
            r"página no (?:encontrada|existe|disponible).*|no (?:se )?(?:ha )?encontr(?:ado|ada|amos).{0,40}|"
            r"(?:contenido|artículo) no (?:disponible|encontrado).*|pagina non (?:trovata|disponibile|esiste).*|"
            r"(?:contenuto|articolo) non (?:trovato|disponibile).*|página não (?:encontrada|existe|disponível).*|"
            r"(?:conteúdo|artigo) não (?:encontrado|disponível).*|erro 404.*|errore 404.*"
        ),
        (
            r"pagina niet (?:gevonden|beschikbaar).*|niet gevonden|(?:strona|artykuł|"
            r"nie znaleziono) (?:nie (?:istnieje|została znaleziona)|strony|nie znaleziono).*|nie znaleziono.{0,30}|"
            r"błąd 404.*|(?:страница|статья|материал).{0,14} (?:не найден[ао]?|не существует|удален[ао]?|"
            r"недоступн[ао]?).*|ошибка 404.*|не найдено|сторінк[уа] не знайдено.*"
        ),
        (
            r".{0,10}(?:页面|頁面|网页|網頁|文章|内容|內容).{0,6}(?:不存在|未找到|找不到|没有找到|已删除|已刪除|"
            r"无法显示|无法访问).*|找不到.{0,8}(?:页面|頁面|网页|網頁|文章).*|(?:お探しの|指定された)?(?:ページ|記事|"
            r"コンテンツ).{0,8}(?:見つかりません|存在しません|ありません|削除され|表示できません).*|"
            r"페이지를 찾을 수 없습니다.*|sayfa bulunamadı.*|sidan (?:kunde inte hittas|finns inte).*|"
            r"siden (?:finnes ikke|blev ikke fundet).*|sivua ei löydy.*|stránka (?:nenalezena|neexistuje).*"
        ),
    ),
    BOT_CHECK: (
        (
            r"just a moment.*|attention required.*|(?:please )?(?:verify|verifying|confirm)(?: that)? you(?: are|"
            r"[’']re)? (?:are )?(?:a |not a )?(?:human|robot).*|are you (?:a )?(?:human|robot).*|(?:security|browser|"
            r"human|bot) (?:check|verification|challenge).*|checking your browser.*|access (?:denied|"
            r"to this page has been denied|blocked|restricted).*|pardon our interruption.*|(?:one more step|"
            r"robot check|captcha).*|ddos.guard.*|403 forbidden|forbidden|request blocked.*|too many requests|"
            r"you have been blocked.*|unusual traffic.*|please wait.*|human verification.*"
        ),
        (
            r"(?:einen )?(?:augenblick|moment) bitte.*|(?:nur )?einen moment.{0,10}|sicherheits(?:überprüfung|prüfung|"
            r"abfrage).*|zugriff verweigert.*|sind sie ein (?:mensch|roboter).*|un (?:instant|moment).{0,20}|"
            r"vérification (?:de sécurité|de votre navigateur|humaine).*|accès (?:refusé|interdit|bloqué).*|"
            r"êtes-vous un (?:robot|humain).*|un momento.{0,20}|(?:verificación|comprobación) (?:de seguridad|"
            r"humana).*|acceso (?:denegado|restringido).*|¿?eres (?:humano|un robot).*"
        ),
        (
            r"(?:verifica|controllo) di sicurezza.*|accesso (?:negato|bloccato).*|sei un (?:robot|umano).*|"
            r"um momento.{0,20}|verificação (?:de segurança|humana).*|acesso (?:negado|bloqueado).*|"
            r"(?:você )?é (?:um robô|humano).*|(?:een )?(?:ogenblik|moment) geduld.*|beveiligingscontrole.*|"
            r"toegang (?:geweigerd|geblokkeerd).*|ben je een (?:robot|mens).*|(?:jeszcze )?chwileczkę.*|"
            r"weryfikacja.{0,30}|odmowa dostępu.*|dostęp zabroniony.*|czy jesteś (?:robotem|człowiekiem).*"
        ),
        (
            r"(?:подождите|минутку|один момент).*|проверка (?:браузера|безопасности|подключения).*|доступ (?:запрещен|"
            r"запрещён|ограничен|заблокирован).*|(?:подтвердите|вы не робот|вы робот).*|请稍候.*|請稍候.*|(?:安全|"
            r"人机|真人)(?:验证|驗證|检查|檢查).*|访问(?:被拒绝|受限|验证).*|存取被拒.*|しばらくお待ち(?:ください)?.*|"
            r"(?:セキュリティ|ロボット)(?:チェック|確認|ではありません).*|アクセス(?:が拒否|できません|拒否).*|"
            r"잠시만 기다.*|bir dakika lütfen.*|vänta.{0,20}|ett ögonblick.*"
        ),
    ),
}
_PHRASES = {
    CONSENT: (
        (
            r"we and our (?:\d+ |trusted |advertising )?(?:partners|vendors)|(?:we|our partners) (?:use|store|"
            r"process) (?:cookies|your (?:personal )?data|information on (?:a|your) device)|(?:accept|reject|allow|"
            r"decline) (?:all|cookies)|(?:manage|withdraw|change) (?:your )?(?:consent|cookie|privacy|preferences|"
            r"choices)|(?:use of|uses) cookies|personali[sz]ed (?:ads|advertising|content)|cookie (?:policy|settings|"
            r"preferences)|legitimate interest|your privacy"
        ),
        (
            r"wir und unsere (?:\d+ )?partner|(?:verwenden|nutzen|setzen) (?:wir )?(?:\w+ )?cookies|(?:alle|"
            r"cookies) (?:akzeptieren|ablehnen|zulassen)|(?:ihre|deine) (?:einwilligung|zustimmung|privatsphäre)|"
            r"personalisierte (?:werbung|anzeigen|inhalte)|datenschutz(?:einstellungen|erklärung|hinweise)|"
            r"mit werbung (?:weiter)?lesen|werbefrei|berechtigte[sn]? interesse"
        ),
        (
            r"nous et nos (?:\d+ )?partenaires|(?:utilis\w+|dépos\w+) des cookies|(?:tout|tous les cookies|"
            r"cookies) (?:accepter|refuser)|(?:accepter|refuser) (?:tout|les cookies|et continuer)|"
            r"votre (?:consentement|vie privée)|publicités? personnalisée?s|politique de (?:confidentialité|cookies)|"
            r"continuer sans accepter|vos données personnelles|intérêt légitime"
        ),
        (
            r"nosotros y nuestros (?:\d+ )?socios|(?:utiliz\w+|us[ao]\w*) cookies|(?:aceptar|rechazar) (?:todas?|todo|"
            r"cookies|y continuar)|su consentimiento|tu consentimiento|(?:su|tu) privacidad|(?:anuncios|"
            r"publicidad) personalizad[ao]s?|política de (?:cookies|privacidad)|interés legítimo"
        ),
        (
            r"noi e i nostri (?:\d+ )?partner|(?:utilizz\w+|usiamo) (?:i )?cookie|(?:accetta|"
            r"rifiuta)(?:re)? (?:tutt[io]|e (?:continua|prosegui)|i cookie)|(?:il tuo|vostro) consenso|la tua privacy|"
            r"(?:annunci|pubblicità) personalizzat[ia]|(?:cookie|privacy) policy|informativa sulla privacy|"
            r"legittimo interesse"
        ),
        (
            r"n[óo]s e (?:os )?nossos (?:\d+ )?parceiros|(?:utiliz\w+|us\w+) cookies|(?:aceitar|rejeitar|"
            r"recusar) (?:todos|tudo|cookies|e continuar)|seu consentimento|(?:a )?sua privacidade|(?:anúncios|"
            r"publicidade) personalizad[ao]s?|política de (?:cookies|privacidade)|interesse legítimo"
        ),
        (
            r"wij en onze (?:\d+ )?partners|(?:gebruiken|plaatsen|maken gebruik van)(?: \w+)? cookies|(?:alles|"
            r"alle cookies|cookies) (?:accepteren|weigeren|toestaan)|(?:jouw|uw|je) (?:toestemming|privacy)|"
            r"gepersonaliseerde advertenties|(?:cookie|privacy)(?:beleid|verklaring|instellingen)|"
            r"gerechtvaardigd belang"
        ),
        (
            r"my i nasi (?:\d+ )?(?:zaufani )?partnerzy|(?:używamy|korzystamy z|"
            r"wykorzystujemy)(?: \w+)? (?:plików )?cookie|(?:akceptuj|zaakceptuj|odrzuć|"
            r"zgadzam się)(?: \w+)? (?:wszystkie|wszystko)?|(?:twoja|twoją|wyrażenie) (?:zgoda|zgodę|zgody|"
            r"prywatność)|spersonalizowan\w+ (?:reklam|treści)\w*|polityk\w+ (?:prywatności|cookies)|"
            r"prawnie uzasadnion\w+"
        ),
        (
            r"мы и наши (?:\d+ )?партн[её]ры|(?:использу\w+|применя\w+) (?:файлы )?(?:cookie|куки)|(?:принять|"
            r"отклонить|разрешить) (?:вс[её]|cookie|куки)|ваше(?:го)? согласи[ея]|персонализированн\w+ реклам\w+|"
            r"политик\w+ (?:конфиденциальности|cookie)|обработк\w+ персональных данных|ми та наші партнери"
        ),
        (
            r"我们(?:和|与)(?:我们的)?(?:\d+\s?)?(?:合作伙伴|伙伴)|我們(?:和|與)(?:合作)?夥伴|使用\s?cookie|(?:接受|"
            r"拒绝|拒絕|同意)(?:所有|全部|并继续|cookie)|(?:您的|你的)(?:隐私|隱私|同意)|个性化广告|個人化廣告|"
            r"(?:隐私|隱私)(?:政策|设置|設定)|cookie\s?(?:政策|设置|設定)"
        ),
        (
            r"(?:当社|弊社|私たち)(?:と|および)(?:\d+の)?パートナー|(?:cookie|クッキー)を使用|(?:すべて|全て)(?:同意|"
            r"許可|拒否|受け入れ)|(?:cookie|クッキー)(?:に同意|ポリシー|の設定)|プライバシー(?:設定|ポリシー)|"
            r"パーソナライズ(?:された)?広告|お客様の(?:同意|プライバシー)|쿠키를 사용|모두 (?:동의|수락)"
        ),
    ),
    LOGIN: (
        (
            r"(?:log|sign) ?-?in (?:to|with|or|below|again|here)|(?:please|must|need to) (?:log|sign) ?-?(?:in|up)|"
            r"(?:after|once) you have (?:signed|logged) in|forgot(?:ten)? (?:your )?password|(?:create|don[’']t have|"
            r"already have) an account|register (?:for free|now|to (?:read|continue))|e-?mail address and password|"
            r"remember me|continue with (?:google|facebook|apple|email)|reset (?:your )?password"
        ),
        (
            r"(?:bitte )?(?:melden sie sich|loggen sie sich|melde dich|logge dich)(?: \w+)? (?:an|ein)|"
            r"passwort vergessen|(?:bereits|noch kein) (?:registriert|konto|kundenkonto)|(?:jetzt|"
            r"kostenlos) (?:registrieren|anmelden)|angemeldet bleiben|mit (?:google|facebook|apple) (?:anmelden|"
            r"fortfahren)"
        ),
        (
            r"(?:veuillez )?(?:vous connecter|connectez-vous|identifiez-vous)|mot de passe oublié|(?:déjà|"
            r"pas encore) (?:inscrit|de compte|un compte)|créer? (?:un|votre|mon) compte|se souvenir de moi|"
            r"se connecter avec"
        ),
        (
            r"(?:inicia|iniciar|inicie) sesión|(?:olvid(?:aste|ó)|he olvidado) (?:tu|su|mi|la) contraseña|(?:ya|"
            r"no) tienes? (?:una )?cuenta|crear? (?:una )?cuenta|regístr(?:ate|ese)(?: gratis)?|(?:effettua|"
            r"esegui) (?:il )?(?:login|accesso)|password dimenticata|(?:hai già|non hai) un account|"
            r"registrati(?: gratis| gratuitamente)?|accedi (?:con|per|al)"
        ),
        (
            r"(?:faça|fazer|efetue) (?:o )?(?:seu )?login|(?:esqueceu|esqueci)(?: a)?(?: sua| minha)? (?:senha|"
            r"palavra-passe)|(?:já tem|não tem|criar|crie)(?: uma)? conta|inicie sessão|cadastre-se|(?:log|"
            r"meld)(?: je| u)? (?:in|aan) (?:om|met|bij)|wachtwoord vergeten|(?:al|nog geen) (?:een )?account|"
            r"maak (?:een )?(?:gratis )?account"
        ),
        (
            r"zaloguj się|(?:nie pamiętasz|zapomniałeś|przypomnij) has(?:ła|ło)|(?:masz już|nie masz) kont[oa]|"
            r"zarejestruj się|załóż (?:bezpłatne )?konto|(?:войдите|авторизуйтесь|войти) (?:в|через|на|чтобы|с|или)|"
            r"забыли пароль|(?:уже|нет) (?:есть )?(?:аккаунт|учетн|учётн|зарегистрирован)\w*|зарегистрируйтесь|"
            r"увійдіть|забули пароль"
        ),
        (
            r"(?:请|請)?(?:先)?(?:登录|登入|登錄)(?:后|後|以|您的|账号|帳號)|忘记密码|忘記密碼|(?:没有|沒有|"
            r"已有)(?:账号|帳號|账户)|(?:立即|免费)?(?:注册|註冊)(?:账号|帳號|会员|會員)|ログイン(?:して|が必要|"
            r"すると|はこちら)|パスワードを(?:お忘れ|忘れ)|(?:会員|新規)登録(?:は|して|が)|アカウントを(?:お持ち|"
            r"作成)|로그인(?:이 필요|하세요|하시)|비밀번호를 잊|şifremi unuttum|glömt lösenord"
        ),
    ),
    PAYWALL: (
        (
            r"(?:subscribe|subscription|become a (?:member|subscriber)|sign up)(?: \w+){0,4} to (?:continue|read|keep|"
            r"unlock|access|get)|(?:continue|keep) reading (?:this article )?with|already a (?:subscriber|member)|"
            r"(?:exclusive(?:ly)?|only|reserved|available) (?:to|for) (?:our )?(?:subscribers|members)|(?:subscriber|"
            r"member|premium)s?[- ]only|(?:unlock|get) (?:full|unlimited|instant|digital|"
            r"complete)(?: digital)? access|you have (?:reached|used|read) (?:your|all|\d).{0,40}(?:limit|free|"
            r"articles)|(?:free|remaining) articles? (?:left|remaining|this month)|start your (?:free )?(?:trial|"
            r"subscription)|cancel any ?time|(?:per|a) month (?:for|after|billed)|to read the (?:full|rest|whole)|"
            r"this (?:article|content|story) is (?:for|reserved|exclusive|only|behind)|subscribe (?:now|today)"
        ),
        (
            r"(?:jetzt|bereits|noch kein|mit einem|im) (?:abo|abonnent|abonnement|plus)\w*|(?:weiterlesen|"
            r"lesen sie weiter|zugang) mit|(?:nur|exklusiv) für (?:abonnenten|mitglieder|leser)|jederzeit kündbar|"
            r"(?:artikel|inhalt)(?: \w+){0,3} (?:kostenpflichtig|freischalten)|(?:probemonat|monat) (?:gratis|"
            r"kostenlos|für)|(?:monatlich|jederzeit) (?:kündbar|kündigen)|sie haben (?:bereits )?(?:ein|ihr) (?:abo|"
            r"limit)|abonnieren sie|(?:pro|im) monat"
        ),
        (
            r"(?:article|contenu|réservé)(?:s)? (?:est )?(?:réservé|aux|à nos) (?:aux )?abonnés|déjà abonnés?|"
            r"abonnez-vous|il vous reste .{0,30} à (?:lire|découvrir)|pour lire la suite|la suite est réservée|"
            r"sans engagement|accès illimité|(?:par|le premier) mois|s[’']abonner"
        ),
        (
            r"(?:contenido|artículo|noticia)(?: \w+){0,3} (?:exclusiv[oa]|para) (?:para )?(?:suscriptores|socios)|"
            r"(?:solo|exclusivo) para (?:suscriptores|socios)|ya (?:eres|es) suscriptor|suscríbe(?:te|se)|"
            r"acceso (?:ilimitado|completo)|para seguir leyendo|cancela cuando quieras|al mes|(?:contenuto|"
            r"articolo)(?: \w+){0,2} (?:riservat[oa]|esclusiv[oa])|(?:riservat[oa]|solo) (?:agli|per gli|ai) abbonati|"
            r"sei già abbonat[oa]|abbonati (?:per|ora|a|subito)|per continuare a leggere|disdici quando vuoi|al mese"
        ),
        (
            r"(?:conteúdo|artigo|matéria)(?: \w+){0,3} (?:exclusiv[oa]|restrit[oa]) (?:para|a) (?:assinantes|"
            r"subscritores)|(?:só|apenas|exclusivo) para (?:assinantes|subscritores)|já é assinante|assine (?:já|"
            r"agora|para|e)|para continuar (?:lendo|a ler)|acesso (?:ilimitado|completo)|por mês|(?:exclusief|"
            r"alleen) voor (?:abonnees|leden)|al (?:een )?abonnee|(?:neem|met|kies) een abonnement|"
            r"word (?:nu )?(?:abonnee|lid)|verder lezen\?|(?:om dit artikel|lees) (?:verder|onbeperkt)|"
            r"maandelijks opzegbaar|per maand"
        ),
        (
            r"(?:dostęp|artykuł|treść)(?: \w+){0,3} (?:tylko )?dla (?:prenumeratorów|subskrybentów)|(?:wykup|"
            r"kup) (?:dostęp|subskrypcję|prenumeratę)|(?:masz już|jesteś) (?:prenumerat|subskryb)\w+|aby (?:czytać|"
            r"przeczytać) (?:dalej|cały)|pozostało .{0,20} artykułu|miesięcznie|(?:только|доступ\w*|"
            r"материал\w*)(?: \w+){0,3} (?:для|по) (?:подписчик|подписк)\w+|(?:оформите|купите|продлите) подписку|"
            r"уже подписаны|чтобы (?:читать|прочитать|продолжить)(?: \w+)? (?:дальше|полностью|чтение)?|в месяц|"
            r"передплатіть"
        ),
        (
            r"(?:仅限|僅限|只限)?(?:订阅|訂閱|付费|付費)(?:用户|用戶|会员|會員|者|后|後|以)?(?:才能|可|即可)?(?:阅读|"
            r"閱讀|查看|专享|專享|继续)|(?:会员|會員)(?:专享|專享|可读|可讀|专属)|(?:立即|马上)(?:订阅|訂閱)|(?:剩余|"
            r"剩餘|余下)(?:内容|內容|部分)|(?:阅读|閱讀)(?:全文|更多)(?:请|請|需)|每月|(?:有料|会員)(?:会員|限定|記事|"
            r"登録)|この記事は.{0,14}(?:有料|会員|購読)|(?:続きを|全文を)(?:読む|お読み)には|残り\s?\d+\s?(?:文字|字)|"
            r"(?:購読|登録)(?:する|が必要|して)|月額|구독(?:자|하|이)(?: 전용)?|aboneler(?:e|imize) özel"
        ),
    ),
    MISSING: (
        (
            r"(?:page|article|story|content|link|url|file)(?: (?:that )?you (?:are|were|requested|tried|followed|"
            r"re)[^.]{0,40})?(?: (?:may|might|has|have|was|is|could|can|does|no|cannot|been|be|not|longer|available|"
            r"moved|or)){1,8} ?(?:not found|found|moved|removed|deleted|renamed|available|exists?|expired)|"
            r"(?:can[’']t|cannot|could ?n[o’']t|unable to) (?:be )?f(?:i|ou)nd(?: (?:that|the|this|your))?(?: page|"
            r" article)?|404|check the (?:url|address|spelling)|(?:back|return|go) to (?:the )?(?:home ?page|"
            r"front page|start page)|try (?:searching|our search|using the search)|(?:page|article) not found"
        ),
        (
            r"(?:seite|artikel|beitrag|inhalt)(?: \w+){0,6} (?:nicht|leider)(?: \w+){0,2} (?:gefunden|existiert|"
            r"verfügbar|vorhanden)|(?:zurück )?zur startseite|(?:page|article|contenu)(?: \S+){0,8} (?:introuvable|"
            r"n[’']existe (?:pas|plus)|plus disponible|supprimée?)|retour(?:ner|nez)? à (?:la page d[’'])?accueil|"
            r"(?:página|artículo|contenido)(?: \S+){0,8} no (?:existe|está disponible|se (?:ha )?encuentra|"
            r"se encontró|encontrada)|volver (?:a la|al) (?:portada|inicio|página principal)"
        ),
        (
            r"(?:pagina|articolo|contenuto)(?: \S+){0,8} (?:non (?:esiste|è (?:stata? )?(?:trovat[ao]|disponibile|"
            r"più))|rimoss[ao])|torna alla (?:home|pagina iniziale)|(?:página|artigo|"
            r"conteúdo)(?: \S+){0,8} não (?:existe|foi encontrad[ao]|está (?:mais )?disponível)|voltar (?:para|"
            r"à) (?:a )?(?:página inicial|home)|(?:pagina|artikel)(?: \S+){0,8} (?:niet (?:gevonden|bestaat|"
            r"beschikbaar|meer)|bestaat niet|verwijderd)|(?:terug )?naar de (?:homepage|startpagina|voorpagina)"
        ),
        (
            r"(?:strona|artykuł|treść)(?: \S+){0,8} (?:nie istnieje|nie została? (?:znalezion[ay])|usunięt[ay]|"
            r"niedostępn[ay])|(?:wróć|przejdź) (?:do|na) stron[yę] główn\w+|(?:страниц|стат|"
            r"материал)\w*(?: \S+){0,8} (?:не (?:найден|существует)|удал[её]н|недоступн|перемещен)\w*|(?:вернуться |"
            r"перейти )?на главную|сторінк\w+(?: \S+){0,6} не (?:знайдено|існує)"
        ),
        (
            r"(?:页面|頁面|网页|網頁|文章|内容|內容).{0,10}(?:不存在|找不到|未找到|已(?:被)?(?:删除|刪除|移除)|"
            r"无法访问)|(?:返回|回到)(?:首页|首頁|主页|主頁)|(?:ページ|記事|コンテンツ).{0,12}(?:見つかりません|"
            r"存在しません|削除された|移動した|ございません|ありません)|(?:トップ|ホーム)(?:ページ)?(?:へ|に)戻る|"
            r"url(?:を|が).{0,8}(?:確認|間違)|페이지(?:를|가).{0,10}(?:찾을 수 없|존재하지)|sidan .{0,20}(?:hittas|"
            r"finns) inte|til forsiden|sayfa bulunamadı"
        ),
    ),
    BOT_CHECK: (
        (
            r"(?:verify|confirm|prove)(?:ing)?(?: that)? (?:you(?:[’']re| are)|if you are|your are) (?:a )?(?:human|"
            r"not a robot|not a bot)|(?:needs to )?(?:review|check)(?:ing)? (?:the security of )?your (?:connection|"
            r"browser)|enable (?:javascript|cookies)(?: and (?:javascript|cookies))?|(?:unusual|suspicious|"
            r"automated) (?:traffic|activity|requests|access)|ray id|performance (?:&|and) security by|"
            r"ddos protection|complete the (?:captcha|security check|challenge)|(?:you|your ip(?: address)?) (?:have|"
            r"has) been (?:blocked|banned)|access (?:to this (?:page|site|resource) )?(?:has been |is |was )?denied|"
            r"(?:captcha|cloudflare|incapsula|datadome|perimeterx)|press (?:&|and) hold|i[’' a]?m not a robot|"
            r"browser will redirect|reference (?:#|id)"
        ),
        (
            r"(?:kein roboter|ein mensch sind|mensch und kein)|ungewöhnliche[nr]? (?:aktivität|datenverkehr|"
            r"zugriffe)\w*|(?:javascript|cookies)(?: \w+){0,5} (?:aktivieren|eingeschaltet|aktiviert)|(?:verbindung|"
            r"browser)(?: \w+){0,4} (?:überprüft|geprüft)|zugriff (?:wurde )?(?:verweigert|gesperrt|blockiert)|"
            r"(?:pas un robot|êtes (?:bien )?humain)|(?:activité|trafic) (?:inhabituel|suspect)\w*|(?:activez|activer|"
            r"veuillez activer) (?:javascript|les cookies)|accès (?:a été |est )?(?:refusé|bloqué)|"
            r"vérifi\w+ (?:que vous|votre (?:navigateur|connexion))"
        ),
        (
            r"(?:no (?:eres|soy|es) un robot|eres humano|es (?:usted )?humano)|(?:actividad|tráfico) (?:inusual|"
            r"sospechos[oa])|(?:active|habilite|activa|habilita) (?:javascript|las cookies)|"
            r"acceso (?:ha sido )?(?:denegado|bloqueado)|verific\w+ (?:que|tu|su) (?:eres|es|navegador|conexión)\w*|"
            r"(?:non (?:sei|sono) un robot|sei umano)|(?:attività|traffico) (?:insolit[oa]|sospett[oa])|(?:abilita|"
            r"attiva)(?:re)? (?:javascript|i cookie)|accesso (?:è stato )?(?:negato|bloccato)"
        ),
        (
            r"(?:não (?:é|sou) um robô|é humano)|(?:atividade|tráfego) (?:incomum|suspeit[oa])|(?:ative|"
            r"habilite) (?:o )?(?:javascript|os cookies)|acesso (?:foi )?(?:negado|bloqueado)|(?:geen robot|"
            r"een mens bent)|ongebruikelijk(?:e)? (?:activiteit|verkeer)|(?:schakel|zet) (?:javascript|cookies) (?:in|"
            r"aan)|toegang (?:is )?(?:geweigerd|geblokkeerd)|(?:nie jesteś robotem|jesteś człowiekiem)|(?:nietypow|"
            r"podejrzan)\w+ (?:ruch|aktywnoś)\w*|włącz (?:obsługę )?(?:javascript|cookies|ciasteczka)|odmowa dostępu|"
            r"dostęp (?:został )?(?:zablokowany|zabroniony)"
        ),
        (
            r"(?:вы|что вы|я) не робот|(?:подозрительн|необычн|автоматическ)\w+ (?:активност|трафик|запрос)\w*|"
            r"(?:включите|необходимо включить) (?:javascript|cookie|куки)|проверя\w+ (?:ваш )?(?:браузер|соединение|"
            r"подключение)|доступ (?:к \w+ )?(?:был )?(?:запрещ|ограничен|заблокирован)\w*|введите (?:символы|"
            r"код) с картинки|(?:验证|驗證|确认|證明)(?:您|你)?(?:是|不是)(?:真人|人类|人類|机器人|機器人)|(?:异常|"
            r"異常|可疑)(?:流量|访问|活动|活動|請求)|(?:请|請)?(?:启用|啟用|开启)\s?(?:javascript|cookie)|(?:完成|"
            r"进行|進行).{0,6}(?:安全)?(?:验证|驗證)|访问(?:被|已被)(?:拒绝|禁止|拦截)|正在检查您的浏览器"
        ),
        (
            r"(?:人間|ロボットではない|ロボットでない)(?:で|こと).{0,10}確認|(?:異常な|不審な|"
            r"通常と異なる)(?:トラフィック|アクセス)|(?:javascript|cookie)を有効|アクセスが(?:拒否|制限|ブロック)|"
            r"ブラウザ(?:ー)?を(?:確認|チェック)|로봇이 아닙니다|사람인지 확인|자바스크립트를 (?:활성화|사용)|"
            r"robot olmadığınızı|inte är en robot|aktivera (?:javascript|cookies)"
        ),
    ),
}
_TITLE = {kind: re.compile("|".join(parts)) for kind, parts in _TITLES.items()}
_PHRASE = {kind: re.compile("|".join(parts)) for kind, parts in _PHRASES.items()}
_MOST = 6000  # characters of a page that are searched for phrases
_PATH = {
    LOGIN: re.compile(
        r"(?:^|[/._-])(?:login|signin|sign-in|log-in|logon|sso|auth|oauth2?|account|accounts|anmelden|connexion|"
        r"identification|acceso|register|signup|sign-up|wp-login)(?:[/._-]|$)"
    ),
    CONSENT: re.compile(
        r"(?:^|[/._-])(?:consent|cookie-?(?:wall|consent|policy)|cookies|privacy(?:-(?:policy|settings|gate|wall))?|"
        r"gdpr|datenschutz|guce|cmp|zustimmung)(?:[/._-]|$)"
    ),
    PAYWALL: re.compile(
        r"(?:^|[/._-])(?:subscribe|subscription|subscriptions|paywall|abo|abonnement|abonnieren|suscripcion|abbonati|"
        r"assine)(?:[/._-]|$)"
    ),
    MISSING: re.compile(r"(?:^|[/._-])(?:404|notfound|not-found|page-not-found|error|errors|gone|fehler)(?:[/._-]|$)"),
    BOT_CHECK: re.compile(
        r"(?:^|[/._-])(?:captcha|challenge|cdn-cgi|validatecaptcha|blocked|are-you-human|distil)(?:[/._-]|$)"
    ),
}  # fmt: skip


def title_kind(title: str) -> str | None:
    """Return the kind of page that a title, or one part of it, declares."""
    low = title.casefold().strip(" .!…?¿¡-–—|")
    return next((kind for kind, pattern in _TITLE.items() if pattern.fullmatch(low)), None) if low else None


def phrases(text: str) -> dict[str, int]:
    """Return how many different phrases of each kind of page a text has; kinds without one are left out."""
    low = text[:_MOST].casefold()
    found = {kind: len({match[0] for match in pattern.finditer(low)}) for kind, pattern in _PHRASE.items()}
    return {kind: count for kind, count in found.items() if count}


def path_kind(host_and_path: str) -> str | None:
    """Return the kind of page that a URL names."""
    low = host_and_path.casefold()
    return next((kind for kind, pattern in _PATH.items() if pattern.search(low)), None)
