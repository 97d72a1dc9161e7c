from __future__ import annotations

import inspect

from chatroom.engines.people import People
from chatroom.engines.sqlite_people import SqlitePeople


def test_the_people_of_an_engine_have_the_methods_of_the_seam_and_no_others() -> None:
    seam = {name for name in vars(People) if not name.startswith("_")}
    assert {name for name in dir(SqlitePeople) if not name.startswith("_")} == seam


def test_every_method_of_people_states_its_contract() -> None:
    seam = [it for name, it in vars(People).items() if not name.startswith("_")]
    assert all(inspect.getdoc(it) for it in seam)
