"""The sheet that tells what the other files are and how anybody checks that nothing was changed."""

from __future__ import annotations

from app.core.richtext.typography import french
from app.features.editions.renderers import words
from app.features.editions.renderers.words import Payload

TEXT = """\
{title}
{initiative}
{edition}
{published}

Ce dossier contient une édition publiée avec Alliage. Elle ne change plus.

edition.html     le texte à lire, sans connexion, et à imprimer
edition.md       le même en Markdown, avec des notes
edition.json     tout ce que dit l’édition : les autres fichiers sont faits de lui seul
citations.csv    une ligne par citation, pour un tableur (séparateur : point-virgule)
manifest.json    la liste de ces fichiers, avec leur taille et leur empreinte SHA-256

Comment vérifier

1. Relevez l’empreinte de l’édition sur le service qui la publie, à l’adresse /lire (dans l’API :
   « fingerprint », sous /api/v1/editions). C’est le SHA-256 de manifest.json.
   Un manifeste seul ne prouve rien : n’importe qui pourrait en refaire un.
2. Dans le dossier d’Alliage, lancez :
       .venv/bin/alliage verify DOSSIER --expect EMPREINTE
   Sans Alliage, calculez vous-même les empreintes et comparez :
       sha256sum manifest.json edition.html edition.md edition.json citations.csv LISEZMOI.txt
3. Dans edition.json, chaque citation publiée donne ses mots exacts (quote), leur place (start, end,
   en caractères Unicode à partir de 0) et l’empreinte du texte dont ils viennent (revision_sha256).
   Qui détient ce texte peut donc retrouver les mots à la lettre.

Le JSON est écrit selon la RFC 8785 : le même contenu donne toujours les mêmes octets.
"""


def render(payload: Payload) -> bytes:
    """Plain text, in UTF-8."""
    head = {name: " ".join(str(text).split()) for name, text in words.head(payload).items()}
    lines = TEXT.format_map(head).split("\n")
    return "\n".join(line if line.startswith("    ") else french(line) for line in lines).encode()
