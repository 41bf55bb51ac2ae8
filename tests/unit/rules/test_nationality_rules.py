"""Which nationalities a document allows, and how countries are listed."""

from __future__ import annotations

import pytest

from webapp.identity.rules.documents import DocumentType
from webapp.identity.rules.nationalities import allowed, country_name, country_names, offered
from webapp.web.locale import BY_CODE

HK_MACAO = DocumentType.HK_MACAO_PERMIT


@pytest.mark.parametrize(
    "kind",
    [
        DocumentType.RESIDENT_ID,
        DocumentType.OVERSEAS_CHINESE_PASSPORT,
        DocumentType.TAIWAN_PERMIT,
        DocumentType.RESIDENCE_PERMIT,
    ],
)
def test_documents_of_chinese_citizens_offer_china_alone(kind):
    assert offered(kind) == ("CHN",)
    assert not allowed(kind, "whatever", "CAN")


@pytest.mark.parametrize(
    ("number", "nationality", "right"),
    [
        ("H12345678", "CHN", True),
        ("M12345678", "PRT", False),
        ("HA1234567", "GBR", True),
        ("ma 1234567", "PRT", True),
        ("HA1234567", "CHN", False),
        ("HA1234567", "TWN", False),
        ("HA1234567", "ZZZ", False),
    ],
)
def test_a_permit_of_hong_kong_or_macao_tells_whether_its_holder_is_chinese(number, nationality, right):
    assert allowed(HK_MACAO, number, nationality) is right


def test_a_foreign_passport_offers_every_country_but_china_and_statelessness_too():
    countries = offered(DocumentType.PASSPORT)
    assert not {"CHN", "HKG", "MAC", "TWN"} & set(countries)
    assert {"CAN", "XXA", "XKX"} <= set(countries)
    assert len(countries) == len(set(countries)) == 247


@pytest.mark.parametrize(
    ("locale", "names"),
    [
        ("zh_Hans", ["中国", "中国香港", "中国澳门", "中国台湾"]),
        ("zh_CN", ["中国", "中国香港", "中国澳门", "中国台湾"]),
        ("zh_Hant", ["中國", "中國香港", "中國澳門", "中國台灣"]),
        ("zh_HK", ["中國", "中國香港", "中國澳門", "中國台灣"]),
        ("en", ["China", "Hong Kong, China", "Macao, China", "Taiwan, China"]),
    ],
)
def test_china_and_its_parts_come_first_under_their_proper_names(locale, names):
    assert [name for _, name in country_names(locale)[:4]] == names


@pytest.mark.parametrize("locale", sorted(BY_CODE))
def test_every_country_that_a_form_offers_has_a_name_in_each_language(locale):
    names = dict(country_names(locale))
    assert set(offered(HK_MACAO)) <= set(names)
    assert [code for code, name in names.items() if name == code or not name] == []


def test_after_the_frequent_ones_countries_are_sorted_in_the_readers_way():
    chinese = [name for _, name in country_names("zh_Hans")]
    assert chinese.index("阿根廷") < chinese.index("巴西") < chinese.index("西班牙")
    english = [name for _, name in country_names("en")]
    assert english.index("Åland Islands") < english.index("Albania") < english.index("Zambia")


def test_an_unknown_country_names_itself():
    assert country_name("ZZZ", "zh_Hans") == "ZZZ"
