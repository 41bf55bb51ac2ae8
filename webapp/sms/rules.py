"""How long an SMS is: what a carrier counts, and charges, as segments (3GPP TS 23.038 and 23.040)."""

from __future__ import annotations

from dataclasses import dataclass

LONGEST = 500  # characters with the signature; the most that Chinese gateways take in one message
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = "^{}\\[~]|€"  # two septets each


@dataclass(frozen=True, slots=True)
class SmsLength:
    """`units` are septets (`gsm7`) or UTF-16 code units (`ucs2`); `segments` is what is paid for."""

    encoding: str
    units: int
    segments: int


def measure_sms(text: str) -> SmsLength:
    """The length of a whole message, signature included.

    One segment holds 160 septets or 70 code units; in a longer message each holds 153 or 67, because six bytes of each
    say which part it is. A character outside the basic plane is two code units, and is never split.
    """
    if all(character in _BASIC or character in _EXTENDED for character in text):
        widths = [2 if character in _EXTENDED else 1 for character in text]
        return _counted("gsm7", widths, 160, 153)
    return _counted("ucs2", [len(character.encode("utf-16-be")) // 2 for character in text], 70, 67)


def _counted(encoding: str, widths: list[int], alone: int, together: int) -> SmsLength:
    units = sum(widths)
    if units <= alone:
        return SmsLength(encoding, units, 1 if units else 0)
    segments, room = 1, together
    for width in widths:
        if width > room:
            segments, room = segments + 1, together
        room -= width
    return SmsLength(encoding, units, segments)


def shortened(text: str, most: int) -> str:
    """`text` cut to `most` characters, with an ellipsis where something was cut."""
    return text if len(text) <= most else text[: max(0, most - 1)] + "…"
