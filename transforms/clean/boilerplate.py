"""Lines that belong to the page and not to the article.

A rule never looks inside a sentence: it matches a whole short paragraph, or a suffix of the last
one that begins after the end of a sentence.
"""

import re
import tomllib
from functools import cache
from importlib.resources import files

from transforms.text.agencies import AGENCY, PICTURE_AGENCY
from transforms.text.sentence_ends import ends_sentence

_MAX_LINE = 220
"""Characters; a longer paragraph is never taken for page furniture."""


def _line(*alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"\W*+(?:{'|'.join(alternatives)})\W*+", re.IGNORECASE)


_SITES = (
    r"(?:Facebook|Twitter|X|Instagram|YouTube|WhatsApp|LinkedIn|Telegram|TikTok|Reddit"
    r"|Pinterest|Threads|Bluesky|E-?mail|Print|SMS|Copy link|Link)"
)
_ALSO = (
    r"[-–—•>»\s\[(*#【]*+(?P<label>{also})"
    r"(?:\s?(?P<sign>[:|»>：】\]]|[-–—](?=\s))(?:\s*+\S.*+)?|\s(?P<bare>[\"“«‘]?[^\W\d_].*+))?"
)
_PICTURE = (
    r"(?:[^\w(]|_)*+(?:\(?(?:{picture})(?:[ \xa0]?[:|©=：＝/].*+)"
    rf"|\((?:{{picture}}) (?-i:{AGENCY}|{PICTURE_AGENCY})\)"
    r"|\(?(?:image|media) (?:source|caption|credit),\s?\S.*+"
    r"|\(?(?:photo|picture|image|photograph) (?:by|courtesy of|credit) (?-i:[A-Z]).{{0,80}}"
    rf"|\(?(?:(?:[\w.'’]++ ?){{{{1,3}}}}?/\s?)?(?-i:{AGENCY}|{PICTURE_AGENCY})"
    r"(?: (?:file )?(?:photo|picture|image)s?)?(?:(?:\s?/\s?| via )[\w. ]{{2,30}}){{0,3}}"
    r"(?: (?:file )?(?:photo|picture|image)s?)?\)?"
    r"|\([^()]{{2,40}}[/?:]\s?[^()]{{0,30}}(?:photo|picture|image|sourced)[^()]{{0,20}}\)"
    r"|\(?(?:file|handout|symbol|archiv)(?: ?photo|bild|foto)\)?|(?:fot|zdj)\. .{{3,60}})[\W_]*+"
)
_CREDIT_SENTENCE = re.compile(r"[.!?]\s+\S+\s+\S+\s+\S+")
_GOES_ON = re.compile(r":\s(?=[a-zß-öø-ÿ])[^:]+[a-z][.!?]$")

_HOST_OF_POSTS = (
    r"(?:(?:www|m|mobile|pic)\.)?(?:twitter|x|instagram|facebook|fb|tiktok|threads|youtube|bsky|reddit)"
    r"\.(?:com|net|app|watch)|t\.co|youtu\.be|t\.me|truthsocial\.com"
)
_POST = re.compile(
    rf"\W*+(?:(?:https?://)?(?:{_HOST_OF_POSTS})(?:/\S*+)?\W*+)++"
    r"|[—–-]{1,2} ?.{1,60}\(@\w{1,30}\).{0,40}",
    re.IGNORECASE,
)
"""The address of a post, or the line below one that says whose it is."""

_PODCASTS = re.compile(
    r"\b(?:spotify|(?:on|via|at|auf|sur|en|su|no|op|på) apple|apple podcasts?|itunes"
    r"|google podcasts?|amazon music|audible|deezer|stitcher|overcast|castbox|podbean|soundcloud"
    r"|pocket casts|podimo|iheart\w*|acast|omny|youtube|podcast app"
    r"|wherever you (?:get|find|listen)|überall,? wo es podcasts)\b",
    re.IGNORECASE,
)

_SIGN_UP = re.compile(
    r"\W*(?:sign up|subscribe|join|register|get|receive|enter your|click here|download|follow"
    r"|don['’]t miss|stay|want|melden sie|abonnieren|jetzt|inscrivez-vous|abonnez-vous"
    r"|suscríbete|iscriviti|assine)\b",
    re.IGNORECASE,
)
_SIGN_UP_OBJECT = re.compile(
    r"\b(?:newsletters?|inbox|e-?mail (?:address|alerts?|updates?)|push notifications?"
    r"|daily national news|our app|postfach|boletín|whatsapp channel|telegram channel"
    r"|breaking news alerts?|(?:whatsapp|telegram)\W+join our channel)\b",
    re.IGNORECASE,
)

# Imperatives that may also be a statement ("recibe"), so that only a newsletter's own name counts.
_SIGN_UP_ABROAD = re.compile(
    r"[^\w\s]*(?:inscrivez-vous|abonnez-vous|abonnieren? sie|abonnier[et]"
    r"|meld(?:e|en sie) (?:dich|sich)|hol(?:e|en sie) (?:dir|sich)"
    r"|erhalten sie|bestellen sie|hier (?:geht es|kostenlos)"
    r"|recevez|recevoir|s['’]inscrire|s['’]abonner|inscris-toi|abonne-toi"
    r"|suscr[ií]b(?:ase|ete|anse|irse)|reg[ií]str(?:ese|ate|arse)|recib[ae]|ap[uú]nt(?:ese|ate)"
    r"|inscr[ií]b(?:ase|ete)"
    r"|iscriv(?:iti|etevi|ersi)|ricevi|abbon(?:ati|atevi)|registrati"
    r"|inscreva-se|receba|recebe|cadastre-se|subscrev[ae]|assine"
    r"|schrijf (?:je|u) in|abonneer (?:je|u)|meld (?:je|u) aan|ontvang"
    r"|meld deg|anmäl dig|tilmeld dig|prenumerera|få vår|zapisz się"
    r"|подпи(?:сывайтесь|шитесь)|підпи(?:суйтесь|шіться))\b",
    re.IGNORECASE,
)
_NEWSLETTER = re.compile(
    r"\b(?:newsletters?|infolettre|lettres? d['’]informations?|bo[iî]te (?:mail|de réception)"
    r"|bolet[ií]n(?:es)?|bandeja de entrada|casella di posta|boletim|boletins|caixa de entrada"
    r"|nieuwsbrief|nieuwsbrieven|nyhetsbrev|nyhedsbrev|posteingang|postfach"
    r"|telegram|телеграм\w*|рассылк\w+|розсилк\w+)\b",
    re.IGNORECASE,
)

_INVITATIONS = ((_SIGN_UP, _SIGN_UP_OBJECT), (_SIGN_UP_ABROAD, _NEWSLETTER))
"""How a line begins, and what it speaks of."""

_CONTACT = re.compile(
    r"\W*(?:do you|have (?:you|a)|got|if you|know|send|e-?mail|contact|share your|tell us"
    r"|to contact|write to|haben sie|hast du|wissen sie|schreiben sie|hinweise|vous avez"
    r"|avez-vous|écrivez"
    r"|¿?tienes?|¿?sabes?|escríb[ae]|hai|scriv[ie]|invia|tem|envie|heb|weet|mail)\b.{0,160}"
    r"\b(?:news-?(?:desk|room)?|tips?|stories|editors?|editorial|investigations?|corrections?"
    r"|letters|feedback|redaktion|hinweise?|redaction|redaccion|redazione|redacao|redactie)"
    r"[\w.-]{0,20}@\S++.{0,60}",
    re.IGNORECASE,
)

_CONSENT = re.compile(
    r"\W*(?:(?:we|this (?:web)?site|our (?:web)?site|the guardian|wir|diese (?:web)?seite"
    r"|diese website|nous|ce site|utilizamos|este sitio|usamos|questo sito|we and our partners)\b"
    r".{0,60}\bcookies?\b.*+"
    r"|(?:by (?:continuing|using|clicking|accepting|browsing)|please accept|to view this"
    r"|accept (?:all|and)|manage|reject all)\b.{0,120}\bcookies?\b.*+"
    r"|cookie (?:policy|settings|preferences|notice|consent|einstellungen)"
    r"|accept (?:all )?cookies)\W*+",
    re.IGNORECASE,
)

_SHARE = re.compile(
    rf"\W*(?:(?:share|tweet|post|pin)(?: this)?(?: (?:article|story|page|post))? ?(?:on"
    rf"|via|with|to)\s{_SITES}\b.*+"
    rf"|share this(?: (?:article|story|page|post))?(?: .{{0,20}}{_SITES}.*+)?"
    rf"|(?:follow|like|find|join) (?:us|[\w ]{{2,30}}?|@\w+) on\s(?:our )?{_SITES}\b.*+"
    r"|follow @\w+(?: for more.*+)?|follow us"
    r"|follow (?-i:@\w+|[A-ZÀ-Þ][\w.'’-]+(?: [A-ZÀ-Þ][\w.'’-]+){1,3})"
    r" (?:on|for|at)\b.{0,60}\b(?:news|updates|coverage|more|stories|reporting|analysis)"
    r"|(?:the author|he|she) tweets? (?:at |as )?@\w+"
    r"|interact with [\w .]+ at twitter.*+"
    r"|(?:click to tweet|copy link|link copied))\W*+",
    re.IGNORECASE,
)
_PAGE_WORD = (
    r"(?:artikel|beitrag|seite|text|article|página|artículo|noticia|nota|articolo|pagina|notizia"
    r"|artigo|notícia|matéria|bericht|artikeln|artikkel|artikkelen)"
)
_SHARE_ABROAD = re.compile(
    rf"\W*(?:(?:folgen sie|folge?|teilen sie|teile) (?:uns|[\w ]{{2,30}}?) (?:auf|bei) {_SITES}\b"
    rf".*+|(?:folgen sie uns|folge? uns|teilen? (?:sie )?diesen {_PAGE_WORD})"
    rf"|{_PAGE_WORD} (?:teilen|drucken|versenden|delen|partager)"
    rf"|suivez(?:-nous|[\w ]{{2,30}}?) sur (?:(?:les|nos) réseaux.*+|{_SITES}\b.*+)"
    rf"|partage[rz] (?:cet? |l['’])?(?:{_PAGE_WORD}|sur {_SITES})\b.{{0,60}}"
    rf"|s[ií]g(?:ue|a)(?:nos|-nos|n) (?:en|no|na)\b.{{0,80}}"
    rf"|compart(?:e|a|ir|ilhe|ilhar) (?:est[ae] |o )?(?:{_PAGE_WORD}|(?:en|no) {_SITES})\b.{{0,60}}"
    rf"|partilh(?:e|ar) (?:est[ae] |o )?{_PAGE_WORD}.{{0,60}}"
    r"|seguici su\b.{0,80}"
    rf"|condividi (?:(?:quest[oa] |l['’])?{_PAGE_WORD}|su {_SITES})\b.{{0,60}}"
    rf"|volg ons (?:op|via)\b.{{0,80}}|deel dit {_PAGE_WORD}.{{0,60}}"
    rf"|(?:følg|följ) oss på\b.{{0,80}}|del (?:denne )?{_PAGE_WORD})\W*+",
    re.IGNORECASE,
)
_RIGHTS = re.compile(
    r"\W*(?:(?:copyright|©|\(c\)|ⓒ)(?:\s|©|ⓒ|\(c\)).*|\(c\)\s?\S.*|© ?\S.*"
    r"|.{0,120}\ball rights reserved\b.*"
    r"|this (?:material|article|content|story) (?:may not be|was originally|first|originally"
    r"|has been republished|is republished).*"
    r"|(?:dieser artikel|dieser text) (?:ist|erschien|wurde) zuerst .*"
    r"|filed under: .*|tags?: .*|topics?: .*|issn: .*)",
    re.IGNORECASE,
)

_NOTHING = re.compile(r"[\W_]*+")
_ANYWHERE = (_POST, _CONSENT, _SHARE, _SHARE_ABROAD, _CONTACT)


@cache
def _words() -> dict[str, str]:
    """Return the name of a list -> its patterns in every language, as alternatives."""
    source = files("transforms.clean").joinpath("furniture_words.toml").read_text("utf-8")
    tables = tomllib.loads(source).values()
    names = ("also", "picture", "listen", "whole", "embed", "share")
    return {name: "|".join(p for table in tables for p in table.get(name, ())) for name in names}


@cache
def _whole() -> re.Pattern[str]:
    """Return the pattern of a line that is of the page as it is."""
    return _line(_words()["whole"])


@cache
def _link() -> re.Pattern[str]:
    """Return the pattern of a line that leads to another article."""
    return re.compile(_ALSO.format_map(_words()), re.IGNORECASE)


@cache
def _picture() -> re.Pattern[str]:
    """Return the pattern of a line that belongs to a picture."""
    return re.compile(_PICTURE.format_map(_words()), re.IGNORECASE)


@cache
def _captioned() -> re.Pattern[str]:
    """Return the pattern of a caption that ends with its credit in brackets."""
    credit = rf"[(\[](?:{_words()['picture']}) ?[:/©] ?[^()\[\]]{{2,60}}[)\]]"
    return re.compile(rf"[^.!?()\[\]]{{10,200}}{credit}\W*", re.IGNORECASE)


@cache
def _embed() -> re.Pattern[str]:
    """Return the pattern of the beginning of a line in the place of a post or a video."""
    return re.compile(rf"\W*+(?:{_words()['embed']})", re.IGNORECASE)


@cache
def _share() -> re.Pattern[str]:
    """Return the pattern of a line of buttons to share the page: verbs, and names of sites."""
    button = rf"(?:{_words()['share']}|{_SITES})(?!\w)"
    return _line(rf"{button}(?:[\s,:|/·•]+(?:(?:and|und|et) )?{button})*")


@cache
def _listen() -> re.Pattern[str]:
    """Return the pattern of the beginning of a line that leads to a recording."""
    return re.compile(rf"\W*+(?:{_words()['listen']})\b", re.IGNORECASE)


_INLINE_LINK = re.compile(
    r"(?:\b|(?<=[a-z.]))(?:READ|ALSO READ|Also read|Read more|Read also|READ MORE) ?[:|] ?"
    r"[^\n.]{10,160}?(?:(?<=[a-z]{3})(?=[A-Z][a-z]{1,30} )|(?=\n)|$)"
)

_LINK = r"[^\S\n]++(?:https?://)?(?:pic\.(?:twitter|x)\.com|t\.co)/\w++"
_POST_LINK = re.compile(rf"(?<=\S){_LINK}(?=(?:{_LINK})?[^\S\n]*+(?:\n|$))")
"""What a post ends with: the addresses of its picture and of what it shares."""


def drop_boilerplate(paragraphs: list[str]) -> list[str]:
    """Return `paragraphs` without those that are page furniture, and the rights lines at the end.

    Furniture: links to other articles, advertisement marks, photo credits, invitations to sign up,
    follow or share, cookie notices, rules of dashes. See `is_furniture`.
    """
    kept = [paragraph for paragraph in paragraphs if not is_furniture(paragraph)]
    while kept and len(kept[-1]) <= 2 * _MAX_LINE and _RIGHTS.fullmatch(kept[-1]):
        kept.pop()
    return kept


def is_furniture(paragraph: str) -> bool:
    """Return whether the whole `paragraph` is page furniture.

    >>> is_furniture("Read more: Five facts about cookies"), is_furniture("Photo: Jane Doe/Reuters")
    (True, True)
    >>> is_furniture("Photo agencies will share their newsletter with Reuters, the court said.")
    False
    """
    if len(paragraph) > 2 * _MAX_LINE:
        return False
    invites = (verb.match(paragraph) and thing.search(paragraph) for verb, thing in _INVITATIONS)
    if _embed().match(paragraph) or any(invites):
        return True
    if len(paragraph) > _MAX_LINE:
        return _CONSENT.fullmatch(paragraph) is not None
    if any(rule.fullmatch(paragraph) for rule in (_NOTHING, _whole(), _share(), *_ANYWHERE)):
        return True
    if goes_on := _CREDIT_SENTENCE.search(paragraph):  # what begins like a label
        parts = paragraph[: goes_on.start() + 1], paragraph[goes_on.start() + 1 :].strip()
        return all(map(_picture().fullmatch, parts))
    leads = _listen().match(paragraph) and _PODCASTS.search(paragraph)
    shown = any(rule.fullmatch(paragraph) for rule in (_picture(), _captioned()))
    return shown or bool(leads) or _leads_on(paragraph)


def _leads_on(paragraph: str) -> bool:
    """Return whether `paragraph` is a link to another article.

    A label of one word needs a sign behind it; without any, what follows has to be a headline.
    A sentence that goes on in lower case behind a colon is none.
    """
    match = _link().fullmatch(paragraph)
    if match is None or (match["sign"] and match["sign"] not in "-–—"):
        return match is not None and not (match["sign"] == ":" and _GOES_ON.search(paragraph))
    headline = match["bare"]
    bare = headline is None or (
        headline.lstrip('"“«‘')[0].isupper() and not ends_sentence(headline)
    )
    return " " in match["label"] and bare


def drop_inline_links(text: str) -> str:
    """Return `text` without "READ | Headline" links whose line breaks were lost.

    A link ends where a capital letter is glued to the word before, or at the end of the paragraph;
    one without either end, or with a full stop in it, stays.

    >>> drop_inline_links("It rained. READ | Rain falls on every townShe said it would stop.")
    'It rained. She said it would stop.'
    """
    text = _POST_LINK.sub("", text) if "/" in text else text
    if "READ" not in text and "Read " not in text and "Also read" not in text:
        return text
    return _INLINE_LINK.sub("", text)
