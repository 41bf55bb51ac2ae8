"""Finding people of a case by a part of their name, though names are sealed.

For each character of a Chinese name (traditional and simplified as one), and for each word of a Latin one and its first
three letters, there is a keyed hash with the ids of those who have it. How often a hash occurs can be counted by whoever
has the database, which tells how common a character is, and no more. What is found is a hint: the names are opened and
looked at before anybody is shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, LargeBinary, Row, String, and_, column, select, values

from webapp.cases.models import CasePayee
from webapp.cases.register_models import NamePosting
from webapp.core.db import db
from webapp.core.sealing import key_ring
from webapp.identity.rules.characters import plain_character
from webapp.identity.rules.names import check_name

BY_HAND = "hand"
TOKEN = 8
FOREMOST = 3
CASES_AT_ONCE = 200
OPENED_AT_ONCE = 200
MOST_OPENED = 2000
"""How many names one search opens at most; whoever looks for so common a name is asked for more of it."""
_HAN = re.compile("[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\ue000-\uf8ff]")
_COMMON = re.compile("[\u4e00-\u9fff]+")
Ids = NDArray[np.int64]
Named = Row[int, str, str]
"""Id, case and name of an entry."""


def folded(name: str) -> str:
    """A name as it is compared: one way of writing, no accents, no case, twin characters as one."""
    if _COMMON.fullmatch(name):  # these are written in one way only; thousands are compared for one search
        return "".join(map(plain_character, name))
    letters = unicodedata.normalize("NFKD", check_name(name).value)
    return "".join(plain_character(c) for c in letters if not unicodedata.combining(c)).casefold()


def parts_of(name: str, *, whole: bool = True) -> set[str]:
    """What a name is found by. `whole=False`: of something typed in a search box, whose last word may be half a word."""
    plain = folded(name)
    words = [word for word in re.split(r"[^\w]+", _HAN.sub(" ", plain)) if len(word) >= FOREMOST or (whole and word)]
    return {*_HAN.findall(plain), *(word[:FOREMOST] for word in words)}


class NameCollector:
    """Gathers who has which part, for a million names in little memory: whole characters as numbers, words by name."""

    def __init__(self) -> None:
        self._codes: list[NDArray[np.uint32]] = []
        self._ids: list[Ids] = []
        self._words: dict[str, list[int]] = {}

    def add(self, names: Sequence[str], ids: Sequence[int]) -> None:
        """Takes in some names with the ids of those who have them."""
        lengths = np.fromiter(map(len, names), np.int64, len(names))
        self._codes.append(np.frombuffer("".join(names).encode("utf-32-le", "surrogatepass"), np.uint32))
        self._ids.append(np.repeat(np.asarray(ids, np.int64), lengths))
        for name, payee in zip(names, ids, strict=True):
            if name < "\u3000" or not name.isidentifier():  # only what isn't plain Chinese
                for part in parts_of(name):
                    if not _HAN.match(part):
                        self._words.setdefault(part, []).append(payee)

    def postings(self, case_id: str) -> Iterator[tuple[bytes, int, bytes]]:
        """(token, first, steps) of each part that occurs."""
        ids_of: dict[str, list[Ids]] = {part: [np.asarray(ids, np.int64)] for part, ids in self._words.items()}
        if self._codes:
            codes, ids = np.concatenate(self._codes), np.concatenate(self._ids)
            order = np.argsort(codes, kind="stable")
            codes, ids = codes[order], ids[order]
            starts = np.flatnonzero(np.diff(codes, prepend=np.uint32(0)) != 0)
            for start, end in zip(starts, [*starts[1:], len(codes)], strict=True):
                character = folded(chr(int(codes[start])) * 2)[:1]
                if _HAN.fullmatch(character):
                    ids_of.setdefault(character, []).append(ids[start:end])
        token = _tokens(case_id)
        for part, found in ids_of.items():
            yield token(part), *packed(np.concatenate(found))


def packed(ids: Ids) -> tuple[int, bytes]:
    """Ids as a first one and 32-bit steps from it, ascending, each once."""
    unique = _distinct(ids)
    first = int(unique[0])
    return first, (unique - first).astype("<u4").tobytes()


def unpacked(first: int, steps: bytes) -> Ids:
    """What `packed` packed."""
    return np.frombuffer(steps, "<u4").astype(np.int64) + first


def _distinct(ids: Ids) -> Ids:
    """Ids ascending, each once. numpy's own `unique` goes by a hash since 2.3, which takes ten times as long for these."""
    ordered = np.sort(ids)
    new: NDArray[np.bool_] = np.diff(ordered, prepend=ordered[:1] - 1) != 0
    return ordered[new]


def _merged(lists: Sequence[Ids]) -> Ids:
    """Postings of one part, each ascending, as one."""
    return lists[0] if len(lists) == 1 else _distinct(np.concatenate(lists)) if lists else np.empty(0, np.int64)


def _in_both(some: Ids, others: Ids) -> Ids:
    """What stands in two ascending lists: each of the shorter one is looked up in the longer."""
    few, many = sorted((some, others), key=len)
    if not few.size:
        return few
    places: NDArray[np.intp] = np.minimum(np.searchsorted(many, few), many.size - 1)
    there: NDArray[np.bool_] = many[places] == few
    return few[there]


def candidates(case_id: str, typed: str) -> Ids | None:
    """Ids, ascending, of those who may have every part of `typed` in their name; None when nothing can be looked for."""
    parts = parts_of(typed, whole=False)
    if not parts:
        return None
    token, common = _tokens(case_id), None
    for part in parts:
        here = NamePosting.case_id == case_id, NamePosting.token == token(part)
        lists = [
            unpacked(row.first, row.steps)
            for row in db.session.execute(select(NamePosting.first, NamePosting.steps).where(*here))
        ]
        found = _merged(lists)
        common = found if common is None else _in_both(common, found)
    return common


def candidates_in(case_ids: Sequence[str], typed: str) -> Ids | None:
    """As `candidates`, over many cases: tokens differ from case to case, so each part asks for one token of each."""
    parts = parts_of(typed, whole=False)
    if not parts:
        return None
    common: dict[str, Ids] | None = None
    for part in parts:
        here = _having(case_ids if common is None else list(common), part)
        common = here if common is None else {
            case: both for case, ids in here.items() if (both := _in_both(common[case], ids)).size
        }  # fmt: skip
    found = list((common or {}).values())
    return np.sort(np.concatenate(found)) if found else np.empty(0, np.int64)


def _having(case_ids: Sequence[str], part: str) -> dict[str, Ids]:
    """Who of each case has this part, some hundred cases at a time."""
    lists: dict[str, list[Ids]] = {}
    for start in range(0, len(case_ids), CASES_AT_ONCE):
        pairs = [(case, _tokens(case)(part)) for case in case_ids[start : start + CASES_AT_ONCE]]
        columns = column("case_id", String), column("token", LargeBinary)
        wanted = (
            values(*columns, name="pairs").data(pairs).cte("wanted")
        )  # SQLite walks the whole index for a list of pairs
        rows = select(NamePosting.case_id, NamePosting.first, NamePosting.steps).select_from(wanted)
        here = NamePosting.case_id == wanted.c.case_id, NamePosting.token == wanted.c.token
        for row in db.session.execute(rows.join(NamePosting, and_(*here))):
            lists.setdefault(row.case_id, []).append(unpacked(row.first, row.steps))
    return {case: _merged(ids) for case, ids in lists.items()}


def fitting(ids: Ids, typed: str, *where: ColumnElement[bool]) -> Iterator[Named]:
    """Of these entries, in their order, those that have what was typed in their name; `where` narrows them further.

    Nothing but names is opened, so that thousands can be looked at.
    """
    wanted = folded(typed)
    for start in range(0, len(ids), OPENED_AT_ONCE):
        some = [int(one) for one in ids[start : start + OPENED_AT_ONCE]]
        named = select(CasePayee.id, CasePayee.case_id, CasePayee.name).where(CasePayee.id.in_(some), *where)
        yield from (row for row in db.session.execute(named.order_by(CasePayee.id)) if wanted in folded(row.name))


def index_by_hand(case_id: str, people: Iterable[tuple[str, int]]) -> None:
    """Adds single people. Inside a unit of work."""
    token = _tokens(case_id)
    for name, payee in people:
        for part in parts_of(name):
            key = (case_id, token(part), BY_HAND)
            posting = db.session.get(NamePosting, key, with_for_update=True)
            known = unpacked(posting.first, posting.steps) if posting else np.empty(0, np.int64)
            first, steps = packed(np.append(known, payee))
            if posting is None:
                db.session.add(NamePosting(case_id=key[0], token=key[1], segment=key[2], first=first, steps=steps))
            else:
                posting.first, posting.steps = first, steps
    db.session.flush()


def _tokens(case_id: str) -> Callable[[str], bytes]:
    keyed = key_ring().hasher(f"name-part:{case_id}")
    return lambda part: keyed(part)[:TOKEN]
