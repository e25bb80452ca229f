"""Parameters and fragments of URLs that only count readers."""

from __future__ import annotations

import re
from functools import lru_cache

# Prefixes of names, then whole names, that never select an article. Sources: the documentation of the analytics
# products (Google, Meta, Matomo, HubSpot, Mailchimp, AT Internet, Adobe, Yandex, Microsoft).
_PREFIXES = (
    "utm_", "mtm_", "matomo_", "pk_", "piwik_", "hsa_", "_hs", "__hs", "oly_", "at_campaign", "at_medium", "at_custom",
    "at_link", "at_format",
    "at_ptr", "at_bbc", "trk_", "sms_", "tw_", "gad_", "vero_", "wt_mc", "wt.mc", "wt_z", "ga_source", "ga_medium",
    "ga_campaign", "ga_content", "ga_term",
    "fb_action", "fb_source", "fb_comment", "action_object_map", "action_type_map", "action_ref_map", "itm_", "sc_c",
    "guce_", "stm_", "ns_campaign", "ns_mchannel", "ns_source", "ns_linkname", "ns_fee",
)  # fmt: skip
_NAMES = frozenset(
    """
    fbclid gclid gclsrc gpromocode gqt dclid gbraid wbraid srsltid twclid yclid ysclid msclkid ttclid ndclid sccid
    igshid igsh igsi li_fat_id irclickid irgwc vmcid rtid mc_cid mc_eid mc_tc _ga _gl _ke _kx _bta_tid _bta_c
    _branch_match_id _openstat hsctatracking mkt_tok mkwid pcrid ef_id s_kwcid s_cid dm_i epik xtor xts cmpid icid
    ocid ncid ito cvid mbid smid smtyp ref_src ref_url wickedid wprov spm scm zanpid gdfms gdftrk gdffi
    redirect_log_mongo_id redirect_mongo_id sb_referer_host mkevt mkcid mkrid echobox taid sh sharetype feedtype
    feedname partner_id_rss soc_src soc_trk tsrc ftcamp ftag ssm cmp_rss rss_feed intcmp int_cmp intcid ns_mail
    ncampaign wkey_rss sref trkcampaign elqtrackid elqtrack bxid bta_tid
    """.split()  # noqa: SIM905 - a list of names reads better as words
) - {"sh", "taid"}  # fmt: skip
# Names that select an article on some sites, so the value decides.
_SOMETIMES = frozenset(
    {
        "ref",
        "source",
        "src",
        "from",
        "via",
        "referrer",
        "referer",
        "partner",
        "feed",
        "campaign",
        "cid",
        "medium",
        "origin",
        "channel",
    }
)
_VALUES = re.compile(
    r"(?:https?://)?(?:[a-z0-9-]+\.)+(?:com|org|net|io|co|de|uk|fr|eu|info|ru|news|blog|dev|me|tv|cn|jp)/?\Z"
    r"|(?:.*[_\-. ])?(?:rss|rss2|atom|feeds?|feedburner|newsletter|twitter|facebook|telegram|social)(?:[_\-. \d].*)?\Z",
    re.IGNORECASE,
)
# `feed=rss2` is how WordPress serves the feed itself; `from=` and `channel=` may name a place or a section.
_FRAGMENTS = re.compile(
    (
        r"(?:xtor=|utm_|ref=|at_|fbclid|echobox=|cmpid=|ftag=|mc_cid=|intcid=|:~:)|(?:rss|atom|respond|comments?|"
        r"disqus_thread|top|content|main|ref)\Z|\Z"
    ),
    re.IGNORECASE,
)


def is_tracking(name: str, value: str) -> bool:
    """Whether a query parameter only counts readers. Case does not matter."""
    always = _is_always_tracking(name)
    return bool(_VALUES.match(value)) if always is None else always


@lru_cache(maxsize=512)  # a few names make up most parameters
def _is_always_tracking(name: str) -> bool | None:
    """Whether a parameter of this name only counts readers; None if the value decides."""
    name = name.lower()
    if name in _NAMES or name.startswith(_PREFIXES):
        return True
    return None if name in _SOMETIMES and name != "feed" else False


def keep_fragment(fragment: str) -> str:
    """Return a fragment without tracking and text directives; "" if nothing is left that may select the article."""
    fragment = fragment.partition(":~:")[0]
    return "" if _FRAGMENTS.match(fragment) else fragment
