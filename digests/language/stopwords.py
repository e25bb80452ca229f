"""Words that carry no news, by language: articles, pronouns, prepositions, auxiliaries, and the verbs of saying."""

from __future__ import annotations

from functools import lru_cache

_LISTS = {
    "en": """a about above after again against all also although am an and any are aren't as at be because been before being
        between both but by can can't cannot could couldn't did didn't do does doesn't doing don't down during each even
        few for from further get got had hadn't has hasn't have haven't having he he'd he'll he's her here hers herself
        him himself his how however i i'd i'll i'm i've if in into is isn't it it's its itself just let's like many may me
        might more most much must my myself no nor not now of off on once one only or other ought our ours ourselves out
        over own per said same say says she she'd she'll she's should shouldn't since so some still such than that that's
        the their theirs them themselves then there there's these they they'd they'll they're they've this those though
        through to too under until up upon us very was wasn't we we'd we'll we're we've were weren't what when where which
        while who whom whose why will with within without won't would wouldn't yet you you'd you'll you're you've your
        yours yourself told according added mr mrs ms""",
    "de": """aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bereits bin bis bist da
        dabei dadurch dafür dagegen daher damit danach dann daran darauf daraus darin das dass dazu dein dem den denn der
        deren des dessen dich die dies diese diesem diesen dieser dieses dir doch dort du durch ein eine einem einen einer
        eines er es etwa etwas euch euer für gegen gewesen hab habe haben hat hatte hatten hier hin hinter ich ihm ihn
        ihnen ihr ihre ihrem ihren ihrer im in indem ins ist jede jedem jeden jeder jedes jedoch jetzt kann kein keine
        keinen können könnte laut machen man mehr mein mich mit muss nach nicht nichts noch nun nur ob oder ohne sagte
        sagt sehr sei seien sein seine seinem seinen seiner seit selbst sich sie sind so sollen sollte sondern sowie über
        um und uns unser unter viele vom von vor war waren was weil weiter wenn werde werden wie wieder will wir wird
        wurde wurden während zu zum zur zwar zwischen worden""",
    "fr": """a ai ainsi alors après au aucun aussi autre autres aux avant avec avait avoir c car ce cela celle celles celui
        ces cet cette ceux chez comme contre d dans de depuis des deux dit dont du elle elles en encore entre est et
        étaient était été être eu fait font ici il ils j je jusqu l la le les leur leurs lors lui m ma mais me même mes
        moins mon n ne ni nos notre nous on ont ou où par pas pendant peu peut plus pour pourrait qu quand que quel quelle
        qui s sa sans se selon sera ses si son sont sous sur t ta tandis te tous tout toute toutes très tu un une vers
        vos votre vous y déclaré indiqué affirmé""",
    "es": """a al algo ante antes así aunque bajo bien cada casi como con contra cual cuando de del desde donde dos durante
        e el él ella ellas ellos en entre era eran es esa esas ese eso esos esta está están estas este esto estos fue
        fueron ha había han hasta hay la las le les lo los mas más me mi mientras muy ni no nos o otra otras otro otros
        para pero poco por porque pues que qué quien quienes se sea según ser si sí sido sin sobre son su sus también
        tan tanto te tiene tienen todo todos tras tu un una uno unos y ya yo dijo afirmó señaló""",
    "it": """a ad agli ai al alla alle allo anche ancora avere aveva c che chi ci come con contro cui d da dagli dai dal
        dalla dalle dallo degli dei del dell della delle dello di dopo dove due e è ed era erano essere fa fra gli ha
        hanno i il in invece io l la le lei li lo loro lui ma mentre mi molto ne negli nei nel nell nella nelle no noi
        non nostro o ogni oltre per perché però più poi prima proprio quale quando quanto quella quelle quelli quello
        questa queste questi questo se secondo sempre senza si sia solo sono sta stata stati stato su sua sue sugli sui
        sul sulla suo suoi tra tutti tutto un una uno detto""",
    "pt": """a à ainda além ao aos após as às até cada com como contra da das de dela dele deles depois desde do dois dos
        e é ela elas ele eles em entre era eram essa essas esse esses esta está estão estas este estes foi foram há isso
        isto já lhe mais mas me mesmo meu minha muito na não nas nem no nos nós nossa nosso num numa o onde os ou outra
        outro para pela pelas pelo pelos pode por porque quando que quem são se segundo sem ser seu seus sob sobre sua
        suas também tão tem têm toda todas todo todos um uma umas uns você disse afirmou""",
    "nl": """aan al alle als bij dan dat de den der deze die dit doch door dus een eens en er ge geen had heb hebben heeft
        hem het hier hij hoe hun iets ik in is ja je kan kon kunnen maar meer men met mij mijn moet na naar niet niets nog
        nu of om omdat onder ons onze ook op over reeds te tegen toch toen tot u uit uw van veel voor want waren was wat
        we wel werd werden wie wij wil worden wordt zal ze zei zelf zich zij zijn zo zonder zou zegt volgens""",
    "ru": """а без более бы был была были было быть в вам вас весь во вот все всего всех вы где да даже для до его ее её если
        есть еще ещё же за здесь и из или им их к как какой когда кто ли либо между меня мне может можно мой мы на над
        надо наш не него нее неё нет ни них но ну о об однако он она они оно от очень по под после при про с сам со
        свое свои своих своей своего сейчас себя так также такой там то того тоже только том ты у уже чем что чтобы
        эта эти этих это этого этой этом этот я сказал сказала заявил заявила сообщил сообщила сообщили словам данным
        который которая которые которых которого""",
    "uk": """а або але без більш би була були було бути в вас весь вже ви від він вона вони воно все всі де для до за зі з
        й його із інші їх її і й коли крім куди лише ми може мій на над не нею неї ні них ну об однак от по під після
        при про саме своє свої своїх своєї себе та так також там те тим то того тому тільки ти у уже хто це цей ця цього
        цієї цих чи чим що щоб щодо ще як яка який яке які яких я сказав сказала заявив заявила повідомив повідомила
        повідомили словами даними""",
    "pl": """a aby albo ale ani bardzo bez był była było były być będzie będą bo by ci co czy dla do gdy gdzie go i ich ile
        im innych iż ja jak jako je jednak jego jej jest jeszcze jeśli już każdy kiedy kto która które którego której
        który których którzy lub ma mają mi między mnie może można my na nad nam nas nie nich niej nim no o od on ona
        one oni oraz po pod podczas powiedział powiedziała ponad przed przez przy roku są się swoje ta tak także tam te
        tego tej ten to też tu ty tych tylko tym u w we według wszystkie z za ze że został została""",
    "sv": """alla allt att av blev bli blir de dem den denna deras dess det detta dig din dina du då där efter ej eller en
        enligt er ett från för ha hade han har hans hon hur här i icke in inga ingen inom inte jag kan kunde man med mellan
        men mig min mot mycket ni nu när någon något och om oss på sade sedan sig sin sina sitt ska skulle som så säger
        till under upp ut utan vad var vara vi vid vilka är även över""",
    "da": """af alle at blev blive bliver da de dem den denne der deres det dette dig din du efter eller en end er et for
        fra han hans har havde hende hendes her hos hun hvad hvis hvor i ikke ind jeg kan kunne man mange med meget men mig
        min mod mellem nu når og også om op os over på sagde siger sig sin skal skulle som så til ud under var ved vi vil
        være været ifølge""",
    "no": """alle at av ble bli blir da de dem den denne der deres det dette du eller en er et etter for fra før ha hadde han
        hans har hun hva hvis hvor i ifølge ikke inn jeg kan kunne man med men mer mot må noe noen nå når og også om opp
        oss over på sa seg sier sin skal skulle som så til under ut var ved vi vil være vært""",
    "fi": """ei eivät eli ennen että hän hänen ja jo joka jos jotka kanssa kertoo kertoi kuin kun kuten luona me mikä mukaan
        mutta myös ne niin noin nyt ole oli olivat olla on ovat sanoi sanoo se sekä sen siitä siis sillä tai taas tällä
        tämä tämän vaan vain vielä voi yli""",
    "cs": """a aby ale ani asi az až bez bude budou by byl byla bylo byly být co či do dva i jak jako je jeho jej její jejich
        jen ještě již k kde kdo když která které který kteří ke má mají mezi na nad nebo není než o od on ona oni pak po
        pod podle pokud před přes při pro proti protože rok roku s se si své svého ta tak také ten tedy tento této tím to
        tohoto tom tomu u už v ve však za ze že řekl řekla uvedl uvedla""",
    "tr": """acaba ama ancak bazı belki ben bir biraz birçok biri bu bunu bunun çok çünkü da daha de dedi değil diye dolayı
        en etti ettiği fakat gibi göre hem her için ile ise kadar ki kim mi mı mu nasıl ne neden o olan olarak oldu
        olduğu olduğunu olmak on onu onun sonra söyledi şey şu tüm üzere var ve veya ya yani yok""",
    "hu": """a abban ahhoz aki akik alatt által amely amelyek ami az azt be csak de e egy egyik el elég ellen és ez ezt fel
        ha hogy hozzá is ki kell két le lesz lett már még meg mert mint minden mondta nagy ne nem pedig s sem szerint
        szóló tehát után új vagy van volt voltak""",
    "ro": """a acest această aceasta aceste acestea aceștia acum ai al ale am apoi ar are as asupra au avea avut ca că care
        cât ce cel cele cei cu când cum dar de decât deja despre din doi două după ea ei el este eu fi fie fiind fost
        în înainte însă între la le li lor lui mai mult ne nici nu o ori pe pentru potrivit prin s sa să sale sau se și
        spus sub sunt și-a un una unei unor unui va vor""",
    "ar": """في من على إلى عن أن إن كان كانت التي الذي الذين هذا هذه ذلك تلك و أو ثم لا ما لم لن قد كما بعد قبل بين عند
        حتى كل مع هو هي هم وقال قال قالت وأضاف أضاف أي إذا لكن حيث خلال وفي ومن وعلى أيضا منذ غير بن""",
    "hi": """के का की को में से है हैं और यह वह इस उस पर ने कि भी तो ही था थे थी एक कर किया गया गई लिए अपने साथ जो या हो
        नहीं रहा रहे रही बाद तक अब कहा कुछ जब""",
}
_ALIASES = {"nb": "no", "nn": "no"}


def base(language: str | None) -> str:
    """Return the plain language code of a tag: `en-GB` and `EN_us` are `en`; nothing is the empty string."""
    code = (language or "").strip().lower().replace("_", "-").split("-")[0]
    return _ALIASES.get(code, code)


@lru_cache(maxsize=64)
def stopwords(language: str | None) -> frozenset[str]:
    """Return the words of a language that carry no news; of a language without a list, those of all languages."""
    listed = _LISTS.get(base(language))
    return frozenset(listed.split()) if listed is not None else frozenset(" ".join(_LISTS.values()).split())
