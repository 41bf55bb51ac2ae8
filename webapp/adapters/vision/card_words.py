"""What the words on a card tell: that it is a card, which way is up, and whether the bank is the number's own."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator

from webapp.adapters.vision.card_lines import Look
from webapp.adapters.vision.text import LineReader
from webapp.ports.card_reader import BankSeen

MOST_WORDS, MOST_NAMES, WORDS_FLOOR = 5, 4, 0.6
LONGEST_NAME = 10.0  # times its height: a bank's name in Chinese; longer lines are other things'
CARD_WORDS = ("银行", "银联", "UNIONPAY", "VALID", "THRU", "DEBIT", "CREDIT", "借记卡", "储蓄卡", "信用卡", "BANK")
BanksNamed = Callable[[str], Collection[str]]


class CardWords:
    """Reads the largest short lines of a picture, and only as many as are asked for: each takes as long as a number."""

    def __init__(self, reader: LineReader, banks_named: BanksNamed) -> None:
        self._reader, self._banks_named = reader, banks_named

    def speak_of_a_card(self, look: Look) -> bool:
        """Whether a word stands there that cards have; upside down none can be read."""
        words = (text.upper().replace(" ", "") for text in self._largest(look))
        return any(any(mark in text for mark in CARD_WORDS) or self._banks_named(text) for text in words)

    def compare(self, look: Look, bank_code: str, above: float) -> BankSeen:
        """A co-branded card names others too: the bank's own name anywhere over the number is enough."""
        seen = BankSeen.UNREAD
        for codes in map(self._banks_named, self._largest(look, above=above, most=MOST_NAMES)):
            if bank_code in codes:
                return BankSeen.AGREES
            if codes:
                seen = BankSeen.DIFFERS
        return seen

    def _largest(self, look: Look, *, above: float = math.inf, most: int = MOST_WORDS) -> Iterator[str]:
        short = [box for box in look.boxes if box.width <= LONGEST_NAME * box.height and box.centre[1] < above]
        for box in sorted(short, key=lambda box: -box.height * box.width)[:most]:
            for line in self._reader.read_all(look.picture, [box], floor=WORDS_FLOOR):
                yield line.text
