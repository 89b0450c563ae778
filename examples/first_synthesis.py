"""Post a contribution, cite it, publish the edition that cites it, download its files: the whole way with the client.

    .venv/bin/python examples/first_synthesis.py PASSWORD [ADDRESS]

`make demo` must be running; PASSWORD is the one that it printed, ADDRESS where it is if not http://127.0.0.1:8000.
"""

from __future__ import annotations

import sys
from pathlib import Path

from app.client import ApiError, Client, Unreachable

ADDRESS = "http://127.0.0.1:8000"
FOLDER = Path("var/first-synthesis")


def main(password: str, address: str = ADDRESS) -> str:
    """Do it; the id of the edition. Each one goes into a folder of its own."""
    with Client.sign_in(address, "hector@alliage.example", password) as hector:
        space = next(space for space in hector.get("/me")["spaces"] if space["inside"])
        said = hector.contribute(
            space_id=space["id"],
            kind="solution",
            title="Un carnet d’adresses partagé",
            markdown="Nous ouvrons notre **carnet d’adresses** aux autres dispositifs.\n\nIl compte 212 contacts à jour.",
        )
        print(f"Posté dans « {space['title']} » : {said['title']}")

    with Client.sign_in(address, "agathe@alliage.example", password) as agathe:
        deliverable = agathe.post(
            "/deliverables",
            {
                "initiative_id": space["initiative_id"],
                "title": "Une première synthèse",
                "space_ids": [space["id"]],
                "kinds": ["solution"],
            },
        )
        path = f"/deliverables/{deliverable['id']}"
        section = next(
            part for part in agathe.get(f"{path}/document")["sections"] if part["about_space_id"] == space["id"]
        )
        extract = agathe.post(
            "/extracts", {"revision_id": said["revision_id"], "quote": "Il compte 212 contacts à jour."}
        )
        citation = agathe.post(
            "/citations", {"deliverable_id": deliverable["id"], "extract_id": extract["id"], "relation": "quotes"}
        )
        marker = f"[@c{citation['number']}]"
        agathe.post(
            "/passages",
            {"section_id": section["id"], "kind": "paragraph", "markdown": f"Un dispositif ouvre son carnet {marker}."},
        )
        agathe.post("/passages", {"section_id": section["id"], "kind": "quotation", "markdown": marker})
        treated = agathe.post(
            "/treatments/by-rule",
            {
                "deliverable_id": deliverable["id"],
                "rule": "Tout ce que cet essai ne cite pas",
                "filter": {},
                "outcome": "set_aside",
                "reason_code": "out_of_mandate",
                "sentence": "Cet essai ne porte que sur les carnets d’adresses ; voir la synthèse de la démarche.",
            },
        )
        print(
            f"Livrable {deliverable['id']} : cité, et {treated['treated']} autres contributions écartées avec leur raison."
        )
        version = agathe.get(path)["version"]
        edition = agathe.post(f"{path}/editions", {"label": "Essai"}, version=version)
        print(f"Publié : édition {edition['n']}, identifiant {edition['id']}, empreinte {edition['fingerprint']}")
        folder = FOLDER / edition["fingerprint"][:12]
        folder.mkdir(parents=True, exist_ok=True)
        for file in agathe.get(f"/editions/{edition['id']}")["files"]:
            (folder / file["name"]).write_bytes(agathe.respond(agathe.exchange.request("GET", file["url"])).content)
        print(f"Téléchargé dans {folder}. Pour vérifier :")
        print(f"  .venv/bin/alliage verify {folder} --expect {edition['fingerprint']}")
    return str(edition["id"])


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:3])
    except (ApiError, Unreachable) as refusal:
        sys.exit(f"{refusal}\nLe mot de passe est celui que « make demo » a affiché ; l’adresse, celle où il tourne.")
