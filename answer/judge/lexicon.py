"""The English words that the judge knows something about: which mean the same, which the opposite,
which negate and which hedge.

Curated by hand and kept small: a pair stands here because news uses it and a wrong verdict follows
where it is not known. What is not listed is compared by its stem alone.

Left out: other languages, but for their commonest negations; senses of a word.
"""

from __future__ import annotations

from functools import lru_cache

from index.words import STOP, terms

# Forms that no stemmer joins, one verb or noun a line: they are looked up as they are written, so
# that "found" (find) is not "founded".
_FORMS = """
rise rose risen;fall fell fallen;win won;lose lost;begin began begun;buy bought;sell sold;say said
tell told;hold held;meet met;make made;give gave given;take took taken;leave left;come came
go went gone;see saw seen;find found;write wrote written;speak spoke spoken;drive drove driven
fly flew flown;fight fought;lead led;bring brought;catch caught;teach taught;think thought
keep kept;send sent;spend spent;pay paid;shoot shot;sink sank sunk;steal stole stolen
break broke broken;choose chose chosen;eat ate eaten;draw drew drawn;know knew known;show shown
throw threw thrown;hear heard;feel felt;become became;run ran;hide hid hidden;sing sang sung
freeze froze frozen;feed fed;flee fled;lay laid;build built;grow grew grown;strike struck
shrink shrank shrunk;withdraw withdrew withdrawn;forbid forbade forbidden;swear swore sworn
overthrow overthrew overthrown;undergo underwent undergone;uphold upheld;seek sought;beat beaten
stand stood;sit sat;swim swam swum;drink drank drunk;blow blew blown;shake shook shaken
tear tore torn;lend lent;lie lying;die dying;woman women;man men;child children;foot feet
person people;wife wives;life lives;half halves;good better best;bad worse worst;agree agreed
deny denied denies;carry carried carries;try tried tries;launch launches;born birth
"""

# Words that say the same in news, near enough.
_SAME = """
rise climb increase grow jump soar surge raise
fall drop decline decrease shrink plunge plummet slump
jail imprison prison;kill die dead death;injure hurt wound;buy purchase acquire
resign quit;begin start commence
end finish conclude;say tell state;approve endorse;arrest detain;hit strike
attack assault;destroy demolish raze;build construct erect;make produce manufacture;find discover
flee escape;ban prohibit forbid outlaw;rescue save;country nation;company firm business corporation
doctor physician;lawmaker legislator parliamentarian;big large huge;small little tiny
fast quick rapid;house home;ship vessel;illness disease sickness;film movie;pay wage salary
beat defeat;need require;permit allow;postpone delay;cancel scrap;reveal disclose;ask request
accuse blame;admit confess acknowledge;appoint name;demand insist;own possess;hire recruit employ
dismiss fire sack;close shut;vote ballot;blast explosion;storm hurricane;protester demonstrator
troop soldier
expand enlarge widen;oversee supervise;quarrel dispute;reject rebuff
innocent acquit;happen occur;person somebody someone;sure certain;choose elect;help aid assist
accept agree;survive outlive;support back favour favor;oppose resist;convict guilty;hide conceal
"""

# Two or three words that stand for one.
PHRASES = {
    ("chief", "executive", "officer"): "ceo",
    ("chief", "executive"): "ceo",
    ("prime", "minister"): "premier",
    ("step", "down"): "resign",
    ("no", "one"): "nobody",
    ("go", "up"): "rise",
    ("go", "down"): "fall",
    ("lay", "off"): "dismiss",
    ("call", "off"): "cancel",
    ("put", "off"): "postpone",
    ("take", "place"): "happen",
    ("set", "up"): "found",
    ("carry", "out"): "perform",
    ("vote", "down"): "reject",
    ("turn", "down"): "reject",
}

# Pairs that exclude each other where they are said of the same thing.
_OPPOSITE = """
rise fall;approve reject;approve withdraw;approve veto;accept reject;accept refuse;accept deny
admit deny;confirm deny;win lose;before after;more less;more few;allow ban;allow block;begin end
guilty innocent;convict acquit;open close;support oppose;advance retreat;promote relegate
kill survive;above below;larg small;big small;bigger smaller;larger smaller;oldest newest
old new;old young;high low;higher lower
highest lowest;increase decrease;up down;import export;buy sell;expand shrink
extend shorten;uphold quash;uphold annul;recover collapse;attend skip;attend miss
gain lose;arrive leave;enter leave;appear vanish;hire dismiss;appoint dismiss;attack defend
capture free;arrest free;arrest release;detain release;jail release;alive dead;dead alive
success failure;succeed fail;pass fail;true false;legal illegal;safe dangerous;rich poor;strong weak
strengthen weaken;improve worsen;first last;early late;earlier later;north south;east west
northern southern;eastern western;left right;male female;man woman;boy girl;husband wife
mother father;son daughter;brother sister;friend enemy;ally enemy;public private;include exclude
join leave;add remove;build destroy;create destroy;lift impose;ease tighten;impose scrap
legalise ban;permit ban;forbid allow;require ban;praise criticise;praise criticize;praise condemn
welcome condemn;majority minority;maximum minimum;most least;profit loss;surplus deficit;wet dry
hot cold;heat cool;full empty;fast slow;accelerate slow;morning evening;day night;cheap expensive
raise lower;raise cut;rise cut;fall raise;strengthen reduce;rise reduce;grow reduce;rise lower
uphold overturn;uphold reject;agree disagree;agree refuse;ratify reject;sign veto;keep abandon
recover lose;remain leave;stay leave;start stop;begin stop;continue stop;begin cancel;resume halt
possible impossible;float sink;land crash;cancel hold;postpone hold;won lost;healthy ill
optimistic pessimistic;peace war;victory defeat;beginning end;inside outside;upper lower
"""

# Series of which one member excludes the others in the same place.
_SERIES = """
monday tuesday wednesday thursday friday saturday sunday
first second third fourth fifth sixth seventh eighth ninth tenth
spring summer autumn winter
north south east west
northern southern eastern western
red green blue yellow black white
gold silver bronze
daily weekly monthly yearly
"""

# Words for a share of some whole, by how much they say.
SHARES = {
    **dict.fromkeys("all every each entire whole both".split(), 4.0),
    **dict.fromkeys(("most", "majority"), 3.0),
    "many": 2.5,
    **dict.fromkeys(("some", "several", "half"), 2.0),
    "few": 1.0,
    **dict.fromkeys(("none", "no"), 0.0),
}
# What can happen to people, each excluding the others in one count; by stem.
_FATE_WORDS = {
    "killed": "kill die dead death deadli fatal perish slain lethal toll",
    "wounded": "wound injur hurt maim",
    "missing": "miss unaccount",
    "captured": "captur prison detain arrest hostag",
    "displaced": "displac evacu flee fled homeless",
}
FATES = {stemmed: fate for fate, stems in _FATE_WORDS.items() for stemmed in stems.split()}
# Verbs after which "to" leads to a level and "by" to a difference.
_CHANGES = "rise fall reduce cut lower expand widen strengthen weaken improve shorten extend slow"

NEGATIONS = frozenset(
    "not never no nobody nothing none neither nor without cannot nowhere false untrue "
    "barely hardly scarcely "
    "не ні нет ни никогда немає nicht kein keine keinen nie niemals pas jamais nunca ningún "
    "ninguna non لا لم لن ليس ما".split()
)
# "no" that negates nothing: "no less than", "no doubt", "not only"; "no longer than" is seen apart.
NOT_NEGATING = frozenset("only less fewer more later doubt matter wonder least just".split())
_PREFIXES = ("un", "in", "im", "il", "ir", "dis", "non")

HEDGES = frozenset(
    "might could may should allegedly alleged reportedly apparently possibly perhaps probably "
    "likely unlikely maybe supposedly purportedly seemingly presumably unconfirmed "
    "if unless whether potentially ostensibly conceivably unverified uncorroborated "
    "unsubstantiated hearsay rumored rumoured hypothetical hypothetically tentatively".split()
)
# Verbs and nouns by which a text says that somebody else says it, or that it is not yet so.
CLAIMS = frozenset(
    "claim claims claimed alleges allege allegation allegations accused accuse accuses suspected "
    "suspicion believe believes believed believing fear fears feared think thinks thought "
    "rumour rumours rumor rumors suggest suggests suggested appears appeared seems seemed "
    "assume assumes assumed speculate speculated speculation expected expects predict predicts "
    "predicted threatened threatens plans planned hopes hoped wants wanted considering proposed "
    "denied denies deny denying disputed disputes intends intended pledged pledges "
    "vowed vows promised promises urge urges urged urging".split()
)
# Words that hedge or claim only before another: "is said to", "they plan to".
HEDGING_PAIRS = frozenset(
    {("said", "to"), ("reported", "to"), ("understood", "to"), ("plan", "to"),
     ("planning", "to"), ("intend", "to"), ("intending", "to"), ("aims", "to"), ("aim", "to"),
     ("hoping", "to"), ("hope", "to"), ("want", "to"), ("wanting", "to"), ("try", "to"),
     ("tries", "to"), ("tried", "to"), ("trying", "to"), ("attempt", "to"), ("attempts", "to"),
     ("attempted", "to"), ("attempting", "to"), ("effort", "to"), ("efforts", "to"),
     ("call", "to"), ("calls", "to"), ("called", "on"), ("calling", "on"), ("bid", "to"),
     ("used", "to"), ("cleared", "of"), ("acquitted", "of")}
)  # fmt: skip
# Not so after "is", "was" and the like: "the drone is used to spot fires".
ACTIVE_HEDGES = frozenset(("used",))
# What says that the whole sentence is not so: "it is a myth that", "posts falsely state".
DENIALS = frozenset(
    "falsely wrongly incorrectly myth myths hoax fake bogus baseless unfounded debunked debunk "
    "debunks fabricated disinformation misinformation discredited unproven unproved".split()
)
# The same, after "is", "was" and the like: "that is a lie".
DENYING_PREDICATES = frozenset("lie lies wrong false untrue incorrect mistaken fiction".split())
NO_GROUNDS = frozenset("evidence proof sign indication truth basis".split())  # after "no"
# Verbs that negate what follows "from": "prevented the ship from sinking".
PREVENTING = frozenset("prevent stop keep kept bar ban block deter save hinder prohibit".split())
NEARLY = frozenset(("nearly", "almost"))  # before a verb they deny it: "nearly sank"
# After these, what stands word for word behind "that" is told as a fact.
REPORTING = frozenset(
    "say said says saying tell told tells add added adds announce announced announces confirm "
    "confirmed confirms show showed shows shown find found finds state stated states report "
    "reported reports note noted notes write wrote writes prove proved proves proven know known "
    "knew learn learned learnt reveal revealed reveals admit admitted admits declare declared "
    "explain explained explains conclude concluded recall recalled see saw seen rule ruled means "
    "meant remember remembered acknowledged acknowledge confessed discover discovered "
    "replied answered insisted warned agreed stressed told noticed heard "
    "fact news so such".split()
)
# Those that do so only after "is", "was" and the like: "he said to her" tells what he said.
PASSIVE_HEDGES = frozenset("said reported understood".split())
FUTURES = frozenset("will shall would 'll won't wouldn't gonna".split())
# Between "is" and "to" they put off what follows: "is set to open"; "is to open" needs none.
DUE = frozenset("due set going about scheduled slated poised planned".split())
BEING = frozenset("is are was were be been being isn't aren't wasn't weren't".split())

# Said of anything: they tell little about what a sentence is about.
LIGHT = frozenset(
    "say tell state take make go come give get put happen hold become show see add use "
    "according include report call also well still already yet later about near "
    "mr mrs ms dr sir new one two".split()
)
SYMMETRIC = frozenset(
    "meet marry talk speak agree discuss fight face play border join collide differ negotiate "
    "trade cooperate compete sign include and with say be".split()
)
# Of these both sides do the same: "A met B" is "B met A", and is not "A met C".
MUTUAL = frozenset("meet marry talk speak fight play negotiate border collide".split())
TITLES = frozenset(
    "mr mrs ms dr sir lord lady professor prof president minister chancellor king queen prince "
    "princess general colonel captain major judge justice senator governor mayor pope bishop "
    "saint st ceo director chief premier secretary ambassador".split()
)

# Names of one thing. Demonyms that are not their country's name with an ending.
_ALIASES = """
kyiv kiev;odesa odessa;kharkiv kharkov;lviv lvov;donbas donbass;zelenskyy zelensky zelenskiy
france french;spain spanish;britain british;netherlands dutch;poland polish;turkey turkish türkiye
sweden swedish;denmark danish;greece greek;switzerland swiss;finland finnish;norway norwegian
ireland irish;wales welsh;scotland scottish;thailand thai;portugal portuguese;burma myanmar
czechia czech;hungary hungarian;germany german;ukraine ukrainian;russia russian;italy italian
israel israeli;iraq iraqi;china chinese;japan japanese;peru peruvian;belgium belgian;egypt egyptian
europe european;africa african;asia asian;america american;england english
"""


def _groups(text: str) -> list[list[str]]:
    return [group.split() for line in text.strip().splitlines() for group in line.split(";")]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The Snowball stem of one word, as full text has it; "" for no word at all.

    >>> stem("Approved"), stem("approves")
    ('approv', 'approv')
    """
    stems = terms(word)
    return "".join(stems) if len(stems) > 1 else stems[0] if stems else ""


# Verbs that negate what they govern, by stem, and the words that must follow: "failed to report".
NEGATING_VERBS = {
    stem(verb): following
    for verb, following in (
        ("fail", "to"), ("refuse", "to"), ("decline", "to"), ("unable", "to"), ("forget", "to"),
        ("deny", ""), ("avoid", ""), ("lack", ""), ("yet", "to"), ("rule", "out"),
        ("stop", "-ing"), ("cease", ""), ("short", "of -ing"), ("close", "to -ing"),
        ("refrain", "from"),
    )
}  # fmt: skip

_BASE = {form: group[0] for group in _groups(_FORMS) for form in group}
_CONCEPTS = {stem(word): stem(group[0]) for group in _groups(_SAME) for word in group[::-1]}


@lru_cache(maxsize=50_000)
def concept(word: str) -> str:
    """What a word is compared by: its stem, or that of the word it is a form or a synonym of.

    >>> concept("climbed") == concept("rose") != concept("fell")
    True
    """
    folded = word.casefold()
    stemmed = stem(_BASE.get(folded, folded))
    return _CONCEPTS.get(stemmed, stemmed)


def is_past(word: str) -> bool:
    """Whether a word looks like a verb's past form: "completed", "sank".

    >>> is_past("sank"), is_past("sink"), is_past("hundred")
    (True, False, False)
    """
    return word != "hundred" and (word.endswith("ed") or _BASE.get(word, word) != word)


def _opposites() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    pairs = [group for group in _groups(_OPPOSITE) if len(group) == 2]
    for series in _groups(_SERIES):
        pairs += [[one, other] for one in series for other in series if one != other]
    for one, other in pairs:
        a, b = concept(one), concept(other)
        if a != b:
            found.setdefault(a, set()).add(b)
            found.setdefault(b, set()).add(a)
    return {word: frozenset(others) for word, others in found.items()}


OPPOSITES = _opposites()
OPPOSITE_STOPS = frozenset(
    concept(word) for word in "before after more less most up down above below under over".split()
)
# Words of figures, which are compared with their figures.
_BOUND_WORDS = "least most fewer less than approximately roughly almost nearly around estimated"
STOP_WORDS = STOP | frozenset(_BOUND_WORDS.split())
STOP_CONCEPTS = frozenset(stem(word) for word in STOP)
NOBODY = concept("nobody")
LIGHT_CONCEPTS = frozenset(concept(word) for word in LIGHT)
SYMMETRIC_CONCEPTS = frozenset(concept(word) for word in SYMMETRIC)
CHANGE_CONCEPTS = frozenset(concept(word) for word in _CHANGES.split())
WEEKDAYS = frozenset(
    concept(day) for day in "monday tuesday wednesday thursday friday saturday sunday".split()
)
MUTUAL_CONCEPTS = frozenset(concept(word) for word in MUTUAL)
_ALIAS = {name: group[0] for group in _groups(_ALIASES) for name in group}


def alias(name: str) -> str:
    """The form under which a proper name is compared: possessive dropped, one spelling, country.

    >>> alias("Kiev’s"), alias("Dutch")
    ('kyiv', 'netherlands')
    """
    folded = name.casefold().replace("’", "'").removesuffix("'s").rstrip("'").replace(".", "")
    return _ALIAS.get(folded, folded)


def denied(word: str) -> str | None:
    """The concept that a word with a negating prefix denies, for the caller to look for.

    >>> denied("impossible") == concept("possible")
    True
    """
    folded = word.casefold()
    for prefix in _PREFIXES:
        if folded.startswith(prefix) and len(folded) - len(prefix) >= 4:
            return concept(folded[len(prefix) :])
    return None


def are_akin(one: str, other: str) -> bool:
    """Whether two stems may be forms of one word: "approv" and "approval", "elect" and "electoral".

    At least five letters and three quarters of the longer one are the same beginning.
    """
    short, long = sorted((one, other), key=len)
    return (
        len(short) >= 5
        and long.startswith(short[: max(5, len(short) - 1)])
        and (len(long) - len(short) <= max(3, len(short) // 2))
    )


_DEMONYMS = ("n", "an", "ian", "ese", "i", "ish", "ns", "ans", "ians", "is", "s")


def are_one_name(one: str, other: str) -> bool:
    """Whether one name is the other with the ending of a people or a plural.

    >>> are_one_name("albania", "albanian"), are_one_name("martin", "martinez")
    (True, False)
    """
    short, long = sorted((one, other), key=len)
    base = short.rstrip("aeiouy")
    if len(base) < 3 or not long.startswith(base):
        return False
    return (
        long[len(short) :] in _DEMONYMS
        if long.startswith(short)
        else (long[len(base) :] in _DEMONYMS)
    )
