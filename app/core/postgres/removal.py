"""`python -m app.core.postgres.removal FOLDER`: delete an embedded database, also where it lives elsewhere (`make clean`)."""

from __future__ import annotations

import sys
from pathlib import Path

from app.core.postgres.cluster import Cluster
from app.core.postgres.errors import PostgresError

if __name__ == "__main__":
    try:
        Cluster(Path(sys.argv[1])).remove()
    except PostgresError as refusal:
        sys.exit(str(refusal))
