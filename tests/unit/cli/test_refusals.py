"""What commands say when they are used wrongly or refused."""

import socket
from pathlib import Path

import pytest

from service.cli.main import main
from tests.unit.cli.answers import Run
from tests.unit.gateway_client.scripted import Script


@pytest.mark.parametrize("command", ["submit", "process"])
@pytest.mark.parametrize("wrong", ["speed=9", "ocr=on", "pages=3-1", "tables"])
def test_a_processing_option_is_refused_before_anything_is_sent(
    script: Script,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    command: str,
    wrong: str,
) -> None:
    file = tmp_path / "a.pdf"
    file.touch()
    with pytest.raises(SystemExit) as left:
        main([command, str(file), "--processing", wrong])
    assert left.value.code == 2
    shown = " ".join(capsys.readouterr().err.split())
    assert "--processing" in shown
    assert wrong.partition("=")[0] in shown.lower()
    assert script.seen == []


def test_a_refusal_of_one_field_names_it(script: Script, run: Run) -> None:
    pointer, detail = "/options/maxConcurrent", "Expected int, got str."
    wrong = [{"pointer": pointer, "code": "wrong_type", "detail": detail}]
    script.then(
        lambda exchange: exchange.problem(422, "invalid_request", detail, errors=wrong)
    )
    assert run("retry", "job_1") == (2, "", f"{pointer}: {detail}\n")


def test_an_address_that_is_none_is_wrong_use(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["list", "--server", "ftp://example.org"])
    assert left.value.code == 2
    assert "'ftp://example.org' is no address" in capsys.readouterr().err


def test_a_refusal_is_its_detail_and_what_is_wrong(script: Script, run: Run) -> None:
    wrong = [
        {"pointer": "/options/a", "code": "unknown", "detail": "No such option."},
        {"pointer": "/type", "code": "unknown", "detail": "No such\x1b[2J type."},
    ]
    script.then(
        lambda exchange: exchange.problem(
            422, "invalid_request", "2 things are wrong with it.", errors=wrong
        )
    )
    code, out, err = run("retry", "job_1")
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        "2 things are wrong with it.",
        "  /options/a No such option.",
        "  /type No such\N{REPLACEMENT CHARACTER}[2J type.",
    ]


def test_an_unknown_job_is_one_clear_line(script: Script, run: Run) -> None:
    script.then(lambda exchange: exchange.problem(404, "job_not_found", "No job_1."))
    assert run("status", "job_1") == (1, "", "No job_1.\n")


def test_an_unreachable_server_has_an_exit_code_of_its_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(SystemExit) as left:
        main(["list", "--server", f"http://127.0.0.1:{port}"])
    assert left.value.code == 3
    assert capsys.readouterr().err.startswith("Cannot reach Docmill at")


@pytest.mark.parametrize(
    "arguments",
    [
        ("submit", "no-such-file.pdf"),
        ("submit",),
        ("retry",),
        ("nonsense",),
        ("status", "job_1", "--nonsense"),
    ],
)
def test_wrong_use_exits_with_2(run: Run, arguments: tuple[str, ...]) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert "Traceback" not in err


def test_a_pair_without_equals_sign_is_wrong_use(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    file.touch()
    code, _, err = run("submit", str(file), "--option", "maxConcurrent")
    assert code == 2
    assert "'maxConcurrent' is not key=value" in " ".join(err.split())


@pytest.mark.parametrize(
    ("command", "problems"),
    [
        ("up", 1),
        ("gateway", 4),
        ("aggregator", 4),
        ("worker", 4),
        ("worker --queues documents", 3),
        ("worker --queues batches --concurrency 3", 4),
        ("migrate", 1),
    ],
)
def test_a_role_says_all_that_is_wrong_with_its_settings_and_exits_with_2(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    command: str,
    problems: int,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOCMILL_PORT", "many")
    with pytest.raises(SystemExit) as left:
        main(command.split())
    shown = capsys.readouterr()
    assert (left.value.code, shown.out) == (2, "")
    assert shown.err.count("  - ") == problems
