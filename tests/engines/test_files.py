from __future__ import annotations

import inspect

from chatroom.engines.files import Files
from chatroom.engines.sqlite_files import SqliteFiles


def test_the_files_of_an_engine_have_the_methods_of_the_seam_and_no_others() -> None:
    seam = {name for name in vars(Files) if not name.startswith("_")}
    assert {name for name in dir(SqliteFiles) if not name.startswith("_")} == seam


def test_every_method_of_files_states_its_contract() -> None:
    seam = [it for name, it in vars(Files).items() if not name.startswith("_")]
    assert all(inspect.getdoc(it) for it in seam)
