"""`verify` catches each kind of tampering, and says nothing of what is intact."""

from __future__ import annotations

import ast
import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unicodedata import category

import pytest
import rfc8785
from typer.testing import CliRunner

import app.features.editions.trace as tracing
import app.features.editions.verify as verifying
from app.cli.commands import app as cli
from app.features.editions.renderers import render_all
from app.features.editions.verify import verify
from tests.features.editions.sample import QUOTE, payload


def write(folder: Path, content: dict[str, Any]) -> str:
    """An edition in a folder; its fingerprint."""
    folder.mkdir(exist_ok=True)
    files = render_all(rfc8785.dumps(content))
    for file in files:
        (folder / file.name).write_bytes(file.content)
    return files[-1].sha256.hex()


def forged(folder: Path) -> str:
    """The fingerprint of the folder once its manifest was remade from the files that stand in it."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    for file in manifest["files"]:
        content = (folder / file["name"]).read_bytes()
        file |= {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    manifest["payload_sha256"] = hashlib.sha256((folder / "edition.json").read_bytes()).hexdigest()
    (folder / "manifest.json").write_bytes(rfc8785.dumps(manifest))
    return hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()


def test_an_intact_edition_verifies(tmp_path: Path) -> None:
    verdict = verify(tmp_path, write(tmp_path, payload()).upper())
    assert verdict.findings == ()
    assert (verdict.ok, verdict.exit_code, verdict.files, verdict.quotes) == (True, 0, 5, 1)


def replace(name: str, before: str, after: str) -> Callable[[Path], None]:
    """Change some words of a file."""

    def tamper(folder: Path) -> None:
        content = (folder / name).read_bytes()
        assert before.encode() in content, content.decode()
        (folder / name).write_bytes(content.replace(before.encode(), after.encode()))

    return tamper


def rewritten(change: Callable[[Any], None]) -> Callable[[Path], None]:
    """Change the payload, written in its canonical form."""

    def tamper(folder: Path) -> None:
        content = json.loads((folder / "edition.json").read_bytes())
        change(content)
        (folder / "edition.json").write_bytes(rfc8785.dumps(content))

    return tamper


def spaced(folder: Path) -> None:
    content = json.loads((folder / "edition.json").read_bytes())
    (folder / "edition.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def set_words(**over: Any) -> Callable[[Any], None]:
    return lambda content: content["citations"][0]["words"].update(over)


TAMPERED: list[tuple[str, Callable[[Path], None], str, str]] = [
    ("a missing file", lambda folder: (folder / "edition.md").unlink(), "missing", "edition.md"),
    ("a missing page", lambda folder: (folder / "edition.html").unlink(), "missing", "edition.html"),
    ("an unlisted file", lambda folder: (folder / "annexe.txt").touch(), "unlisted", "annexe.txt"),
    ("an unlisted folder", lambda folder: (folder / "annexes").mkdir(), "unlisted", "annexes"),
    ("a page with another word", replace("edition.html", "voilà", "voila"), "altered", "edition.html"),
    ("one byte more", replace("LISEZMOI.txt", "change plus", "change  plus"), "size", "LISEZMOI.txt"),
    ("another payload", replace("edition.json", "Démarche", "Demarche"), "payload", "edition.json"),
    ("a payload that is no JSON", replace("edition.json", "{", "["), "payload", "edition.json"),
    ("another manifest", replace("manifest.json", "edition.md", "edition.mD"), "fingerprint", "manifest.json"),
    ("no manifest", lambda folder: (folder / "manifest.json").unlink(), "unreadable", "manifest.json"),
    ("a manifest of another world", replace("manifest.json", "edition.md", "../x"), "unreadable", "manifest.json"),
    ("a name twice", replace("manifest.json", "edition.md", "edition.html"), "unreadable", "manifest.json"),
]


@pytest.mark.parametrize(("what", "tamper", "code", "file"), TAMPERED, ids=[case[0] for case in TAMPERED])
def test_what_was_changed_is_found(
    tmp_path: Path, what: str, tamper: Callable[[Path], None], code: str, file: str
) -> None:
    fingerprint = write(tmp_path, payload())
    tamper(tmp_path)
    verdict = verify(tmp_path, fingerprint)
    assert (code, file) in {(each.code, each.file) for each in verdict.findings}, (what, verdict)
    assert verdict.exit_code == (2 if code == "unreadable" else 1)


FORGED: list[tuple[str, Callable[[Path], None], str, str]] = [
    ("a payload with blanks", spaced, "canonical", "edition.json"),
    ("a name twice", replace("edition.json", '"citations":', '"format":"x","citations":'), "payload", "edition.json"),
    ("a fraction", replace("edition.json", '"n":2', '"n":2.0'), "payload", "edition.json"),
    ("another quote", rewritten(set_words(quote=QUOTE.replace("deux", "dix_"))), "quote", "edition.json"),
    ("a longer span", rewritten(set_words(end=41, length=34)), "quote", "edition.json"),
    ("another span", rewritten(set_words(end=41)), "quote", "edition.json"),
    ("a span that is no number", rewritten(set_words(start=True)), "quote", "edition.json"),
    ("another edition", rewritten(lambda content: content["edition"].update(n=3)), "edition", "manifest.json"),
    ("a citation less", rewritten(lambda content: content["citations"].pop()), "number", "edition.json"),
    ("a number twice", rewritten(lambda content: content["citations"][1].update(number=1)), "numbers", "edition.json"),
    ("a call of nothing", replace("edition.html", '"#note-1"', '"#note-77"'), "number", "edition.html"),
    ("a note of nothing", replace("edition.html", 'id="note-1"', 'id="note-77"'), "number", "edition.html"),
    ("other words on the page", replace("edition.html", "deux mois", "trois mois"), "quote", "edition.html"),
    ("other words in Markdown", replace("edition.md", "deux mois", "trois mois"), "quote", "edition.md"),
    ("a call of nothing in Markdown", replace("edition.md", "sûr[^1]", "sûr[^5]"), "number", "edition.md"),
    ("a note less in Markdown", replace("edition.md", "[^2]: ", "2: "), "number", "edition.md"),
    ("other words in the table", replace("citations.csv", "deux mois", "trois mois"), "quote", "citations.csv"),
    ("a line of the table too many", replace("citations.csv", "\r\n2;", "\r\n9;"), "number", "citations.csv"),
]


@pytest.mark.parametrize(("what", "tamper", "code", "file"), FORGED, ids=[case[0] for case in FORGED])
def test_what_does_not_hold_together_is_found_though_every_hash_was_remade(
    tmp_path: Path, what: str, tamper: Callable[[Path], None], code: str, file: str
) -> None:
    published = write(tmp_path, payload())
    tamper(tmp_path)
    fingerprint = forged(tmp_path)
    verdict = verify(tmp_path, fingerprint)
    assert (code, file) in {(each.code, each.file) for each in verdict.findings}, (what, verdict)
    assert "fingerprint" in {each.code for each in verify(tmp_path, published).findings}


@pytest.mark.parametrize("expect", ["", "abc", "g" * 64, "0" * 63])
def test_a_fingerprint_that_is_none_is_said(tmp_path: Path, expect: str) -> None:
    assert verify(tmp_path, expect).exit_code == 2


def test_a_folder_that_is_none_is_said(tmp_path: Path) -> None:
    assert verify(tmp_path / "absent", "0" * 64).exit_code == 2


def test_what_could_not_be_compared_is_said_in_one_french_sentence(tmp_path: Path) -> None:
    write(tmp_path / "edition", payload())
    content = hashlib.sha256((tmp_path / "edition" / "edition.json").read_bytes()).hexdigest()
    for folder, expect, said in (
        (tmp_path / "edition", "abc", "L’empreinte attendue compte 64 caractères"),
        (tmp_path / "edition", content, "Cette empreinte est celle du contenu (« sha256 »"),
        (tmp_path, "0" * 64, "manifest.json : Ce fichier manque"),
    ):
        done = CliRunner().invoke(cli, ["verify", str(folder), "--expect", expect])
        assert done.exit_code == 2
        assert done.output.startswith(said), done.output
        assert "Errno" not in done.output
        assert "n’est pas l’édition publiée" not in done.output


def _cut_a_row(folder: Path) -> None:
    table = folder / "citations.csv"
    table.write_bytes(table.read_bytes() + b"7\r\n")


def test_a_row_that_is_cut_is_said(tmp_path: Path) -> None:
    write(tmp_path, payload())
    _cut_a_row(tmp_path)
    found = verify(tmp_path, forged(tmp_path)).findings
    assert [(each.file, each.code) for each in found] == [("citations.csv", "text")]
    assert "trop courte" in found[0].message


@pytest.mark.parametrize("number", [None, "1", [1], {"a": 1}, True, 10**30])
def test_a_citation_of_any_number_is_said(tmp_path: Path, number: Any) -> None:
    write(tmp_path, payload())
    said = json.loads((tmp_path / "edition.json").read_bytes())
    said["citations"].append(said["citations"][0] | {"number": number})
    (tmp_path / "edition.json").write_text(json.dumps(said))
    assert verify(tmp_path, forged(tmp_path)).exit_code == 1


def test_nothing_that_a_folder_holds_speaks_to_the_terminal(tmp_path: Path) -> None:
    """Names and values of a hostile folder are written out: none clears the screen, none writes a line of its own."""
    hostile = "\x1b[2J\x1b[H\nIntacte.\r\u202e"
    expect = write(tmp_path, payload())
    manifest = json.loads((tmp_path / "manifest.json").read_bytes())
    manifest["files"][0]["size"] = hostile
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    (tmp_path / hostile).write_bytes(b"")
    shown = CliRunner().invoke(cli, ["verify", str(tmp_path), "--expect", expect])
    assert shown.exit_code == 1
    assert "\\x1b[2J" in shown.output.replace("\n", "")
    assert not [letter for letter in shown.output if letter != "\n" and category(letter) in ("Cc", "Cf", "Cs")]
    assert not any(line.startswith("Intacte.") for line in shown.output.splitlines())


def test_the_readers_share_no_code_with_the_writer() -> None:
    """`verify` stands on the standard library alone; `trace` knows SQL and nothing of ours."""
    allowed = {verifying: set(sys.stdlib_module_names), tracing: {*sys.stdlib_module_names, "sqlalchemy"}}
    for module, known in allowed.items():
        tree = ast.parse(Path(str(module.__file__)).read_text())
        imported = {
            name.partition(".")[0]
            for node in ast.walk(tree)
            for name in (
                [each.name for each in node.names]
                if isinstance(node, ast.Import)
                else [node.module or "app"]
                if isinstance(node, ast.ImportFrom)
                else []
            )
        }
        assert imported <= known, module.__name__
