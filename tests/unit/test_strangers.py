"""What leads elsewhere in the court's own texts, however it is spelled; and what doesn't."""

from __future__ import annotations

import time

import pytest

from webapp.core.strangers import first_stranger

ADDRESS = "https://court.example.gov.cn"
NUMBERS = ("0755-12368", "张法官 0755-88881234")


@pytest.mark.parametrize(
    "words",
    [
        "请改到 http://sz-court.evil.example/pay 填写",
        "请打开www.evil.com",
        "打开evil.cn填写",
        "ｅｖｉｌ．ｃｏｍ",
        "evil。com",
        "evil . com",
        "evil点com",
        "evil dot com",
        "evil[.]com/x",
        "e v i l . c o m",
        "e\u200bvil.c\u200bom",
        "法院.中国",
        "court.example.gov.cn.evil.com",
        "https://court.example.gov.cn@evil.com/",
        "https://court.example.gov.cn.evil/",
        "xcourt.example.gov.cn",
        "hxxp:/evil.zz",
        "weixin://dl/x",
        "写信到 pay@evil.com",
        "写信到 pay @ evil",
        "pay(at)evil.com",
        "1.2.3.4",
        "请打 13800138000",
        "请打138 0013 8000",
        "请打１３８００１３８０００",
        "请打一三八零零一三八零零零",
        "+1 (650) 555-1234",
        "400-820-8820",
        "0755-12368 或 13800138000",
        "請打0755-123689",
        "https://court.example.gov.cn\\@evil.com",
        "１．２．３．４",
        "①③⑧⓪⓪①③⑧⓪⓪⓪",
        "bit.ly/abc",
        "1380013-8000",
    ],
)
def test_what_leads_elsewhere_is_found(words: str) -> None:
    assert first_stranger(words, addresses=(ADDRESS,), numbers=NUMBERS)


@pytest.mark.parametrize(
    "words",
    [
        "请重新拍资料页。",
        "请于 2026-11-30 10:00:00 前办理，金额 12000.00 元。",
        "请拨打 0755-12368 或 0755-88881234。",
        "请打开 https://court.example.gov.cn/verify 继续",
        "court.example.gov.cn",
        "尾号 1234 的账户，第 3 页，共 12 页",
        "Please retake the photo. It is not clear. Top left. In the corner.",
        "（2023）粤0399执1234号",
        "La photo est floue, p. ex. le nom. Il faut",
        "请打 +86 755-12368",
        "请按 12368 转人工",
        "照片不清楚，e.g. 反光",
        "拨打0755-12368 10点前",
        "二〇二六年十一月三十日",
        "Fotografía borrosa. Vuelva a tomarla...",
        "Das Foto ist z.B. unscharf",
        "مرحبا بك. الصورة غير واضحة",
        "2026.11.30 至 2026.12.31",
        "https://COURT.example.gov.cn/a?next=http://evil.com",
    ],
)
def test_dates_amounts_and_the_courts_own_are_nobody_elses(words: str) -> None:
    assert first_stranger(words, addresses=(ADDRESS,), numbers=NUMBERS) == ""


def test_the_part_that_offends_is_named() -> None:
    words = "请改到 http://sz-court.evil.example/pay 填写银行卡号和短信验证码"
    assert first_stranger(words) == "http://sz-court.evil.example/pay"
    assert first_stranger("请打 138 0013 8000。") == "138 0013 8000"


def test_a_long_text_takes_no_long_time() -> None:
    for words in (
        "a." * 10_000,
        "1 " * 10_000,
        "a " * 10_000,
        "@" * 20_000,
        "x" * 20_000,
        "1." * 10_000,
        "://" * 7_000,
    ):
        started = time.monotonic()
        first_stranger(words)
        assert time.monotonic() - started < 5, words[:6]
