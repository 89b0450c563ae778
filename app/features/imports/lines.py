"""YAML with the line of every value, so that a mistake in a mapping is shown where it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

LARGEST = 1_000_000
"""Bytes: a mapping is written by hand."""

DEEPEST = 12
OPENING = (
    yaml.FlowSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.BlockMappingStartToken,
)
CLOSING = (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken, yaml.BlockEndToken)

Place = tuple[str | int, ...]


class MappingRefused(Exception):
    """The mapping cannot be used; nothing was written. `problems` are sentences for whoever wrote it."""

    def __init__(self, file: str, problems: list[str]) -> None:
        super().__init__("\n".join([f"{file} : la correspondance est refusée.", *problems]))
        self.file = file
        self.problems = problems


def load(path: Path) -> tuple[Any, dict[Place, int]]:
    """The document as plain values (keys are always text), and the line of each place in it.

    Anchors and aliases are refused (a few lines of them can stand for a billion values), and
    so are repeated keys, of which YAML silently keeps the last.
    """
    text = _text(path)
    try:
        _refuse_references(text, path.name)
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        if node is None:
            raise MappingRefused(path.name, ["Ce fichier est vide."])
        lines: dict[Place, int] = {(): 1}
        return _plain(loader, node, (), lines, path.name), lines
    except (yaml.YAMLError, ValueError) as problem:
        mark = getattr(problem, "problem_mark", None)
        where = f"ligne {mark.line + 1}, colonne {mark.column + 1} : " if mark else ""
        what = getattr(problem, "problem", None) or "lecture impossible"
        raise MappingRefused(path.name, [f"{where}ce n’est pas du YAML ({what})."]) from problem


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except FileNotFoundError as problem:
        raise MappingRefused(path.name, ["Ce fichier n’est pas là : vérifiez son nom et son dossier."]) from problem
    except OSError as problem:
        raise MappingRefused(path.name, [f"Ce fichier ne se lit pas ({problem.strerror})."]) from problem
    if len(raw) > LARGEST:
        raise MappingRefused(path.name, [f"Ce fichier dépasse {LARGEST // 1_000_000} Mo."])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw[: problem.start].count(b"\n") + 1
        raise MappingRefused(path.name, [f"ligne {line} : ce n’est pas de l’UTF-8."]) from problem


def _refuse_references(text: str, file: str) -> None:
    """Also what is nested deeper than any mapping: the parser's time grows with the square of the depth."""
    depth = 0
    for token in yaml.scan(text, yaml.SafeLoader):
        line = token.start_mark.line + 1
        if isinstance(token, yaml.AnchorToken | yaml.AliasToken):
            raise MappingRefused(file, [f"ligne {line} : les ancres et les renvois (&, *) ne sont pas admis."])
        depth += isinstance(token, OPENING) - isinstance(token, CLOSING)
        if depth > DEEPEST:
            raise MappingRefused(file, [f"ligne {line} : trop de listes les unes dans les autres."])


def _plain(loader: yaml.SafeLoader, node: yaml.Node, place: Place, lines: dict[Place, int], file: str) -> Any:
    if isinstance(node, yaml.MappingNode):
        values: dict[str, Any] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            if not name or name in values:
                where = f"ligne {key.start_mark.line + 1} : "
                raise MappingRefused(file, [f"{where}la clé « {name} » est répétée ou n’est pas un mot."])
            lines[*place, name] = key.start_mark.line + 1
            values[name] = _plain(loader, value, (*place, name), lines, file)
        return values
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            lines[*place, index] = item.start_mark.line + 1
        return [_plain(loader, item, (*place, index), lines, file) for index, item in enumerate(node.value)]
    return loader.construct_object(node)


def line_of(place: Place, lines: dict[Place, int]) -> int:
    """The line of a place, or of the nearest one round it (a missing field has no line of its own)."""
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)
