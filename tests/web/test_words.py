"""Every sentence of a page is in English too, and nothing is translated that nobody says (`make words`)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_sentence_of_the_pages_has_its_english() -> None:
    done = subprocess.run(
        [sys.executable, "build/words.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
