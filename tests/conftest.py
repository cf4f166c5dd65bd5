"""Where the tests find each other, the package and the fixtures."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent

for place in (ROOT / "tests", ROOT / "src"):
    if str(place) not in sys.path:
        sys.path.insert(0, str(place))
