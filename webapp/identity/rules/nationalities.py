"""Which nationalities a document allows, and countries by name in the reader's language."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import cache

import pycountry
from babel import Locale

from webapp.identity.rules.documents import DocumentType, normalise

CHINESE_ONLY = frozenset(
    {
        DocumentType.RESIDENT_ID,
        DocumentType.OVERSEAS_CHINESE_PASSPORT,
        DocumentType.TAIWAN_PERMIT,
        DocumentType.RESIDENCE_PERMIT,
    }
)
PARTS_OF_CHINA = ("HKG", "MAC", "TWN")
STATELESS, KOSOVO = "XXA", "XKX"  # ICAO Doc 9303 part 3, section 5: not in ISO 3166
_FREQUENT = (
    "USA", "CAN", "AUS", "NZL", "GBR", "DEU", "FRA", "ITA", "JPN", "KOR", "SGP", "MYS", "VNM",
    "IDN", "PHL", "THA", "IND", "RUS",
)  # fmt: skip
_ABROAD = (
    *sorted(c.alpha_3 for c in pycountry.countries if c.alpha_3 not in (*PARTS_OF_CHINA, "CHN")),
    KOSOVO,
    STATELESS,
)
# CLDR's own names are 台湾 and 中国香港特别行政区
_OWN_NAMES = {
    "HKG": ("中国香港", "中國香港", "Hong Kong, China"),
    "MAC": ("中国澳门", "中國澳門", "Macao, China"),
    "TWN": ("中国台湾", "中國台灣", "Taiwan, China"),
    STATELESS: ("无国籍", "無國籍", "Stateless"),
}


def offered(document_type: DocumentType) -> tuple[str, ...]:
    """ISO 3166 alpha-3 codes that a form offers for this type, CHN first where it is one."""
    if document_type in CHINESE_ONLY:
        return ("CHN",)
    if document_type is DocumentType.HK_MACAO_PERMIT:
        return ("CHN", *_ABROAD)
    return _ABROAD


def allowed(document_type: DocumentType, number: str, nationality: str) -> bool:
    """True when a holder of this document and number can have this nationality.

    Permits H and M are for Chinese residents of Hong Kong and Macao; HA and MA, since July 2024,
    for those who aren't Chinese.
    """
    if nationality not in offered(document_type):
        return False
    if document_type is DocumentType.HK_MACAO_PERMIT:
        return (nationality == "CHN") != (normalise(number)[1:2] == "A")
    return True


@cache
def country_names(locale: str) -> tuple[tuple[str, str], ...]:
    """(alpha-3, name) in a locale: China and its parts first, then frequent ones, then by name."""
    first = ("CHN", *PARTS_OF_CHINA, *_FREQUENT)
    order = _order(locale)
    rest = [(code, country_name(code, locale)) for code in _ABROAD if code not in first]
    rest.sort(key=lambda pair: order(pair[1]))
    return (*((code, country_name(code, locale)) for code in first), *rest)


def country_name(alpha3: str, locale: str) -> str:
    """One country's name; an unknown code names itself."""
    if alpha3 in _OWN_NAMES:
        simplified, traditional, english = _OWN_NAMES[alpha3]
        return {"Hans": simplified, "Hant": traditional}.get(_script(locale), english)
    country = pycountry.countries.get(alpha_3=alpha3)
    alpha2 = "XK" if alpha3 == KOSOVO else country.alpha_2 if country else ""
    return str(Locale.parse(locale).territories.get(alpha2, alpha3))


def _script(locale: str) -> str:
    """Hans, Hant, or nothing for a language that isn't Chinese."""
    if not locale.startswith("zh"):
        return ""
    traditional = {"Hant", "TW", "HK", "MO"} & set(locale.replace("-", "_").split("_"))
    return "Hant" if traditional else "Hans"


def _order(locale: str) -> Callable[[str], bytes]:
    """How names are sorted there: by pinyin, by strokes, by letters without their accents."""
    encoding = {"Hans": "gb18030", "Hant": "big5hkscs"}.get(_script(locale))
    if encoding:  # common characters stand in these orders in these character sets
        return lambda name: name.encode(encoding, errors="replace")
    return lambda name: unicodedata.normalize("NFKD", name).casefold().encode("ascii", "ignore")
