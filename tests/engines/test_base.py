from __future__ import annotations

import inspect

from chatroom.engines.base import Engine
from chatroom.engines.sqlite import SqliteEngine


def test_an_engine_has_the_methods_of_the_seam_and_no_others() -> None:
    seam = {name for name in vars(Engine) if not name.startswith("_")}
    assert {name for name in vars(SqliteEngine) if not name.startswith("_")} == seam


def test_every_method_of_the_seam_states_its_contract() -> None:
    seam = [it for name, it in vars(Engine).items() if not name.startswith("_")]
    assert all(inspect.getdoc(it) for it in seam)
