"""Every setting from every source, wrong values, and the page of the documentation that lists them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from chatroom.settings import DECLARED, Setting, Settings

DOCUMENT = Path(__file__).parents[1] / "docs" / "settings.md"

NUMBERS = [setting for setting in DECLARED if isinstance(setting.default, int | float)]
BY_NAME = {setting.name: setting for setting in DECLARED}


def every(settings: list[Setting] | tuple[Setting, ...] = DECLARED) -> pytest.MarkDecorator:
    """Run a test once for each of `settings`."""
    return pytest.mark.parametrize("setting", settings, ids=lambda setting: setting.name)


def other(setting: Setting) -> Any:
    """Return an allowed value that is not the default and breaks no rule between settings."""
    if isinstance(setting.default, str):
        others = {"log_level": "error", "server": "tornado", "proxies": "::1, 10.0.0.0/8"}
        return others.get(setting.name, "elsewhere")
    return setting.default - 1 if setting.name == "hold_jitter" else setting.default + 1


def refusal(capsys: pytest.CaptureFixture[str], *argv: str, **environ: str) -> str:
    """Return the one line about a wrong value, after checking that it is one line and that the exit code is 2."""
    with pytest.raises(SystemExit) as exit_info:
        Settings.load(argv, environ)
    out, err = capsys.readouterr()
    assert exit_info.value.code == 2
    assert out == ""
    assert err.startswith("run.py: ")
    assert err.count("\n") == 1
    assert err.endswith("\n")
    return err


def test_without_arguments_and_environment_there_are_the_defaults() -> None:
    settings = Settings.load([], {})
    assert settings == Settings()
    assert {setting.name: setting.default for setting in DECLARED} == msgspec.structs.asdict(
        settings
    )
    assert (settings.port, settings.data, settings.hold, settings.cache_size) == (
        8888,
        "data",
        25.0,
        200,
    )


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Settings().port = 1  # type: ignore[misc]


@every()
def test_the_command_line_beats_the_environment_beats_the_default(setting: Setting) -> None:
    value = other(setting)
    environ = {setting.variable: str(value)}
    assert value != setting.default
    assert getattr(Settings.load([], environ), setting.name) == value
    argv = [f"{setting.option}={setting.default}"]
    assert Settings.load(argv, environ) == Settings()


@every()
def test_an_option_takes_its_value_with_and_without_equals_sign(setting: Setting) -> None:
    text = str(other(setting))
    joined = Settings.load([f"{setting.option}={text}"], {})
    assert (
        joined
        == Settings.load([setting.option, text], {})
        == Settings(**{setting.name: other(setting)})
    )


def test_variables_of_no_setting_are_not_looked_at() -> None:
    environ = {
        "CHATROOM_PROT": "9",
        "PORT": "9",
        "chatroom_port": "9",
        "CHATROOM_SERVICE_HOST": "a",
    }
    assert Settings.load([], environ) == Settings()


@every(NUMBERS)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "nan",
        "NaN",
        "inf",
        "-inf",
        "Infinity",
        "1e999",
        "0x10",
        "1_0",
        " 1",
        "１",
        "-1",
        "a\nb",
    ],
)
def test_what_is_no_allowed_number_is_named_in_one_line(
    setting: Setting, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    by_option = refusal(capsys, f"{setting.option}={text}")
    by_variable = refusal(capsys, **{setting.variable: text})
    assert by_option == f"run.py: {setting.option} is {text!r}, but must be {setting.allowed}\n"
    assert by_variable == f"run.py: {setting.variable} is {text!r}, but must be {setting.allowed}\n"


@every(NUMBERS)
def test_each_bound_is_allowed_and_the_next_number_is_not(
    setting: Setting, capsys: pytest.CaptureFixture[str]
) -> None:
    low, high = (float(number) for number in re.findall(r"\d+", setting.allowed)[:2])
    step = 1 if isinstance(setting.default, int) else 0.001
    inside = [low + (step if "above" in setting.allowed else 0), high]
    for number in inside:
        setting.check(type(setting.default)(number))
    for number in (inside[0] - step, high + step):
        assert str(number) in refusal(capsys, f"{setting.option}={number}")


@pytest.mark.parametrize(("name", "text"), [("data", ""), ("log_level", "loud"), ("log_level", "")])
def test_wrong_words_are_named_in_one_line(
    name: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    setting = BY_NAME[name]
    line = refusal(capsys, f"{setting.option}={text}")
    assert line == f"run.py: {setting.option} is {text!r}, but must be {setting.allowed}\n"


def test_all_levels_of_the_log_are_told_when_one_is_wrong(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert "one of debug, info, warning, error" in refusal(capsys, "--log-level=loud")


@pytest.mark.parametrize("argv", [["--hold-jitter=25"], ["--hold=3"], ["--hold=0.5"]])
def test_a_jitter_that_is_not_below_the_hold_is_named_in_one_line(
    argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert re.search(
        r"hold_jitter is .+, but must be below hold, which is ", refusal(capsys, *argv)
    )
    assert Settings.load(["--hold=0.5", "--hold-jitter=0"], {}).hold == 0.5


@pytest.mark.parametrize(
    "argv", [["--files-per-address=10485759"], ["--max-file=9999", "--files-per-address=9998"]]
)
def test_a_day_of_an_address_in_which_not_one_file_could_be_sent_is_named_in_one_line(
    argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    line = refusal(capsys, *argv)
    assert re.search(r"files_per_address is .+, but must not be below max_file, which is ", line)
    assert Settings(max_file=9999, files_per_address=9999).files_per_address == 9999


@pytest.mark.parametrize(
    "argv", [["--prot=1"], ["--por=1"], ["--port"], ["8888"], ["-p", "1"], ["--hold", "--port=1"]]
)
def test_a_command_line_that_is_not_understood_is_refused_in_one_line(
    argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert argv[0].split("=")[0] in refusal(capsys, *argv)


@every()
def test_no_invalid_settings_can_be_made(setting: Setting) -> None:
    wrong = [None, [], b"1", float("nan"), "loud" if setting.name == "log_level" else -1]
    for value in wrong:
        with pytest.raises(ValueError, match=f"^{setting.name} is .*, but must be "):
            Settings(**{setting.name: value})


@every(NUMBERS)
def test_every_number_has_bounds_on_both_sides(setting: Setting) -> None:
    meta = get_args(setting.annotation)[1]
    assert meta.le is not None
    assert (meta.ge is None) != (meta.gt is None)


@every()
def test_help_names_every_setting_with_unit_default_and_variable(
    setting: Setting, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_info:
        Settings.load(["--help"], {})
    entries = re.split(r" (?=--)", " ".join(capsys.readouterr().out.split()))
    assert exit_info.value.code == 0
    entry = next(entry for entry in entries if entry.startswith(setting.option + " "))
    for part in (setting.unit, f"default {setting.default or 'empty'}", f"${setting.variable}"):
        assert part in entry


def test_the_documentation_has_one_row_for_each_setting_and_says_the_same() -> None:
    rows = [
        [cell.strip(" `") for cell in line.strip("|").split("|")]
        for line in DOCUMENT.read_text(encoding="utf-8").splitlines()
        if line.startswith("| ")
    ]
    assert rows == [
        ["setting", "option", "environment", "default", "unit", "allowed"],
        *(documented(setting) for setting in DECLARED),
    ]


def documented(setting: Setting) -> list[str]:
    """Return the row of the documentation for `setting`."""
    return [
        setting.name,
        setting.option,
        setting.variable,
        "empty" if setting.default == "" else str(setting.default),
        setting.unit,
        setting.allowed.removesuffix(f" ({setting.unit})"),
    ]


def test_the_documentation_names_no_setting_that_does_not_exist() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    known = {setting.option for setting in DECLARED} | {"--help"}
    assert set(re.findall(r"--[a-z][a-z-]*", document)) <= known
    variables = {setting.variable for setting in DECLARED}
    assert set(re.findall(r"CHATROOM_[A-Z_]+", document)) <= variables


def test_the_documentation_quotes_a_refusal_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert refusal(capsys, CHATROOM_PORT="99999") in DOCUMENT.read_text(encoding="utf-8")


def test_any_allowed_settings_survive_the_command_line_and_the_environment() -> None:
    hypothesis = pytest.importorskip("hypothesis", reason="hypothesis: requirements-dev.txt")

    @hypothesis.given(
        hypothesis.strategies.fixed_dictionaries(
            {}, optional={setting.name: allowed(hypothesis, setting) for setting in DECLARED}
        )
    )
    def holds(chosen: dict[str, Any]) -> None:
        hypothesis.assume(chosen.get("hold_jitter", 3.0) < chosen.get("hold", 25.0))
        whole = chosen.get("max_file", 10_485_760)
        hypothesis.assume(chosen.get("files_per_address", 1_073_741_824) >= whole)
        options = [f"{BY_NAME[name].option}={value}" for name, value in chosen.items()]
        environ = {BY_NAME[name].variable: str(value) for name, value in chosen.items()}
        assert Settings.load(options, {}) == Settings.load([], environ) == Settings(**chosen)

    holds()


def allowed(hypothesis: Any, setting: Setting) -> Any:
    """Return the strategy of the values that `setting` allows."""
    kind, meta = get_args(setting.annotation)
    if choices := get_args(kind):
        return hypothesis.strategies.sampled_from(choices)
    if setting.name == "proxies":
        addresses = hypothesis.strategies.ip_addresses().map(str)
        return hypothesis.strategies.lists(addresses).map(",".join)
    if kind is str:
        return hypothesis.strategies.text(min_size=1)
    numbers = hypothesis.strategies.integers if kind is int else hypothesis.strategies.floats
    low = meta.ge if meta.gt is None else 0.001
    return numbers(low, meta.le)
