"""The city of a branch, as people write branches: no licensed list of them exists, so the name itself must tell."""

from __future__ import annotations

import re

_BANK = re.compile(r"^.*?(?:银行|信用社|农信社|工行|农行|中行|建行|交行|招行|邮储)(?:股份有限公司)?(?=.{2})")
_PROVINCE = re.compile(r"^\D{2,7}?(?:省|自治区)(?=.{2})")
_CITY = re.compile(r"^(.{2,6}?)市")
KEY = 2
"""Characters of a city's name that tell it from others: 深圳福田支行 has no 市 that would end the name."""


def city_key(branch: str) -> str:
    """The first two characters of the city a branch is in, "" where there are fewer; the same for every way of writing it.

    深圳福田支行, 广东省深圳市福田支行 and 中国银行深圳福田支行 are all 深圳. Latin names give their first word.
    """
    plain = _PROVINCE.sub("", _BANK.sub("", branch.strip())).strip()
    if re.match("[A-Za-z]", plain):
        return plain.split()[0].lower()[:16]
    found = _CITY.match(plain)
    city = found[1] if found else plain
    return city[:KEY] if len(city) >= KEY else ""
