"""A mapping that is wrong is refused whole, with the line and the field of every mistake."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.features.imports import mapping
from app.features.imports.lines import MappingRefused
from app.features.imports.mapping import SHIPPED, read_mapping
from app.features.imports.planning import make_plan
from app.features.imports.report import Report
from tests.features.imports.conftest import SAMPLE

RIGHT = (SAMPLE / "mapping.yaml").read_text(encoding="utf-8")


def refused(folder: Path, mapping: str) -> list[str]:
    """What is wrong with a mapping, or with the files it names."""
    path = folder / "mapping.yaml"
    path.write_text(mapping, encoding="utf-8")
    with pytest.raises(MappingRefused) as caught:
        make_plan(read_mapping(path), folder, Report(dry_run=True))
    return caught.value.problems


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_mappings_are_right(path: Path) -> None:
    assert read_mapping(Path(path.stem)).source == path.stem
    assert "/work" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "after", "near", "said"),
    [
        ("zone: Europe/Paris", "zone: Europe/Lutece", "zone:", "zone : Ce fuseau n’existe pas"),
        ("title: Les bancs du marché", "titel: Les bancs", "titel", "initiative.titel : ce champ n’existe pas ici"),
        ("  note: Données d’exemple, inventées pour les tests.\n", "", "initiative:", "note : ce champ est attendu"),
        ("2020-04-01", "avril", "starts_on", "initiative.starts_on : une date est attendue"),
        ("organisations: name\n", "organisations: nom\n", "organisations: nom", "valeurs possibles : 'name'"),
        ("  reason: Exemple.\n", "", "consent:", "consent : Dites dans « reason » pourquoi"),
        ("besoin: need", "besoin: besoins", "  kind:", "kind : « besoins » n’existe pas ici ; valeurs possibles"),
        ("oui: moderated", "oui: draft", "  state:", "contributions.state : « draft » n’existe pas ici"),
        ("file: reponses.csv", "file: ../reponses.csv", "replies:", "replies : « file » est le nom d’un fichier"),
        ("  file: reponses.csv\n", "", "replies:", "replies : Donnez « file » ou « rows »"),
        ("  theme: rubrique\n", "", "contributions:", "contributions : Donnez « theme » ou « space »"),
        ("url: lien", "url: {values: {a: b}}", "url:", "sources.url : Donnez « column » ou « default »"),
        ("url: lien", "url: lien\n  url: autre", "url: autre", "la clé « url » est répétée"),
        ("url: lien", "url: [lien", "note: texte\n  author: compte\n  occurred_at: date\ntallies", "pas du YAML"),
        ("people: profile", "people: &p profile", "people: &p", "les ancres et les renvois"),
        ("keep: [particulier]", "keep: particulier", "where: {column: nature, keep", "une liste est attendue"),
    ],
)
def test_each_mistake_is_shown_where_it_is(folder: Path, before: str, after: str, near: str, said: str) -> None:
    assert RIGHT.count(before) == 1
    wrong = RIGHT.replace(before, after)
    problems = refused(folder, wrong)
    line = wrong[: wrong.index(near)].count("\n") + 1
    assert [it for it in problems if it.startswith(f"ligne {line}") and said in it], (line, problems)


def test_every_mistake_is_listed_at_once(folder: Path) -> None:
    problems = refused(folder, RIGHT.replace("besoin: need", "besoin: x").replace("oui: moderated", "oui: y"))
    assert len(problems) == 2


@pytest.mark.timeout(10)
@pytest.mark.parametrize("mapping", ["", "- a\n- b\n", "just words", "[" * 100_000, "{a: " * 9999, "a: \x00", "é: ["])
def test_junk_is_refused_with_a_sentence(folder: Path, mapping: str) -> None:
    assert refused(folder, mapping)


def test_a_mapping_of_bytes_says_which_line(folder: Path) -> None:
    (folder / "mapping.yaml").write_bytes(b"source: a\nzone: \xe9\n")
    with pytest.raises(MappingRefused, match="ligne 2 : ce n’est pas de l’UTF-8"):
        read_mapping(folder / "mapping.yaml")


def test_a_column_that_is_not_there_is_named_with_those_that_are(folder: Path) -> None:
    problems = refused(folder, RIGHT.replace("  url: lien", "  url: adresse"))
    assert problems == [
        (
            "ligne 1 : colonnes absentes : « adresse » (pour url) ; colonnes lues : "
            "id, contribution, categorie, titre, lien, texte, compte, date."
        )
    ]


def test_a_file_that_is_not_there_is_named(folder: Path) -> None:
    (folder / "sources.csv").unlink()
    with pytest.raises(MappingRefused, match=r"sources\.csv(?s:.)*n’est pas là"):
        make_plan(read_mapping(folder / "mapping.yaml"), folder, Report(dry_run=True))


def test_the_sheet_names_every_field_and_its_example_is_a_mapping(tmp_path: Path) -> None:
    sheet = (Path(__file__).resolve().parents[3] / "docs" / "import.md").read_text(encoding="utf-8")
    parts: list[type[mapping.Part]] = [*mapping.Part.__subclasses__(), *mapping.Table.__subclasses__()]
    parts += [mapping.Contributions, mapping.Replies]
    for part in parts:
        for field in part.model_fields:
            assert re.search(rf"\b{field}\b", sheet), (part, field)
    for shipped in SHIPPED.glob("*.yaml"):
        assert f"`{shipped.stem}`" in sheet
    example = sheet.partition("```yaml\n")[2].partition("```")[0]
    (tmp_path / "mapping.yaml").write_text(example, encoding="utf-8")
    assert read_mapping(tmp_path / "mapping.yaml").source == "mon-enquete"


def test_a_mapping_that_is_not_there_is_refused_with_those_that_come_with_the_code() -> None:
    with pytest.raises(MappingRefused, match="livrées : republique-numerique-2015"):
        read_mapping(Path("republique"))
