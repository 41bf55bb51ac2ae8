"""Nothing shown is untranslated: catalogues hold exactly today's strings, all translated, with the same placeholders."""

from __future__ import annotations

import csv
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
BODIES = ROOT / "webapp" / "texts" / "bodies"
SCRIPTS = {"ja": "[぀-ヿ]", "ko": "[가-힯]", "ru": "[Ѐ-ӿ]", "ar": "[؀-ۿ]", "th": "[฀-๿]", "hi": "[ऀ-ॿ]"}
PREVAILS = {
    "en": "Chinese text prevails", "ja": "中国語", "ko": "중국어", "fr": "chinois", "de": "chinesische", "es": "chino",
    "pt": "chinês", "ru": "китайск", "ar": "الصيني", "it": "cinese", "vi": "tiếng Trung", "th": "ภาษาจีน", "id": "Mandarin",
    "hi": "चीनी",
}  # fmt: skip
"""Part of the sentence which says that the Chinese text prevails."""
QUOTES = {
    "zh_Hans": "“”‘’《》", "zh_Hant": "「」『』《》", "en": "“”‘’", "ja": "「」『』《》", "ko": "“”‘’《》", "fr": "«»“”", "de": "„“‚‘",
    "es": "«»“”", "pt": "“”‘’", "ru": "«»„“", "ar": "«»", "it": "«»“”", "vi": "“”‘’", "th": "“”‘’", "id": "“”‘’", "hi": "“”‘’",
}  # fmt: skip
"""Each language's quotation marks: opening and closing, outer and inner."""
MARKS = set("\"'„“”‚‘’«»‹›「」『』《》")
with (ROOT / "docs" / "glossary" / "en.csv").open(encoding="utf-8") as _file:
    TERMS = {row["zh_Hans"] for row in csv.DictReader(_file)}
NAMED_IN_THEIR_OWN_SCRIPT = {"中文", "样本"}


def catalogue(language: str) -> Catalog:
    with (ROOT / "translations" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def pairs(language: str) -> list[tuple[str, str]]:
    """(source, translation) of each string; one that counts gives a pair for each of its forms."""
    found: list[tuple[str, str]] = []
    for message in catalogue(language):
        if message.id:
            source = message.id[0] if message.pluralizable else message.id
            forms = (message.string or ()) if message.pluralizable else [message.string]
            found += [(str(source), str(form or "")) for form in forms]
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_holds_exactly_todays_strings_all_translated(language: str) -> None:
    said = {message.id for message in source_strings(language) if message.id}
    held = {message.id: message for message in catalogue(language) if message.id}
    assert said - set(held) == set(), "run tools/update_translations.py and translate"
    assert set(held) - said == set(), "run tools/update_translations.py"
    assert [key for key, message in held.items() if message.fuzzy] == []
    assert [source for source, words in pairs(language) if not words] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_the_same_in_every_language(language: str) -> None:
    """A form for exactly one, two or none may leave the number out."""
    wrong = []
    for source, words in pairs(language):
        here, there = sorted(PLACEHOLDER.findall(source)), sorted(PLACEHOLDER.findall(words))
        if here != there and not ("%(num)s" in here and sorted([*there, "%(num)s"]) == here):
            wrong.append((source, words))
    assert wrong == []


@pytest.mark.parametrize("language", [code for code in LANGUAGES if not code.startswith("zh") and code != "ja"])
def test_only_readers_of_chinese_characters_are_shown_any(language: str) -> None:
    left = [words for _source, words in pairs(language) if HAN.search(words)]
    assert [words for words in left if not set(HAN.findall(words)) <= set("中文样本")] == []


@pytest.mark.parametrize(("language", "script"), sorted(SCRIPTS.items()))
def test_a_language_is_written_in_its_own_script(language: str, script: str) -> None:
    """Strings that hold more than placeholders, brand names and punctuation."""
    own = re.compile(script)
    plain = [PLACEHOLDER.sub("", words) for _source, words in pairs(language)]
    assert [words for words in plain if len(re.findall(r"\w", words)) > 12 and not own.search(words)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_string_uses_the_courts_terms(language: str) -> None:
    """docs/glossary says what each term is called; the longest term that stands in a sentence counts."""
    with (ROOT / "docs" / "glossary" / f"{language}.csv").open(encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: -len(row["zh_Hans"]))
    assert {row["zh_Hans"] for row in rows} == TERMS
    wrong = []
    for source, words in pairs(language):
        rest = source
        for row in rows:
            if row["zh_Hans"] in rest:
                rest = rest.replace(row["zh_Hans"], "")
                if not any(form.casefold() in words.casefold() for form in row["accepted"].split("|")):
                    wrong.append((row["zh_Hans"], source, words))
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_legal_text_exists_in_every_language_and_says_which_one_prevails(language: str) -> None:
    for source in sorted(BODIES.glob("*.zh_Hans.txt")):
        kind = source.name.split(".")[0]
        there = (BODIES / f"{kind}.{language}.txt").read_text(encoding="utf-8")
        here = source.read_text(encoding="utf-8")
        assert len(there.split("\n", 1)[0]) <= 110, f"{kind}: its column holds 120"
        assert there.strip().count("\n\n") >= here.strip().count("\n\n"), kind
        assert set(re.findall(r"\{\w+\}", here)) == set(re.findall(r"\{\w+\}", there)), kind
        if not language.startswith("zh") and kind != "letter":  # the letter says it in its own place
            assert PREVAILS[language] in there, f"{kind} doesn't say that the Chinese text prevails"


@pytest.mark.parametrize("language", ["source", "zh_Hant"])
def test_chinese_has_full_width_punctuation(language: str) -> None:
    texts = (
        [m.id[0] if m.pluralizable else str(m.id) for m in source_strings() if m.id]
        if language == "source"
        else [words for _source, words in pairs(language)]
    )
    assert [text for text in texts if re.search(r"[\u3400-\u9fff][,.!?;:]", text)] == []


def quoted_wrong(text: str, pairs_of: str) -> bool:
    """True where a quotation mark is none of the language's, or opens and closes in another order than theirs."""
    open_now: list[str] = []
    closes = dict(zip(pairs_of[1::2], pairs_of[::2], strict=True))
    for place, mark in enumerate(text):
        before, after = text[place - 1 : place], text[place + 1 : place + 2]
        if open_now and closes.get(mark) == open_now[-1]:
            open_now.pop()
        elif mark in "’'" and before.isalpha() and (mark not in closes or after.isalpha()):
            continue  # an apostrophe
        elif mark in pairs_of[::2]:
            open_now.append(mark)
        elif mark in MARKS:
            return True
    return bool(open_now)


@pytest.mark.parametrize("language", ["zh_Hans", *LANGUAGES])
def test_quotation_marks_are_those_of_the_language_and_close(language: str) -> None:
    if language == "zh_Hans":
        texts = [str(part) for m in source_strings() if m.id for part in (m.id if m.pluralizable else [m.id])]
    else:
        texts = [words for _source, words in pairs(language)]
    texts += [path.read_text(encoding="utf-8") for path in sorted(BODIES.glob(f"*.{language}.txt"))]
    assert [text for text in texts if quoted_wrong(text, QUOTES[language])] == []


@pytest.mark.parametrize("wrong", ['„Foto"', "„Foto”", "“Foto”", "Foto“", "„Foto", "»Foto«"])
def test_german_with_other_marks_is_found(wrong: str) -> None:
    assert quoted_wrong(wrong, QUOTES["de"]) and not quoted_wrong("Das geht’s „Foto“ so.", QUOTES["de"])


def test_traditional_chinese_has_no_simplified_characters_left() -> None:
    simplified = set("们这请证请让说为从发会过关书银卡号码错误样银没么龙东车马鸟鱼") - set("卡會")
    shown = {c for _source, words in pairs("zh_Hant") for c in words}
    assert shown & (simplified - set("卡")) == set()
    assert "覈" not in shown, "核實 and 審核, as Hong Kong and Taiwan write them"


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
