"""Word lists for the gate: opposites and synonyms of news English."""

from __future__ import annotations

from functools import lru_cache

from digests.language.tokens import sentence_terms

_OPPOSITES = """rise/fall rise/drop rise/decline increase/decrease increase/decline increase/drop increase/fall
    gain/loss gain/lose win/lose victory/defeat up/down higher/lower high/low more/less more/fewer most/least many/few
    large/small big/small major/minor open/close begin/end start/stop start/end start/finish before/after first/last
    early/late support/oppose accept/reject approve/reject allow/ban permit/ban legal/illegal guilty/innocent
    convict/acquit arrest/release alive/dead survive/die kill/save attack/defend enter/leave arrive/depart join/leave
    buy/sell borrow/lend hire/fire strong/weak strengthen/weaken hot/cold warm/cool new/old young/old success/failure
    succeed/fail positive/negative good/bad better/worse best/worst rich/poor safe/dangerous public/private
    remember/forget love/hate agree/disagree include/exclude import/export push/pull male/female man/woman men/women
    boy/girl father/mother son/daughter brother/sister husband/wife north/south east/west northern/southern
    eastern/western left/right day/night maximum/minimum expand/shrink expand/contract grow/shrink million/billion
    millions/billions hundreds/thousands thousands/millions peace/war ally/enemy friend/enemy profit/loss
    optimistic/pessimistic confirm/deny admit/deny deny/claim praise/criticize easy/difficult fast/slow quick/slow
    common/rare known/unknown advance/retreat raise/lower raise/cut boost/cut spur/hinder spur/curb help/hinder
    ahead/behind forward/back top/bottom full/empty always/never everyone/nobody all/none direct/indirect
    local/foreign domestic/foreign tighten/ease lift/impose temporary/permanent partial/complete rural/urban
    majority/minority reveal/hide unveil/hide show/hide likely/unlikely able/unable possible/impossible
    expected/unexpected happy/sad hope/fear calm/panic voluntary/mandatory employ/dismiss plaintiff/defendant
    teacher/student doctor/patient buyer/seller winner/loser sick/healthy rapid/slow gradual/sudden improve/worsen
    deteriorate/improve soar/plunge surge/plunge surge/slump jump/drop climb/slip deficit/surplus ascend/descend
    victim/perpetrator"""
_ALIKE = """fall drop decline decrease reduce reduction downturn dip slump slide|rise increase grow growth gain climb
    jump surge soar|say state tell announce report declare disclose reveal communicate inform note explain claim|start
    begin launch initiate commence open|end finish conclude stop close cease|probe investigation inquiry inquest
    examination study|show demonstrate display reveal indicate|plan intend aim seek goal objective target|buy purchase
    acquire acquisition takeover|sell sale|kill slay murder shoot eliminate|die death pass passing perish|dead
    deceased| hurt injure wound harm|arrest detain capture catch apprehend custody|gunman shooter attacker assailant
    suspect culprit|police officer authority official|firm company business corporation group|worker employee
    staff|boss chief head leader executive|president leader|prime minister premier| car vehicle automobile|plane
    aircraft jet airline airliner carrier|ship vessel boat|house home residence|building structure|city town|country
    nation state|area region zone district|road street highway|fire blaze flame|flood flooding deluge|storm hurricane
    typhoon cyclone|quake earthquake tremor|blast explosion bomb|fight battle combat clash|war conflict|attack assault
    strike raid|protest demonstration rally march| vote ballot election poll|win victory triumph|lose defeat loss|help
    aid assist support assistance|need require demand|ask request call urge|give provide offer grant|get obtain
    receive gain|use utilize employ|make create produce|build construct|break shatter smash|big large huge major
    massive enormous significant|small tiny little minor|fast quick rapid swift|important significant key crucial
    vital|sick ill unwell illness| place location site spot venue area|meet gather gathering meeting assembly|trip
    journey travel tour|time period duration|year annual yearly| money cash fund funding|price cost|pay payment salary
    wage|law legislation act bill|rule regulation|court tribunal|judge justice|guilty convict conviction|admit confess
    acknowledge|deny reject refuse dismiss|agree accept approve|allow permit let enable|ban forbid prohibit bar block|
    believe think suspect speculate consider|expect anticipate predict forecast project guide|know recognize recognise
    call name dub nickname refer describe|find discover detect locate|look search|see watch observe|leave depart
    exit|arrive reach come|move shift relocate|return back rebound|run flee escape|child kid youngster|woman women
    female|man men male|people person resident|evidence proof sign indication|danger risk threat hazard|problem issue
    trouble difficulty|chance opportunity possibility|plunge tumble slip plummet|spur boost foster propel stimulate
    encourage drive|ambitious audacious bold|unveil reveal introduce present showcase|surrender yield|flee run|new
    recent latest fresh|earlier previous prior former before|later subsequent after|several some various
    multiple|almost nearly|about approximately around roughly|also additionally|because since|despite although|film
    movie picture|song track single|singer musician artist performer|actor star performer|game match contest|team side
    squad|coach manager trainer|player athlete|doctor physician|drug medicine medication|vaccine shot jab
    vaccination|disease illness sickness|study research report survey|scientist researcher|student pupil|school
    college|teacher instructor"""


@lru_cache(maxsize=1)
def _opposites() -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for pair in _OPPOSITES.split():
        one, other = ("".join(sentence_terms(w, "en")) or w for w in pair.split("/"))
        table.setdefault(one, set()).add(other)
        table.setdefault(other, set()).add(one)
    return {word: frozenset(others) for word, others in table.items()}


@lru_cache(maxsize=1)
def _alike() -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for group in _ALIKE.split("|"):
        members = {"".join(sentence_terms(w, "en")) or w for w in group.split()}
        for member in members:
            table.setdefault(member, set()).update(members)
    return {word: frozenset(others) for word, others in table.items()}


def opposites(term: str) -> frozenset[str]:
    """Return the opposites of an English term."""
    return _opposites().get(term, frozenset())


def synonyms(term: str) -> frozenset[str]:
    """Return the synonyms of an English term in news, with the term itself."""
    return _alike().get(term, frozenset({term}))
