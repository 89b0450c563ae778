"""Words copied from a page are found as they were written."""

from __future__ import annotations

import pytest

from app.core.richtext.literal import as_written

PLAIN = "Ce qu’il faudrait : une avance ; puis « un guichet ».\n\nRien d’autre."


@pytest.mark.parametrize(
    ("copied", "written"),
    [
        ("une avance", "une avance"),
        ("faudrait\u00a0: une avance\u202f;", "faudrait : une avance ;"),
        ("«\u00a0un guichet\u00a0».\nRien", "« un guichet ».\n\nRien"),
        ("une  avance", "une avance"),
        ("Une avance", None),
        ("une avances", None),
        (" \n\u00a0", None),
        ("", None),
    ],
)
def test_blanks_are_the_one_thing_that_may_differ(copied: str, written: str | None) -> None:
    assert as_written(PLAIN, copied) == written


def test_what_is_found_is_a_span_of_the_text() -> None:
    found = as_written(PLAIN, "puis«unguichet»")
    assert found is not None
    assert found in PLAIN
