"""Nothing shown is untranslated: catalogues hold exactly today's strings, all translated, with the same placeholders."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from jinja2 import Environment

from tools.update_translations import LANGUAGES, ROOT, source_strings

HAN = re.compile(r"[\u3400-\u9fff]")
PLACEHOLDER = re.compile(r"%\(\w+\)s")
TEMPLATES = [
    path
    for path in (ROOT / "templates").rglob("*")
    if path.suffix in (".html", ".webmanifest") and "letters" not in path.parts
]
NAMED_IN_THEIR_OWN_SCRIPT = {"中文", "样本"}


def catalogue(language: str) -> Catalog:
    with (ROOT / "translations" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_holds_exactly_todays_strings_all_translated(language: str) -> None:
    said = {message.id for message in source_strings() if message.id}
    held = {message.id: message for message in catalogue(language) if message.id}
    assert said - set(held) == set(), "run tools/update_translations.py and translate"
    assert set(held) - said == set(), "run tools/update_translations.py"
    assert [key for key, message in held.items() if not message.string or message.fuzzy] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_the_same_in_every_language(language: str) -> None:
    for message in catalogue(language):
        if message.id:
            assert sorted(PLACEHOLDER.findall(str(message.id))) == sorted(PLACEHOLDER.findall(str(message.string))), (
                message.id
            )


def test_english_holds_no_chinese() -> None:
    assert [message.string for message in catalogue("en") if message.id and HAN.search(str(message.string))] == []


@pytest.mark.parametrize("language", ["source", "zh_Hant"])
def test_chinese_has_full_width_punctuation(language: str) -> None:
    texts = (
        [str(m.id) for m in source_strings() if m.id]
        if language == "source"
        else [str(m.string) for m in catalogue(language) if m.id]
    )
    assert [text for text in texts if re.search(r"[\u3400-\u9fff][,.!?;:]", text)] == []


def test_traditional_chinese_has_no_simplified_characters_left() -> None:
    simplified = set("们这请证请让说为从发会过关书银卡号码错误样银没么龙东车马鸟鱼") - set("卡會")
    shown = {c for m in catalogue("zh_Hant") if m.id for c in str(m.string)}
    assert shown & (simplified - set("卡")) == set()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_no_template_says_anything_outside_the_catalogues(template: Path) -> None:
    source = template.read_text(encoding="utf-8")
    said = [
        text for _line, kind, text in Environment(autoescape=True).lex(source) if kind == "data" and HAN.search(text)
    ]
    left = [
        text.strip()
        for text in said
        if not all(word in NAMED_IN_THEIR_OWN_SCRIPT for word in re.findall(r"[\u3400-\u9fff]+", text))
    ]
    assert left == []
