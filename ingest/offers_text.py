"""Text of an offer as people wrote it, made fit to show: broken letters mended, HTML taken out, entities decoded once.

What comes out is plain text: who shows it escapes it. Nothing is guessed: a letter that was lost stays lost, as U+FFFD.
"""

import html
import re
from dataclasses import dataclass

#: what a French text may hold beyond ASCII, and the sign of a lost letter
_SIGNS = "àâäçéèêëîïôöùûüÿœæñáíóúÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸŒÆÑ«»’‘“”–—…•°²³€·®™½¼¾\xa0�"
_LOST = "�"
#: windows-1252 has a sign for each of these bytes but five, which are nothing
_CONTROLS: dict[int, str | None] = {
    code: bytes([code]).decode("cp1252", errors="ignore") or None for code in range(0x80, 0xA0)
}
_CONTROLS |= {code: None for code in range(0x20) if chr(code) not in "\n\t\r"} | {0x7F: None}
#: without its semicolon, an entity must not go on as a word or as the key of an address's query
_ENTITY = re.compile(
    r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});|&(?:amp|lt|gt|quot|nbsp)(?![\w=])"
)
#: with attributes or bare: what stands between "<b" and ">" in "a<b, 3 > 2" is neither
_TAG = re.compile(
    r"(<!--|-->|</?(?:a|abbr|b|big|blockquote|body|br|center|code|dd|div|dl|dt|em|font|footer|form|h[1-6]|head|header|hr|"
    r"html|i|iframe|img|input|ins|label|li|link|main|meta|nav|object|ol|option|p|pre|s|script|section|select|small|span|"
    r"strike|strong|style|sub|sup|svg|table|tbody|td|textarea|tfoot|th|thead|title|tr|tt|u|ul)(?:\s[^<>=]*=[^<>]*|\s*/?)>)",
    re.IGNORECASE,
)
#: tags after which, and before which, a new line begins
_BREAKS = (
    frozenset({"blockquote", "br", "center", "dd", "div", "dl", "dt", "footer", "form", "header", "hr", "li", "main"})
    | frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "nav", "ol", "p", "pre", "section", "table", "tr", "ul"})
)  # fmt: skip
_HIDDEN = frozenset({"script", "style", "head", "title", "object", "iframe", "svg", "select", "textarea"})
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}(?![\w-])")
#: one separator throughout: a date and an hour are no telephone number
_PHONE = re.compile(r"(?<![\w.])(?:(?:\+|00)\s?33\s?(?:\(0\)\s?)?|0)[1-9]([ .\-/]?)\d{2}(?:\1\d{2}){3}(?!\w)")
#: how France Travail itself masks what is not to be shown
MASK = "##########"
#: a text is cut to so many times its limit before anything else is done with it: what is longer is no offer
_RAW = 4


@dataclass(frozen=True)
class CleanText:
    """A text fit to show.

    text:   plain text, "" where nothing was left
    cut:    it was longer than its limit, and ends with "…"
    lost:   letters that were lost before it came here (U+FFFD in ``text``)
    masked: e-mail addresses and telephone numbers put out of sight
    """

    text: str
    cut: bool = False
    lost: int = 0
    masked: int = 0


def clean(raw: str, limit: int, *, lines: bool = False) -> CleanText:
    """Mends, takes HTML out, decodes entities once, masks contacts, tidies blanks, and cuts at ``limit`` characters.

    lines: keeps line ends (a description); else the text is one line (a title)

    >>> clean("Boulanger &amp patissier <b>H/F</b>", 200).text
    'Boulanger & patissier H/F'
    >>> clean("R&amp;amp;D", 200).text
    'R&amp;D'
    """
    shorter = raw[: limit * _RAW]
    text = mend(_decode(_without_tags(mend(shorter))))
    masked = 0
    for pattern in (_MAIL, _PHONE):
        text, count = pattern.subn(MASK, text)
        masked += count
    text = _tidy(text, lines=lines)
    cut = len(raw) > len(shorter) or len(text) > limit
    if cut:
        text = text[: limit - 1].rstrip() + "…"
    return CleanText(text, cut, text.count(_LOST), masked)


def mend(text: str) -> str:
    """Letters that a wrong encoding broke, as they were: UTF-8 read as Windows-1252, its characters read as controls.

    >>> mend("Ã©quipe â€“ gros \\x9cuvre")
    'équipe – gros œuvre'
    """
    if text.isascii() and text.isprintable():
        return text
    if "Ã" in text or "â" in text or "Â" in text or "Å" in text or "ï" in text:
        text = _BROKEN.sub(lambda found: _WHOLE[found[0]], text)
    text = text.replace("\u2028", "\n").replace("\u2029", "\n").translate(_CONTROLS)
    # half of a pair of surrogates is no character: no file could be written with it
    return _SURROGATE.sub(_LOST, text)


_SURROGATE = re.compile(r"[\ud800-\udfff]")


def _broken_forms() -> dict[str, str]:
    # a control that stands for a sign of Windows-1252, itself written as UTF-8 and read as Latin-1
    forms = {f"Â{chr(code)}": sign for code, sign in _CONTROLS.items() if code >= 0x80 and sign}
    for sign in _SIGNS:
        raw = sign.encode()
        forms[raw.decode("latin-1")] = sign
        # the five bytes that Windows-1252 does not have came through as they were
        forms["".join(bytes([byte]).decode("cp1252", errors="ignore") or chr(byte) for byte in raw)] = sign
    return forms


_WHOLE = _broken_forms()
_BROKEN = re.compile("|".join(sorted(map(re.escape, _WHOLE), key=len, reverse=True)))


def _decode(text: str) -> str:
    return _ENTITY.sub(lambda found: html.unescape(found[0]), text)


def _without_tags(text: str) -> str:
    if "<" not in text:
        return text
    kept: list[str] = []
    hidden: str | None = None
    for part in _TAG.split(text):
        if not _TAG.fullmatch(part):
            if hidden is None:
                kept.append(part)
            continue
        name = "--" if part in {"<!--", "-->"} else part.strip("</>").split()[0].split("/")[0].lower()
        closing = part.startswith("</") or part == "-->"
        if hidden is not None:
            hidden = None if closing and name == hidden else hidden
        elif not closing and (name in _HIDDEN or name == "--"):
            hidden = name
        elif name in _BREAKS:
            kept.append("\n- " if name == "li" and not closing else "\n")
    return "".join(kept)


def _tidy(text: str, *, lines: bool) -> str:
    if not lines:
        return " ".join(text.split())
    several = (" ".join(line.split()) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(several)).strip()
