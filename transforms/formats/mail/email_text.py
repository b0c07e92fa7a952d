"""The text of a newsletter without what only mail has: previews, tracking, footers."""

import re

from lxml import etree, html

from transforms.formats.html.hidden import drop_hidden
from transforms.formats.html.markup import markup_to_text

FOOTER_SHARE = 0.6
"""Where in the text, from 0 to 1, an "unsubscribe" starts the footer: one before that, as in a
header, goes alone."""

MAX_VIEW, MAX_LEAVE = 100, 300
"""Most characters of a paragraph that says how to view the mail, or why it came."""

_PADDING = re.compile(r"(?:[\u034f\u200b-\u200d\u2007\u2060\ufeff\xad\u061c]\s*){2,}")
"""Invisible characters that fill up the preview of a mail."""
_VIEW = re.compile(
    r"\b(?:(?:view|open|read|see)(?: (?:this|it|the|e-?mail|newsletter|message|issue|version|in|on"
    r"|an?|your|web))* (?:browser|online)|web version|online version|im browser"
    r"|online(?:-version)? (?:ansehen|lesen|anzeigen)|(?:dans|sur) (?:votre|le|un) navigateur"
    r"|version en ligne|(?:en|no) (?:el|tu|su|seu) navega\w+|nel (?:tuo )?browser"
    r"|in (?:je|uw) browser|add us to your address book)\b",
    re.IGNORECASE,
)
_LEAVE = re.compile(
    r"\b(?:unsubscribe|(?:manage|update) (?:your |my )?(?:e-?mail |subscription )?preferences"
    r"|you(?:'re|’re| are) receiving this|(?:e-?mail|message|newsletter) was sent to"
    r"|forwarded this (?:e-?mail|newsletter)|newsletter (?:abbestellen|abmelden)"
    r"|vom newsletter abmelden|se d[ée]sabonner|se d[ée]sinscrire|darse de baja"
    r"|cancelar (?:la |tu |a )?(?:suscripci|inscri)\w+|annulla l.iscrizione|disiscriv\w+"
    r"|uitschrijven|avprenumerera)\b",
    re.IGNORECASE,
)
_READERS = (
    r"(?:readers?|subscribers?|friends?|all|everyone|leser(?:in|innen)?|abonnent(?:in|innen|en)?"
    r"|leser[*:_]innen|freund(?:e|in|innen)?|damen|herren|lecteurs?|lectrices?|abonnée?s?|amie?s?"
    r"|lector(?:es|a|as)?|suscriptor(?:es)?|amig[oa]s?|lettor[ei]|lettric[ei]|leitor(?:es|a|as)?"
    r"|lezers?|läsare|læsere?|lesere?|czytelni(?:ku|czko|cy|czki))"
)
_GREETING = (
    r"(?:(?:my |our )?dear|hello|hi|liebe[rs]?|(?:sehr )?geehrte[rs]?|hallo|ch(?:er|ère)s?|bonjour"
    r"|estimad[oa]s?|querid[oa]s?|hola|car[oaie]|prezad[oa]s?|beste|kära|kære|kjære|drog(?:i|a|ie)"
    r"|drodzy)"
)
_SALUTATION = re.compile(
    rf"{_GREETING} {_READERS}"
    rf"(?:(?:,? | (?:and|und|et|y|e|en|och|og|i) )(?:{_GREETING} )?{_READERS})*"
    r"[ \t]*+(?:[,!:.][ \t]*+)?(?:\n+|\Z)",
    re.IGNORECASE,
)
"""A first line that speaks to whoever reads it."""

_LABEL = (
    r"(?:from|von|van|de|da|to|an|aan|para|date|datum|fecha|data|sent|gesendet|verzonden|envoyé"
    r"|enviado|inviato|b?cc|reply-to|subject|betreff|onderwerp|objet|asunto|assunto|oggetto"
    r"|[aà](?= ?: ?[^\n@]{0,200}@))"
)
"""What stands before a header; a line behind an empty one is a header only with such a word."""

_PASSED_ON = re.compile(
    r"\s*+(?:-{3,20}\s?(?:forwarded message|original message|weitergeleitete nachricht"
    r"|ursprüngliche nachricht|message (?:transféré|d'origine)|mensaje reenviado"
    r"|messaggio inoltrato|mensagem encaminhada|doorgestuurd bericht)\s?-{3,20}"
    r"|(?:begin forwarded message|anfang der weitergeleiteten nachricht"
    r"|début du message réexpédié) ?:)"
    rf"(?:(?:(?:[ \t]*+\n[ \t]*+|[ \t]++)[^\W\d_][\w -]{{0,20}}|\s++{_LABEL}) ?: ?[^\n]{{0,500}}+)"
    r"{2,10}(?=\n)",
    re.IGNORECASE,
)
"""The header of a message that is passed on, at the start of the text."""

_NOTE = 300
"""Most characters that somebody who passes a message on writes above it."""

_ANSWERED = re.compile(
    r"\n(?!>)[^\n]{0,300}(?:\n[^\n>]{0,100})?\b(?:wrote|schrieb|écrit|escribió|scritto|escreveu|schreef"
    r"|skrev|kirjoitti|napisał\w?|пише\w?|пишет|написал\w?)(?: [^\n:>]{1,60})? ?:[ \t]*\n\s*(?=>)",
    re.IGNORECASE,
)
"""The line above a message that is answered, at the end of the text."""

_BRACKETED_LINK = re.compile(
    r" ?(?:<https?://[^\s<>]+>|\[\s?https?://[^\s\[\]]+\s?\]|\(\s?https?://[^\s()]+\s?\))"
)
_LIST_FOOTER = re.compile(
    r"(?:\A|\n)_{20,}[ \t]*\n(?=[^_]*(?:@|https?://))(?:[^\n]*\n){0,5}[^\n]*\Z"
)
"""What Mailman puts behind each message of a list."""
_LINK_LINE = re.compile(r"^[ \t]*https?://\S+[ \t]*$\n?", re.MULTILINE)


def html_text(body: str) -> str:
    """Return the text of an HTML part: what a reader sees of the letter itself.

    >>> html_text("<div style='display:none'>Preview</div><p>A bridge.</p><p>Unsubscribe</p>")
    'A bridge.'
    """
    try:
        root = html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*>|\x00", "", body))
    except etree.ParserError:  # it is empty
        return ""
    drop_hidden(root)
    etree.strip_elements(root, "head", with_tail=False)
    for element in root.iter("html", "body"):  # a letter pasted together may have several
        element.tag = "div"
    return without_remarks(markup_to_text(etree.tostring(root, encoding="unicode", method="html")))


def plain_text(body: str, *, flowed: bool, joined: bool = False) -> str:
    r"""Return the text of a plain part, without links, signature and a mailing list's footer.

    Args:
        body: the part.
        flowed: whether a space at a line's end means that the line goes on (RFC 3676).
        joined: whether that space is no part of the text, as in languages that write none.

    >>> plain_text("A \nbridge (https://t.example/x).\n-- \nThe Desk", flowed=True)
    'A bridge.'
    """
    text = re.split(r"(?m)^-- $", "\n".join(body.splitlines()))[0]
    if flowed:
        text = re.sub(r"(?m) \n(?!\n)", "" if joined else " ", text)
    text = _LINK_LINE.sub("", _BRACKETED_LINK.sub("", _LIST_FOOTER.sub("", text)))
    text = _without_answered(text)
    return without_remarks(text)


def _passed_on_at(text: str) -> int:
    """Return where the header of a message that is passed on begins, `-1` if there is none.

    What stands above it is no more than a note.
    """
    if _PASSED_ON.match(text):
        return 0
    start = re.search(r"\n\s*(?=-{3,20}\s?[^\W\d_]|Begin forwarded)", text[:_NOTE])
    at = start.end() if start else -1
    passed_on = _PASSED_ON.match(text, at) if at > 0 else None
    return at if passed_on and len(text) - passed_on.end() > at else -1


def _without_answered(text: str) -> str:
    """Return `text` without the message that it answers, where that is quoted below it."""
    if ">" not in text:
        return text
    head = _ANSWERED.search(text)
    if head and all(not line or line.startswith(">") for line in _lines(text[head.end() :])):
        return text[: head.start()].rstrip()
    return text


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines()]


def without_remarks(text: str) -> str:
    """Return `text` without its remarks about the mail: how to view it, how to leave the list.

    What follows a way to leave the list near the end is the footer. A first line that greets all
    readers goes as well.
    """
    passed_on = _PASSED_ON.match(text, max(0, _passed_on_at(text)))
    text = text[passed_on.end() :] if passed_on else text
    kept: list[str] = []
    position = 0
    for paragraph in re.split(r"\n\s*\n", _PADDING.sub(" ", text)):
        position += len(paragraph) + 2
        if len(paragraph) <= MAX_LEAVE and _LEAVE.search(paragraph):
            if position > FOOTER_SHARE * len(text):
                break
        elif len(paragraph) <= MAX_VIEW and _VIEW.search(paragraph):
            continue
        elif paragraph.strip():
            kept.append(paragraph.strip())
    text = "\n\n".join(kept)
    greeting = _SALUTATION.match(text)
    return text[greeting.end() :] if greeting else text
