"""What pages say behind a link to readers who cannot see it: "(opens in new window)"."""

import re

_NOTE = re.compile(
    r"\s?\((?:opens in (?:a )?new (?:window|tab)"
    r"|(?:wird )?öffnet in(?: einem)? neue[mn] (?:fenster|tab)|öffnet im neuen (?:fenster|tab)"
    r"|s['’]ouvre dans (?:un nouvel onglet|une nouvelle fenêtre)|nouvelle fenêtre"
    r"|se abre en (?:una )?(?:nueva )?(?:ventana|pestaña)(?: nueva)?"
    r"|abre (?:em|numa) nova (?:janela|aba)|si apre in una nuova (?:finestra|scheda)"
    r"|opent in (?:een )?nieuw (?:venster|tabblad)|öppnas i (?:ett )?nytt fönster"
    r"|åbner i nyt vindue|åpnes i nytt vindu|otwiera się w now(?:ej karcie|ym oknie)"
    r"|откроется в нов(?:ом окне|ой вкладке)|新しいウィンドウで開く)\)",
    re.IGNORECASE,
)


def drop_link_notes(text: str) -> str:
    """Return `text` without notes on where links open.

    >>> drop_link_notes("The line (opens in new window) sold two ships.")
    'The line sold two ships.'
    """
    return _NOTE.sub("", text) if "(" in text else text
