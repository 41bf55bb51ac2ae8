"""Makes webapp/payee/data/{banks,bins}.csv from the npm package `bankcard` (MIT): `make banks`.

Usage: python tools/update_banks.py [VERSION | FOLDER_OF_THE_UNPACKED_PACKAGE]

A version is fetched with `npm pack`; without one, the version that the tables were made from last (data/SOURCE.txt), so
that a run without arguments shows whether the tables are still those of their source. A newer one shows as a difference.

What the package hasn't got is kept from the banks.csv that is already there: English names, CNAPS
classes, head-office numbers, which banks are main ones and in which order.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pypinyin import Style, lazy_pinyin

DATA = Path(__file__).parents[1] / "webapp" / "payee" / "data"
SOURCE = DATA / "SOURCE.txt"
TYPES = {"DC": "debit", "CC": "credit", "SCC": "semi_credit", "PC": "prepaid"}
# the package still has the names of before these banks were renamed
RENAMED = {"GDB": "广发银行", "GYCB": "贵阳银行"}
NO_BANK = {
    "CSC": "",  # 「CSC借记卡」 names a card and no bank; nobody can say where such an account is held
    "COMMHK": "COMM",  # a branch abroad of the Bank of Communications, with credit cards alone
}
"""What the package lists beside the banks, and which bank's its cards are; where that is "", its prefixes say nothing."""
KEPT = ("english", "cnaps_class", "hq_number", "main")
Bin = tuple[str, int, str, str]
_BIN = re.compile(r"bin: '(\d+)', bank: '(\w+)', type: (\w+), len: (\d+)")
_NAME = re.compile(r"code: '(\w+)', name: '([^']+)'")


def main(package: Path) -> None:
    """Writes both tables, sorted, so that a new version shows as a readable difference."""
    source = (package / "dist" / "bankcard.cjs.js").read_text(encoding="utf-8")
    bins = sorted((b, int(n), code, TYPES[kind]) for b, code, kind, n in _BIN.findall(source))
    names = dict(_NAME.findall(source)) | RENAMED
    if not bins or {code for _, _, code, _ in bins} - set(names):
        raise SystemExit("The package is written in another way now: no prefix or no name found.")
    bins, used, former = told_apart(bins, names)
    _write("bins.csv", ("bin", "length", "bank_code", "card_type"), bins)
    _write("banks.csv", ("code", "name", *KEPT, "pinyin", "initials", "former"), _banks(used, former))
    notice = (package / "LICENSE").read_text(encoding="utf-8")
    (DATA / "LICENSE").write_text(notice, encoding="utf-8")
    version = json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]
    SOURCE.write_text(f"bankcard {version}\n", encoding="utf-8")
    print(f"bankcard {version}: {len(bins)} prefixes of {len(used)} banks")


def told_apart(bins: Sequence[Bin], names: Mapping[str, str]) -> tuple[list[Bin], dict[str, str], dict[str, list[str]]]:
    """The prefixes with one code a bank, the names of these codes, and the codes that went up in each.

    The package has some banks twice: a list with the same name two times asks its reader for a choice that isn't one. The
    code with the most prefixes stays.
    """
    count = Counter(code for _, _, code, _ in bins)
    stays: dict[str, str] = {}
    for code in sorted(count, key=lambda code: (-count[code], code)):
        if code not in NO_BANK:
            stays.setdefault(names[code], code)
    became = {code: NO_BANK[code] if code in NO_BANK else stays[names[code]] for code in count}
    former: dict[str, list[str]] = {}
    for code in sorted(became):
        if became[code] not in ("", code):
            former.setdefault(became[code], []).append(code)
    kept = sorted((digits, length, became[code], kind) for digits, length, code, kind in bins if became[code])
    return kept, {code: names[code] for code in {code for _, _, code, _ in kept}}, former


def fetched(version: str, folder: Path) -> Path:
    """The package, unpacked below `folder`. Raises CalledProcessError where npm can't fetch it."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is needed to fetch the package; or unpack it yourself and give its folder.")
    subprocess.run([npm, "pack", "--silent", f"bankcard@{version}", "--pack-destination", folder], check=True)
    (archive,) = folder.glob("bankcard-*.tgz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder / "package"


def _banks(names: dict[str, str], former: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    before = _before()
    place = {code: i for i, code in enumerate(before) if before[code]["main"] == "1"}
    order = sorted(names, key=lambda code: (place.get(code, 9999), names[code].encode("gb18030"), code))
    return [
        (*_bank(code, names[code], before.get(code, {"main": "0"})), " ".join(former.get(code, ()))) for code in order
    ]


def _bank(code: str, name: str, before: dict[str, str]) -> tuple[str, ...]:
    plain = re.sub(r"\W", "", name)
    pinyin = "".join(lazy_pinyin(plain)).lower()
    initials = "".join(lazy_pinyin(plain, style=Style.FIRST_LETTER)).lower()
    return (code, name, *(before.get(column, "") for column in KEPT), pinyin, initials)


def _before() -> dict[str, dict[str, str]]:
    with (DATA / "banks.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


def _write(table: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with (DATA / table).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def command(given: str) -> None:
    """Updates from a folder, or from a version that is fetched into a folder that is gone afterwards."""
    if Path(given).is_dir():
        main(Path(given))
        return
    with tempfile.TemporaryDirectory() as folder:
        main(fetched(given, Path(folder)))


if __name__ == "__main__":
    command(sys.argv[1] if len(sys.argv) > 1 else SOURCE.read_text(encoding="utf-8").split()[1])
