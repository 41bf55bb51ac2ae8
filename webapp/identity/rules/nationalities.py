"""Which nationalities a document allows, and countries by name in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pycountry
from babel import Locale

from webapp.core.by_name import order_of, script_of
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
# CLDR's own names are 台湾 and 中国香港特别行政区; a Chinese court writes these.
_OWN_NAMES: Mapping[str, Mapping[str, str]] = {
    "HKG": {
        "Hans": "中国香港", "Hant": "中國香港", "en": "Hong Kong, China", "ja": "中国香港", "ko": "중국 홍콩",
        "fr": "Hong Kong (Chine)", "de": "Hongkong, China", "es": "Hong Kong (China)", "pt": "Hong Kong (China)",
        "ru": "Гонконг (Китай)", "ar": "هونغ كونغ، الصين", "it": "Hong Kong (Cina)", "vi": "Hồng Kông, Trung Quốc",
        "th": "ฮ่องกง ประเทศจีน", "id": "Hong Kong, Tiongkok", "hi": "हांगकांग, चीन",
    },
    "MAC": {
        "Hans": "中国澳门", "Hant": "中國澳門", "en": "Macao, China", "ja": "中国マカオ", "ko": "중국 마카오",
        "fr": "Macao (Chine)", "de": "Macau, China", "es": "Macao (China)", "pt": "Macau (China)",
        "ru": "Макао (Китай)", "ar": "ماكاو، الصين", "it": "Macao (Cina)", "vi": "Ma Cao, Trung Quốc",
        "th": "มาเก๊า ประเทศจีน", "id": "Makau, Tiongkok", "hi": "मकाओ, चीन",
    },
    "TWN": {
        "Hans": "中国台湾", "Hant": "中國台灣", "en": "Taiwan, China", "ja": "中国台湾", "ko": "중국 타이완",
        "fr": "Taïwan (Chine)", "de": "Taiwan, China", "es": "Taiwán (China)", "pt": "Taiwan (China)",
        "ru": "Тайвань (Китай)", "ar": "تايوان، الصين", "it": "Taiwan (Cina)", "vi": "Đài Loan, Trung Quốc",
        "th": "ไต้หวัน ประเทศจีน", "id": "Taiwan, Tiongkok", "hi": "ताइवान, चीन",
    },
    STATELESS: {
        "Hans": "无国籍", "Hant": "無國籍", "en": "Stateless", "ja": "無国籍", "ko": "무국적", "fr": "Apatride",
        "de": "Staatenlos", "es": "Apátrida", "pt": "Apátrida", "ru": "Без гражданства", "ar": "عديم الجنسية",
        "it": "Apolide", "vi": "Không quốc tịch", "th": "ไร้สัญชาติ", "id": "Tanpa kewarganegaraan", "hi": "राज्यविहीन",
    },
}  # fmt: skip


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
    order = order_of(locale)
    rest = [(code, country_name(code, locale)) for code in _ABROAD if code not in first]
    rest.sort(key=lambda pair: order(pair[1]))
    return (*((code, country_name(code, locale)) for code in first), *rest)


def country_name(alpha3: str, locale: str) -> str:
    """One country's name; an unknown code names itself."""
    if alpha3 in _OWN_NAMES:
        names = _OWN_NAMES[alpha3]
        return names.get(script_of(locale) or locale.split("_", maxsplit=1)[0], names["en"])
    country = pycountry.countries.get(alpha_3=alpha3)
    alpha2 = "XK" if alpha3 == KOSOVO else country.alpha_2 if country else ""
    return str(Locale.parse(locale).territories.get(alpha2, alpha3))
