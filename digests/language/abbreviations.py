"""Abbreviations: words with a full stop that need not end a sentence, by language.

`titles` precede a name or a number and never end a sentence. `others` end one only when the next word is one that often
begins a sentence (`starters`).
"""

from __future__ import annotations

from functools import lru_cache

from digests.language.detect import language_code

_TITLES = {
    "en": """mr mrs ms mx dr prof rev fr sen sens rep reps gov lt col gen sgt cpl capt cmdr adm maj pvt hon pres supt
        det insp messrs mmes st mt ft vs v fig figs no nos art sec ch vol pp approx est ca cf al eg ie viz gens govs
        drs profs spc pfc atty asst assoc dept dist""",
    "de": """hr fr frl dr prof dipl ing mag med jur rer nat phil st nr str bzw ca evtl ggf sog geb gest verh vgl zb
        bspw insb inkl exkl max min mio mrd tel abs art hl gen allg bes dgl engl frz kath ev röm lt ugs urspr u.a z.b
        d.h o.ä v.a i.d.r""",
    "fr": """m mm mme mmes mlle mlles dr pr me st ste av bd no art env p ex vol chap fig cf c.-à-d gén col cap lt cdt
        mgr""",
    "es": """sr sra srta sres sras d dª dr dra dres prof profa lic ing arq gral cnel tte cap sto sta av avda núm no
        nro pág págs art vol fig aprox ej p.ej excmo ilmo mons""",
    "it": """sig sigg sig.ra dott dott.ssa prof prof.ssa avv ing arch geom rag on sen gen col cap ten mons don s ss p
        pp art n nn fig vol cap cfr es ca""",
    "pt": """sr sra srs sras srta dr dra drs prof profa eng arq gen cel cap ten pe d dom av r n núm art pág págs vol
        fig aprox ex exmo""",
    "nl": """dhr mevr mw mr drs dr prof ir ing ds st nr blz art ca bijv bv d.w.z o.a m.b.t t.o.v i.v.m resp""",
    "ru": """г гг ул пл пр просп пер бул д стр корп кв обл р-н оз им акад проф доц к.т.н д.м.н т.е т.к т.н т.д см ср
        напр св гр ген полк кап лейт руб коп тыс экз рис табл ст п пп""",
    "uk": """м вул пл просп пров бул буд обл р-н оз ім акад проф доц т.зв див напр св гр ген полк грн коп тис рис табл
        ст п пп""",
    "pl": """p pp np prof dr mgr inż hab gen płk ppłk mjr kpt por sierż ks bp abp św ul al pl os m.in tzw tj tzn nr
        str tys mln mld woj red im zob por ok""",
    "sv": """t.ex bl.a dvs s.k f.d ca nr st prof dr kl resp ev jfr""",
    "da": """f.eks bl.a dvs ca nr skt prof dr kl hhv evt jf pct adm dir""",
    "no": """f.eks bl.a dvs ca nr st prof dr kl evt jf pst adm dir""",
    "fi": """esim mm ns nk n prof dr tri toht ks vrt klo""",
    "cs": """p pí sl dr ing mgr mudr judr phdr rndr prof doc gen plk mjr kpt tzv např tj cca č str sv ul nám tel""",
    "tr": """dr prof doç yrd av sn bkz vb örn no cad sok mah apt alb gen org yzb""",
    "hu": """dr prof ifj id özv pl kb ún ill st sz u""",
    "ro": """dl dna dnii dra dr prof ing av gen col cpt lt nr str bd sf art pag etc""",
    "el": """κ κα κκ δρ καθ αρ σελ π.χ δηλ βλ""",
    "hi": "डॉ श्री प्रो",
    "ar": "د أ م",
}
_OTHERS = {
    "en": """jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thurs fri sat sun inc corp co ltd
        llc plc bros jr sr esq etc ave blvd rd a.m p.m ala ariz ark calif colo conn del fla ga ill ind kan ky la md
        mass mich minn miss mo mont neb nev okla ore pa penn tenn tex va vt wash wis wyo ph.d m.d b.a m.a u.s u.k u.n
        d.c e.u u.s.a n.y b.c a.d min max mph sq lbs oz ext intl natl univ""",
    "de": """jan feb mär apr jun jul aug sep sept okt nov dez mo di mi do fr sa so usw etc co gmbh st s.o u.s v.chr
        n.chr jh jhdt uvm u.a""",
    "fr": "janv févr avr juil sept oct nov déc etc cie sté ltd inc",
    "es": "ene feb mar abr may jun jul ago sept oct nov dic etc cía ltda s.a ee.uu uds ud vd a.c d.c a.m p.m",
    "it": "gen feb mar apr mag giu lug ago set ott nov dic ecc s.p.a s.r.l a.c d.c",
    "pt": "jan fev mar abr mai jun jul ago set out nov dez etc ltda cia s.a a.c d.c",
    "nl": "jan feb mrt apr jun jul aug sep okt nov dec enz etc e.d b.v n.v jl",
    "ru": "чел янв февр апр авг сент окт нояб дек др пр н.э т.п млн млрд",
    "uk": "січ лют берез квіт трав черв лип серп верес жовт листоп груд ін н.е т.д т.п млн млрд рр р",
    "pl": "sty lut kwi maj cze lip sie wrz paź lis gru r rr w itd itp zł proc godz n.e",
    "sv": "jan feb mars apr aug sept okt nov dec osv m.m etc f.kr e.kr",
    "da": "jan feb mar apr aug sept okt nov dec osv m.m etc f.kr e.kr mio mia kr",
    "no": "jan feb mar apr aug sept okt nov des osv m.m etc f.kr e.kr mill mrd kr",
    "fi": "jne tms yms ym eaa jaa milj mrd",
    "cs": "r l atd apod aj mj tis mil mld kč hod min s.r.o a.s",
    "tr": "vs m.ö m.s a.ş ltd şti",
    "hu": "stb jan febr márc ápr jún júl aug szept okt nov dec kft rt",
    "ro": "etc ian feb mart apr aug sept oct nov dec",
    "el": "κ.λπ κ.ά π.μ μ.μ μ.χ",
}
_STARTERS = {
    "en": """the a an he she it we they you i his her its their our my your this that these those there here but and
        or so yet if when while as at in on by for from with to of after before since until because although though
        despite during under over between among about according what who where why how which whose not no both each
        every many most some several another other officials police meanwhile however also still then now once only
        even last next earlier later more all any few one two three four five prosecutors authorities it's he's she's
        that's there's they're we're i'm today yesterday""",
    "de": """der die das den dem des ein eine einen einem einer er sie es wir ihr ich sein seine ihre unser dieser
        diese dieses aber und oder doch wenn als während nach vor seit bei mit in im am an auf aus für von zu zum zur
        über unter durch gegen ohne um auch noch nur so da dann dort hier jetzt heute gestern was wer wo wie warum
        weil obwohl nicht kein keine viele mehr man laut damit dazu dabei denn""",
    "fr": """le la les l un une des du de d ce cet cette ces il elle ils elles on nous vous je son sa ses leur leurs
        mais et ou donc or ni car si quand lorsque comme après avant depuis pendant selon pour par avec sans sous sur
        dans en à au aux qui que quoi où pourquoi comment plus tout tous toutes c'est ainsi alors enfin puis aussi
        cependant""",
    "es": """el la los las un una unos unas él ella ellos ellas nosotros yo su sus este esta estos estas ese esa pero
        y o si cuando mientras como después antes desde durante según para por con sin sobre en a al de del que quien
        donde más todo todos también además sin entonces así aunque no ya hoy ayer""",
    "it": """il lo la i gli le l un uno una lui lei loro noi io suo sua questo questa questi queste ma e o se quando
        mentre come dopo prima da dal secondo per con senza su in a al alla di del che chi dove più tutto tutti anche
        inoltre così non oggi ieri""",
    "pt": """o a os as um uma uns umas ele ela eles elas nós eu seu sua este esta esse essa mas e ou se quando
        enquanto como depois antes desde durante segundo para por com sem sobre em no na nos nas ao à de do da que
        quem onde mais todo todos também além assim embora não já hoje ontem""",
    "nl": """de het een hij zij ze wij we ik dit dat deze die zijn haar hun maar en of als toen terwijl na voor sinds
        tijdens volgens met zonder op in aan bij van naar uit over onder door wat wie waar hoe waarom ook nog daarom
        dus niet er vandaag gisteren""",
    "ru": """в во на по с со к ко о об от до за из у при для без под над через после перед он она оно они мы вы я это
        этот эта эти тот та те его её их но и а или если когда пока как что кто где почему также кроме по не все всё
        однако ранее позже сегодня вчера теперь там здесь так""",
    "uk": """в у на по з із зі до від за при для без під над через після перед він вона воно вони ми ви я це цей ця ці
        той та те його її їх але і й а або якщо коли поки як що хто де чому також крім не все однак раніше пізніше
        сьогодні вчора тепер там тут так""",
    "pl": """w we na po z ze do od za przy dla bez pod nad przez przed on ona ono oni my wy ja to ten ta te jego jej
        ich ale i a lub albo jeśli gdy kiedy jak co kto gdzie dlaczego także nie wszystko jednak wcześniej później
        dziś wczoraj tam tu tak według""",
    "sv": (
        "den det de en ett han hon vi jag men och eller om när efter före i på vid för från med utan enligt också inte"
    ),
    "da": "den det de en et han hun vi jeg men og eller hvis når efter før i på ved for fra med uden ifølge også ikke",
    "no": "den det de en et han hun vi jeg men og eller hvis når etter før i på ved for fra med uten ifølge også ikke",
    "fi": "hän he me minä se ne tämä mutta ja tai jos kun myös ei",
    "cs": (
        "ten ta to ti on ona oni my já v ve na po s se z ze do od za pro při ale a nebo když jak co kdo kde také podle"
    ),
    "tr": "bu şu o biz ben onlar ama ve veya ancak bir her çok",
    "hu": "a az ez egy ő ők mi én de és vagy ha amikor mint is nem",
    "ro": "el ea ei ele noi eu un o acest această dar și sau dacă când după înainte în la de pe cu din pentru",
}
# Words that are abbreviations only before a number: "No. 5", "Art. 3", but "He said no."
_NUMBERED_WORDS = """no nos art fig figs vol ch max min est al so am ex sec ten don on ap mag set cap par cal son mil"""
NUMBERED = frozenset(_NUMBERED_WORDS.split())
# "2025 г.", "2025 r.": after a number the year, which may end a sentence; before a name a title or a town.
_YEARS_WORDS = """г гг р рр r"""
YEARS = frozenset(_YEARS_WORDS.split())
# Languages that write ordinals with a full stop: "am 3. Oktober", "5. května", "17. mai".
_ORDINAL_WORDS = """de da no fi cs sk hu hr sr sl et lv is tr lb"""
_ORDINAL = frozenset(_ORDINAL_WORDS.split())
_MONTHS_WORDS = """januar jänner februar märz april mai juni juli august september oktober november dezember januari
    februari mars maj augusti marts juli oktober desember ledna února března dubna května června července srpna září
    října listopadu prosince tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta
    syyskuuta lokakuuta marraskuuta joulukuuta ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım
    aralık január február március április május június július augusztus szeptember október"""
_MONTHS = frozenset(_MONTHS_WORDS.split())


@lru_cache(maxsize=64)
def _words(table: int, language: str) -> frozenset[str]:
    lists = (_TITLES, _OTHERS, _STARTERS)[table]
    listed = lists.get(language)
    return frozenset(listed.split()) if listed is not None else frozenset(" ".join(lists.values()).split())


def _code(language: str | None) -> str:
    code = language_code(language)
    return code if code in _TITLES else ""


def titles(language: str | None) -> frozenset[str]:
    """Return abbreviations that never end a sentence, in lower case and without the last full stop.

    For an unknown language, those of all languages.
    """
    # News in every language uses English titles: "Mr.", "Dr.", "St."
    code = _code(language)
    return (
        _words(0, code) | _words(0, "en") if code in ("", "en") else _words(0, code) | {"mr", "mrs", "dr", "prof", "st"}
    )


def others(language: str | None) -> frozenset[str]:
    """Return abbreviations that may end a sentence, lower case, without the last full stop."""
    return _words(1, _code(language))


def starters(language: str | None) -> frozenset[str]:
    """Return words that often begin a sentence, lower case."""
    return _words(2, _code(language))


def ordinal(language: str | None) -> bool:
    """Whether the language writes ordinals with a full stop."""
    return language_code(language) in _ORDINAL


def is_compound(word: str, language: str | None) -> bool:
    """Whether a word ends in an abbreviation, as German streets do: `Hauptstr.`"""
    return language_code(language) in ("de", "") and word.endswith("str") and len(word) > 4


def is_month(word: str) -> bool:
    """Whether a word is a month in a language that writes ordinals with a full stop."""
    return word.lower() in _MONTHS
