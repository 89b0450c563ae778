"""What people do, in a real browser against the real server (`make e2e`)."""

import pytest

pytest.register_assert_rewrite("tests.e2e.browsing", "tests.e2e.legible")
