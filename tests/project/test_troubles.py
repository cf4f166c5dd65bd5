"""A bug of ours costs one function, is told, and the run goes on."""

from __future__ import annotations

import pytest
from tests.project.program import PRELUDE, linked, names_of

from sqla_lint.project.infer import Inference


def test_a_function_that_cannot_be_inferred_is_reported_and_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(self: Inference) -> None:
        raise ValueError("no")

    whole = Inference.run
    monkeypatch.setattr(
        Inference,
        "run",
        lambda self: broken(self) if self.function.qualname == "g" else whole(self),
    )
    project = linked(m=PRELUDE + "def g(): pass\ndef f():\n    x = engine.connect()\n")
    assert project.troubles["m:g"] == ("m.py", "internal error: ValueError in `g`: no")
    assert names_of(project, "m")["x"].name == "CONNECTION"
