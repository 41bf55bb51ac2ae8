"""What a letter's HTML says and shows; whatever could reach elsewhere is refused."""

from __future__ import annotations

import base64
import io
import re
import warnings
from collections.abc import Mapping
from html.parser import HTMLParser

from PIL import Image, UnidentifiedImageError

from webapp.ports.failures import SeamMisused

Attributes = list[tuple[str, str | None]]

FRAME = frozenset(("html", "head", "title", "meta", "style", "body"))
WORDS = frozenset(("div", "p", "span", "h1", "h2", "h3", "h4", "strong", "em", "b", "i", "br", "hr"))
LISTS = frozenset(("ol", "ul", "li", "dl", "dt", "dd"))
TABLES = frozenset(("table", "thead", "tbody", "tr", "th", "td"))
OTHERS = frozenset(("img", "pdf:pagenumber", "pdf:pagecount", "pdf:nextpage"))
TAGS = FRAME | WORDS | LISTS | TABLES | OTHERS
ADDRESSES = frozenset(("src", "href", "background", "srcset", "data", "action", "xlink:href"))
UNSEEN = frozenset(("title", "style"))
_REACHING = re.compile(r"url\s*\(|@import|\\", re.IGNORECASE)  # a backslash can spell the others
_SOURCE = re.compile(r'(\ssrc=")([^"]*)(")')
_KINDS = {"PNG": "image/png", "JPEG": "image/jpeg"}


class LetterReachesOut(SeamMisused):
    """The HTML names something other than the pictures handed in with it."""


class PictureUnreadable(SeamMisused):
    """A picture is neither PNG nor JPEG, or broken; the letter would come out without it."""


class Contents(HTMLParser):
    """`text` is what will be printed, `images` the <img> tags as they are written."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self._said: list[str] = []
        self._within: str = ""
        self.images: set[str] = set()
        self.feed(html)
        self.close()
        self.text = "".join(self._said)

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        """Raises LetterReachesOut for a tag or an attribute outside the few that a letter needs."""
        if tag not in TAGS:
            raise LetterReachesOut(f"<{tag}>")
        for name, value in attrs:
            if name in ADDRESSES and (tag, name) != ("img", "src"):
                raise LetterReachesOut(f"<{tag} {name}>")
            if name == "style":
                _stay_home(value or "")
        if tag == "img":
            self.images.add(self.get_starttag_text() or "")
        self._within = tag

    def handle_endtag(self, tag: str) -> None:
        """After </style> or </title> the text is printed again."""
        if tag in UNSEEN:
            self._within = ""

    def handle_data(self, data: str) -> None:
        """Raises LetterReachesOut for a style sheet that could fetch."""
        if self._within == "style":
            _stay_home(data)
        if self._within not in UNSEEN:
            self._said.append(data)


def with_pictures(html: str, images: set[str], pictures: Mapping[str, bytes]) -> str:
    """The same HTML with each picture inside it. Raises LetterReachesOut, PictureUnreadable."""
    for tag in images:
        name = _SOURCE.search(tag)
        if name is None or name[2] not in pictures:
            raise LetterReachesOut("<img>: its picture was not handed in")
        inlined = _SOURCE.sub(rf"\g<1>{_data_address(pictures[name[2]])}\g<3>", tag, count=1)
        html = html.replace(tag, inlined)
    return html


def _stay_home(css: str) -> None:
    if _REACHING.search(css):
        raise LetterReachesOut("a style that names an address")


def _data_address(picture: bytes) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(picture), formats=list(_KINDS))
            image.load()
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombWarning) as error:
        raise PictureUnreadable(type(error).__name__) from error
    return f"data:{_KINDS[str(image.format)]};base64,{base64.b64encode(picture).decode()}"
