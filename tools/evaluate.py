"""Accuracy and time of the readers on pictures that this project draws, beside free readers: `make eval`.

    python tools/evaluate.py --cards 2000 --without 1000 --jobs 2

prints Markdown tables for docs/recognition.md. Pictures come from seeds; what was told wrongly is named by its place.
In parts: `--first 0 --cards 500 --keep one.json`, `--first 500 …`, and then `--join one.json two.json`.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

import evaluate_cards  # noqa: E402 (the paths above must come first)
import evaluate_documents  # noqa: E402
import evaluate_faces  # noqa: E402
from measuring import Tallies, keep, kept, machine, memory, merged, table  # noqa: E402

from webapp.ports.document_reader import DocumentSide  # noqa: E402

COLUMNS = {"Card numbers": ["reader", "print", "picture"], "Documents": ["reader", "side", "field", "picture"]}


def main() -> None:
    """Runs what was asked for and prints it."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--cards", type=int, default=2000)
    ask.add_argument("--without", type=int, default=1000, help="pictures without a card")
    ask.add_argument("--documents", type=int, default=500, help="resident cards, front and back, and passports, each")
    ask.add_argument("--permits", type=int, default=200)
    ask.add_argument("--sides", nargs="+", choices=list(evaluate_documents.KINDS), help="of documents, instead of all")
    ask.add_argument("--faces", choices=("none", "few", "full"), default="few", help="films: of a few gestures, or all")
    ask.add_argument("--first", type=int, default=0, help="the place of the first picture of each kind")
    ask.add_argument("--seed", type=int, default=20261)
    ask.add_argument("--jobs", type=int, default=1, help="processes; times are CPU times of one thread")
    ask.add_argument("--peers-every", type=int, default=1, help="pictures RapidOCR and tesseract see: 1 all, 0 none")
    ask.add_argument("--models", default=str(ROOT / "models"))
    ask.add_argument("--keep", type=Path, help="a file for the counts of this part")
    ask.add_argument("--join", type=Path, nargs="+", help="prints the tables of kept parts, and measures nothing")
    asked = ask.parse_args()
    found: dict[str, Tallies] = {}
    if asked.join:
        for name in COLUMNS:
            found[name] = merged(part[name] for part in map(kept, asked.join) if name in part)
    else:
        print(machine(), flush=True)
        found = measured(asked)
    for name, groups in found.items():
        if groups:
            print(f"\n## {name}\n\n" + table(COLUMNS[name], groups), flush=True)
    if asked.keep:
        keep(asked.keep, found)
    if asked.faces != "none" and not asked.join:
        print("\n## Faces", flush=True)
        evaluate_faces.measure(full=asked.faces == "full")


def measured(asked: argparse.Namespace) -> dict[str, Tallies]:
    """Tallies by the name of their table; how long it took is printed."""
    started, found = time.monotonic(), {}
    same = {name: getattr(asked, name) for name in ("first", "seed", "jobs", "models", "peers_every")}
    if asked.cards or asked.without:
        found["Card numbers"] = evaluate_cards.evaluate(asked.cards, asked.without, **same)
    if asked.documents or asked.permits:
        counts = dict.fromkeys(evaluate_documents.KINDS, asked.documents)
        counts[DocumentSide.PERMIT_BACK] = asked.permits
        sides = {side: count for side, count in counts.items() if not asked.sides or side in asked.sides}
        found["Documents"] = evaluate_documents.evaluate(sides, **same)
    print(f"{time.monotonic() - started:.0f} s; this process held {memory()} MB at most")
    return found


if __name__ == "__main__":
    main()
