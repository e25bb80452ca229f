"""A week of a mixed stream: about thirty publishers with the habits of real ones, and what each of their items reports.

The guid of an item is `event|part|outlet`, so that a test can say which event an entry reports. Parts of one event are
reports, copies and developments of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tests.support.streams import DAYS, START, Feed, Report, at

BURST_DAY, BURST_FEEDS, BURST_ITEMS = 4, 8, 100
_ONSETS = ("Bar", "Cal", "Dun", "Fel", "Gor", "Hal", "Kir", "Lom", "Mar", "Nor", "Per", "Tor", "Vel", "Wes")
_MIDDLES = ("an", "em", "il", "ov", "ur", "ash", "eck", "ist")
_ENDS = ("by", "dale", "ford", "holm", "mouth", "stad", "ton", "wick", "more", "sea", "gate")
OUTLETS = ("Herald", "Tribune", "Echo", "Courier", "Gazette")


def name(n: int) -> str:
    """Return an invented name of a place or firm; no two of the first thousand are the same."""
    return f"{_ONSETS[n % 14]}{_MIDDLES[n // 14 % 8]}{_ENDS[(n // 112 + n) % 11]}"


def counter(now: datetime, seed: int) -> str:
    """Return a count of views or votes, another one at every poll; all of them begin with 71 to 79."""
    hours = int((now - START).total_seconds() // 3600)
    return f"7{1 + seed % 9},{100 + hours * 5 + seed % 5}"


def _templates() -> Iterable[Feed]:
    """Four publishers that fill forms of words; one changes its form in the middle of the week."""
    quakes, results = Feed("survey", "Survey of Tremors"), Feed("league", "League Results")
    profits, warnings = Feed("ticker", "Company Ticker"), Feed("harbour", "Harbour Office")
    for n in range(5 * DAYS):
        day, hour = n // 5, 1 + 3 * (n % 5)
        place, home, guests = name(n), name(1050 + n), name(1100 + n)
        firm, pier = name(80 + n), name(120 + n)
        quakes.reports.append(
            Report(
                f"quake{n}",
                at(day, hour),
                f"Tremor of {3.1 + n * 0.1:.1f} near {place}",
                f"The ground shook near {place} at {hour}:{10 + n} with a magnitude of {3.1 + n * 0.1:.1f}, "
                "the survey said. "
                f"The focus lay {8 + 3 * n} kilometres deep. No damage was known in the first hour. "
                "Residents should keep away from cracked walls and report what they felt.",
            )
        )
        results.reports.append(
            Report(
                f"result{n}",
                at(day, hour + 1),
                f"{home} beat {guests} {2 + n % 4}-{n % 2}",
                f"{home} won {2 + n % 4}-{n % 2} at home against {guests} in front of {4100 + 173 * n} spectators. "
                f"The first goal fell in minute {3 + n}. The referee showed {n % 5} yellow cards. "
                "Both sides meet again in the second half of the season.",
            )
        )
        form = (
            f"{firm} made a profit of {21 + 7 * n} million crowns in the quarter, {2 + n} per cent more "
            "than a year ago. "
            f"Revenue came to {310 + 13 * n} million crowns. The board left its outlook for the year unchanged. "
            "The figures have not been audited."
            if day < 3
            else f"Net income at {firm}: {21 + 7 * n} million crowns. Turnover: {310 + 13 * n} million crowns. "
            f"Change on the year: {2 + n} per cent. This note was prepared from the filing of the company and is "
            "no advice to buy or sell."
        )
        title = f"{firm} earns {21 + 7 * n} million" if day < 3 else f"Q2 filing: {firm}, {21 + 7 * n} million"
        profits.reports.append(Report(f"profit{n}", at(day, hour + 0.5), title, form))
        warnings.reports.append(
            Report(
                f"warning{n}",
                at(day, hour + 0.7),
                f"Berth {n + 1} of {pier} closed to traffic",
                f"Berth {n + 1} of {pier} is closed to all traffic until further notice. Divers found a fault in "
                f"pile {40 + 3 * n}. Masters keep a distance of {90 + 10 * n} metres and listen on channel 12.",
            )
        )
    return quakes, results, profits, warnings


_AFFAIRS = (
    (
        "Court stops the sale of the {0} shipyard",
        "A court in {0} stopped the sale of the shipyard to a fund from abroad on Monday.",
        "Judge Ines Abbot said that the works council had not been heard.",
        "About 1,400 people work at the yard, which builds ferries.",
        "The fund had offered 230 million crowns in March.",
        "The owner, {1} Holding, can appeal within four weeks.",
        "Unions called the ruling a relief.",
    ),
    (
        "Researchers in {0} grow a cornea from fish collagen",
        "Researchers in {0} have grown a human cornea on collagen taken from fish scales.",
        "Eleven patients who had been blind in one eye can read again.",
        "The journal Ocular Letters published the trial on Tuesday.",
        "Professor Otto {1} leads the group.",
        "Rejection, the usual risk of a graft, was not seen in two years.",
        "A larger trial begins in autumn.",
    ),
    (
        "Parliament in {0} bans night flights",
        "Parliament in {0} voted to ban all flights between eleven at night and six in the morning.",
        "The bill passed by 61 votes to 58.",
        "Cargo carriers had warned that 900 jobs would move to {1}.",
        "Transport minister Pia Lund resigned an hour before the vote.",
        "Hospitals may still receive rescue helicopters.",
        "The law takes effect in January.",
    ),
    (
        "Lost opera of Karel {0} found in an attic",
        "The score of an opera that Karel {0} wrote in 1788 has been found in an attic.",
        "A roofer saw the bound volumes behind a chimney.",
        "The archive of {1} confirmed the composer's hand.",
        "Two arias had been known from a copy in Vienna.",
        "The city theatre plans a first performance next spring.",
        "The finder gets a reward of 5,000 crowns.",
    ),
    (
        "{0} river turns milky after dam work",
        "The river at {0} turned milky on Friday after work at a dam upstream.",
        "Inspectors found cement in 14 samples.",
        "Anglers collected dead trout along nine kilometres.",
        "The builder, {1} Waterworks, blamed a torn sheet.",
        "Wells in three villages were closed as a precaution.",
        "Prosecutors opened an inquiry.",
    ),
    (
        "{0} gives its trams away for free",
        "From next month nobody in {0} needs a ticket for the tram.",
        "The council pays for it with a parking levy of 12 crowns a day.",
        "Mayor Aino {1} expects a quarter fewer cars.",
        "Shopkeepers had fought the levy in two courts.",
        "Ticket machines go to a museum.",
        "Buses still cost as much as before.",
    ),
    (
        "Chess master of {0} loses title over a telephone",
        "The national chess federation stripped the champion from {0} of his title.",
        "A telephone had been found in a flower pot behind the stage.",
        "Champion Leo {1} denies that it was his.",
        "An engine had proposed 33 of his 40 moves.",
        "He is banned for six years.",
        "The runner-up gets the cup by post.",
    ),
)


def _wires() -> Iterable[Feed]:
    """A wire text a day that five outlets print: whole, with a dateline, cut, retitled, with a closing line."""
    feeds = [Feed(outlet.lower(), f"The {outlet}") for outlet in OUTLETS]
    for day, (headline, *said) in enumerate(_AFFAIRS):
        names = name(160 + 2 * day), name(161 + 2 * day)
        title, sentences = headline.format(*names), [one.format(*names) for one in said]
        texts = (
            " ".join(sentences),
            f"{name(159).upper()} (Nordwire) - {' '.join(sentences)}",
            " ".join(sentences[:4]),
            f"{' '.join(sentences)} Read more in our evening edition.",
            f"By our correspondent. {' '.join(sentences[:5])}",
        )
        for n, (feed, text) in enumerate(zip(feeds, texts, strict=True)):
            feed.reports.append(Report(f"wire{day}", at(day, 3 + n), title, text, part=str(n)))
    return feeds


_LIVE = (
    "The storm Ulla has reached the coast at Tarnmouth and the first roofs have gone.",
    "The ferry service to Skerry Island has been suspended until Thursday, the operator says.",
    "Firefighters have freed a family of four from a cellar in the Mill Lane.",
    "The grid operator reports that 18,000 homes in Tarnmouth are without power.",
    "The nuclear plant at Holm Point has been shut down as a precaution.",
    "The prime minister has declared a state of emergency for the western counties.",
    "A container ship with a crew of nineteen has run aground off Skerry Island.",
    "All nineteen sailors have been lifted off by helicopter.",
)
_INCIDENT = (
    "Investigating - Uploads to the Brindle storage service fail with an error in the northern region.",
    "Identified - A certificate of the internal gateway expired; engineers are replacing it.",
    "Monitoring - The new certificate is in place and uploads succeed again.",
    "Resolved - The incident has been resolved; 2,300 customers had been affected.",
)


def _pages() -> Iterable[Feed]:
    """A live blog and an incident page: one item each, whose text is written on; and counters on both."""

    def live(now: datetime) -> str:
        lines = [t for n, t in enumerate(_LIVE) if at(1, 2 + 4 * n) <= now]
        return "".join(f"<p>{t}</p>" for t in reversed(lines)) + f"<p>{counter(now, 3)} people are watching</p>"

    def incident(now: datetime) -> str:
        lines = [t for n, t in enumerate(_INCIDENT) if at(2, 2 + 9 * n) <= now]
        return "".join(f"<p>{t}</p>" for t in reversed(lines)) + f"<p>Views: {counter(now, 4)}</p>"

    blog, status = Feed("coast", "Coast Live"), Feed("brindle", "Brindle Status")
    blog.reports.append(Report("live", at(1, 2), "Storm Ulla hits Tarnmouth: live updates", live))
    status.reports.append(Report("incident", at(2, 2), "Upload errors in the northern region", incident))
    return blog, status


_CLIPS = (
    (
        "Glassblower of {} shows how a lens is cast",
        "Aldo {} casts a telescope lens of one metre in his workshop and explains each step.",
    ),
    (
        "Beavers return to the {} marsh",
        "Hidden cameras filmed a pair of beavers in the {} marsh, the first for ninety years.",
    ),
    (
        "How {} rebuilt its wooden bridge",
        "Carpenters tell how the bridge of {} was raised again without a single nail.",
    ),
    ("A night with the {} mountain rescue", "Four rescuers from {} take a reporter along on a search in fog."),
)
_POSTS = (
    "Show: a spreadsheet that runs in the {} terminal",
    "The {} compiler now checks integer overflow",
    "Why {} moved its database off the cloud",
    "{}: a font for people with low vision",
    "Reverse engineering the {} dishwasher protocol",
    "Ask: how do you archive mail from the {} era?",
    "The {} emulator reaches version 3",
    "Notes on running {} for ten years",
)
_SEARCHED = (
    ("Lighthouse keeper of {} retires after fifty years", "Coast Radio"),
    ("Museum in {} returns masks to their makers", "Art Observer"),
    ("Drought empties the reservoir of {}", "Valley News"),
    ("{} bakers strike over flour prices", "Trade Journal"),
    ("Comet to pass over {} on Sunday", "Sky Letter"),
    ("Fire destroys the paper mill of {}", "Inland Post"),
    ("{} elects its first woman as bishop", "Church Times"),
)


def _counted() -> Iterable[Feed]:
    """Videos with views, a forum with points and comments, and a news search: counters change at every poll."""
    video, forum, search = Feed("clips", "Workshop Clips"), Feed("orange", "Orange Links"), Feed("seek", "News search")
    for day in range(DAYS):
        title, text = (one.format(name(180 + day)) for one in _CLIPS[day % 4])
        video.reports.append(
            Report(
                f"clip{day}",
                at(day, 4),
                title,
                lambda now, text=text, day=day: f"<p>{text}</p><p>{counter(now, day)} views</p>",
            )
        )
        for n in range(3):
            k = day * 3 + n
            title = _POSTS[k % 8].format(name(190 + k))
            forum.reports.append(
                Report(
                    f"post{k}",
                    at(day, 2 + 4 * n),
                    title,
                    lambda now, k=k: (
                        f'<p>Article URL: <a href="https://a{k}.example/x">https://a{k}.example/x</a></p>'
                        f"<p>Points: {counter(now, k)}</p><p># Comments: {counter(now, k + 2)}</p>"
                    ),
                )
            )
        line, paper = _SEARCHED[day]
        found = f"{line.format(name(220 + day))}"
        search.reports.append(
            Report(
                f"found{day}",
                at(day, 6),
                f"{found} - {paper}",
                f'<a href="https://s{day}.example/1">{found}</a>&nbsp;&nbsp;<font color="#6f6f6f">{paper}</font>',
            )
        )
    return video, forum, search


_BREAKING = (
    "The bridge over the {} narrows has been closed after a barge hit a pillar.",
    "Central bank governor Rolf {} has stepped down without giving a reason.",
    "Gold worth nine million crowns has been stolen from a train near {}.",
    "Police have found the missing schoolchildren of {} unharmed in a hut.",
    "A jury has acquitted the surgeon Clara {} on all counts.",
    "The mine at {} has been flooded; everyone got out in time.",
    "Voters in {} have rejected the new constitution.",
)


def _one_title() -> Iterable[Feed]:
    """A podcast, a bulletin and an alarm feed whose items have one title, and a monitor that repeats its words."""
    podcast, bulletin = Feed("pod", "Harbour Podcast"), Feed("radio", "Radio Bulletin")
    alarm, monitor = Feed("alarm", "Alarm Desk"), Feed("monitor", "Uptime Monitor")
    for day in range(DAYS):
        podcast.reports.append(
            Report(
                f"episode{day}",
                at(day, 5),
                "The Morning Tide",
                "Five minutes of news from the waterfront, every morning.",
                link="https://pod.example/show",
                more=f'<enclosure url="https://pod.example/{day}.mp3" length="{4000000 + day}" type="audio/mpeg"/>',
            )
        )
        bulletin.reports.append(
            Report(
                f"bulletin{day}",
                at(day, 7),
                "Bulletin at noon",
                "The headlines at noon, read by the newsroom.",
                more=(
                    f'<enclosure url="https://radio.example/noon-{day}.mp3" length="{900000 + day}" type="audio/mpeg"/>'
                ),
            )
        )
        alarm.reports.append(Report(f"breaking{day}", at(day, 8), "Breaking", _BREAKING[day].format(name(230 + day))))
    for n in range(3):
        monitor.reports.append(
            Report(
                f"outage{n}",
                at(0, 9 + 50 * n),
                "DOWN: pay.brindle.example",
                "The check of pay.brindle.example failed: connection timed out after 30 seconds from three locations.",
            )
        )
    return podcast, bulletin, alarm, monitor


def _toll() -> Iterable[Feed]:
    """Two outlets follow a landslide whose count grows; the last report is about a charge as well."""
    feeds = Feed("ridge", "Ridge Times"), Feed("plain", "Plains Post")
    for n, (title, text) in enumerate(
        (
            (
                "Landslide at Orrin Pass: 12 dead",
                (
                    "At least 12 people have been killed by a landslide that buried the miners' village of Orrin "
                    "Pass. The slope came "
                    "down at night after a week of rain. Rescuers dig with their hands because "
                    "excavators cannot pass the road."
                ),
            ),
            (
                "19 dead after landslide buries village of Orrin Pass",
                (
                    "Soldiers have built a bridge to Orrin Pass so that machines can reach the village "
                    "that a landslide buried. "
                    "Rescuers have now counted 19 dead. More rain is forecast for the slope above the miners' houses."
                ),
            ),
            (
                "Death toll of Orrin Pass landslide rises to 31",
                (
                    "The death toll of the landslide at Orrin Pass has risen to 31 after rescuers reached the "
                    "lower houses of the "
                    "miners' village. The search goes on in the mud below the slope, the governor said."
                ),
            ),
            (
                "Mine owner charged over landslide at Orrin Pass",
                (
                    "Prosecutors have charged the mine owner Pavel Strand with negligence over the landslide that "
                    "buried the miners' "
                    "village of Orrin Pass. Rescuers ended the search; 34 people are dead. Strand had been warned "
                    "about the slope."
                ),
            ),
        )
    ):
        feeds[n % 2].reports.append(Report("landslide", at(1 + 0.6 * n, 6), title, text, part=str(n)))
    return feeds


def _corrected() -> Iterable[Feed]:
    """A correction without a note, and one with; and an article that is only reworded."""
    feed = Feed("ledger", "City Ledger")

    def school(now: datetime) -> str:
        architect = "Edda Moll" if now < at(3, 1) else "Hanna Kerr"
        return (
            f"The new school in Castle Street was designed by {architect}. It cost 48 million crowns and has room for "
            "620 pupils. Lessons begin there in August."
        )

    def bank(now: datetime) -> str:
        said = (
            "Tolland Savings will close 40 of its branches by the end of the year. The bank cites fewer visits. "
            "Customers keep their account numbers."
        )
        note = " Correction: An earlier version of this article said that 40 branches will close. It is 14."
        return said if now < at(4, 1) else said.replace("40 of", "14 of") + note

    def market(now: datetime) -> str:
        first = "Traders at the fish market of Ness sold 90 tonnes of cod on Wednesday."
        again = "On Wednesday 90 tonnes of cod were sold by traders at the fish market of Ness."
        rest = " The price fell to a level last seen six years ago. Boats stayed out longer because of calm weather."
        return (first if now < at(4, 1) else again) + rest

    feed.reports += [
        Report("school", at(1, 4), "New school opens in Castle Street", school),
        Report("bank", at(2, 4), "Tolland Savings closes branches", bank),
        Report("market", at(2, 8), "Cod sells cheaply at Ness", market),
    ]
    return (feed,)


_TEASERS = (
    "Vintners of {} press the earliest harvest on record",
    "{} hospital opens a ward for burns",
    "A dig at {} uncovers a Roman laundry",
    "{} library lends out musical instruments",
    "The last cinema of {} is saved by its audience",
    "{} plants ten thousand oaks along the motorway",
    "Divers off {} raise a bronze cannon",
)


def _walled() -> Feed:
    """Teasers whose pages answer 200 with a form for signing in."""
    feed = Feed("walled", "The Walled Review", full_text="always")
    for day in range(DAYS):
        title = _TEASERS[day].format(name(240 + day))
        feed.reports.append(
            Report(f"walled{day}", at(day, 9), title, f"{title}, and what happens next...", link=f"/page/{day}")
        )
    return feed


LOGIN = (
    "<html><head><title>Sign in - The Walled Review</title></head><body><main><h1>Sign in to go on reading</h1>"
    "<p>Subscribers read every article of the Review without limits, on every device and at any time of the day.</p>"
    "<p>Enter the address that you used for your subscription, and we will send you a link that signs you in at once. "
    "If you have no subscription yet, you can try the Review for four weeks for one crown and cancel at any time.</p>"
    "<p>By signing in you accept our terms of use and confirm that you have read our notes on the protection of data, "
    "on cookies and on advertising, which we change from time to time.</p>"
    "<form><input name='mail'><input name='password' type='password'><button>Sign in</button></form>"
    "</main></body></html>"
)


def _burst() -> Iterable[Feed]:
    """Eight feeds that publish a hundred items of one template each on one day."""
    kinds = ("path traversal", "use after free", "SQL injection", "missing authorization", "buffer overflow")
    for f in range(BURST_FEEDS):
        feed = Feed(f"flaws{f}", f"Advisories {f + 1}")
        for n in range(BURST_ITEMS):
            k = f * BURST_ITEMS + n
            what = f"{name(250 + k)} Gateway {1 + k % 9}.{k % 7}"
            kind, number = kinds[k % 5], 4000 + 7 * k
            feed.reports.append(
                Report(
                    f"flaw{k}",
                    at(BURST_DAY, 1 + n / 20),
                    f"VU-2026-{number}: {kind} in {what}",
                    f"A flaw was found in {what} and rated {5 + k % 5}.{k % 10}. The affected part is "
                    f"the handler of uploads. Sending a crafted request leads to {kind}. The attack can be "
                    "started from the "
                    "network. The maker was told early and has published an update. Users should install it.",
                )
            )
        yield feed


def feeds() -> list[Feed]:
    """Return all feeds of the week."""
    return [
        *_templates(),
        *_wires(),
        *_pages(),
        *_counted(),
        *_one_title(),
        *_toll(),
        *_corrected(),
        _walled(),
        *_burst(),
    ]
