from pathlib import Path

import pytest
from pydantic import ValidationError

from service.errors import SettingsError
from service.settings import Role, Settings, load_settings, masked_url


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def problems_of(*roles: Role, **overrides: object) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_settings(*roles, **overrides)
    return [line[4:] for line in caught.value.message.splitlines()[1:]]


def test_without_any_source_the_defaults_hold(empty_folder: Path) -> None:
    settings = load_settings()
    folder = empty_folder / "docmill-data"
    assert settings == Settings()
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.effective_store_url == f"sqlite:///{folder}/docmill.sqlite3"
    assert settings.effective_blob_url == f"file://{folder}/blobs"


def test_each_source_outweighs_the_ones_below_it(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = empty_folder / "secrets"
    secrets.mkdir()
    (empty_folder / "docmill.toml").write_text(
        "port = 1\nmax_pages = 1\nrecycle_after = 1\nmax_streams = 1\n"
    )
    for name in ("port", "max_pages", "recycle_after"):
        (secrets / name).write_text("2\n")
    monkeypatch.setenv("DOCMILL_SECRETS_DIR", str(secrets))
    monkeypatch.setenv("DOCMILL_PORT", "3")
    monkeypatch.setenv("DOCMILL_MAX_PAGES", "3")
    settings = load_settings(port=4)
    assert settings.port == 4
    assert settings.max_pages == 3
    assert settings.recycle_after == 2
    assert settings.max_streams == 1


def test_an_option_that_was_not_given_and_an_empty_variable_change_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCMILL_PORT", "")
    assert load_settings(port=None).port == 8000


def test_every_problem_is_listed_at_once_with_its_origin(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_folder / "docmill.toml").write_text('port = "many"\nprot = 1\n')
    monkeypatch.setenv("DOCMILL_HOST", "0.0.0.0")
    monkeypatch.setenv("DOCMILL_CONCURENCY", "2")
    found = problems_of(max_pages=0, bogus=1)
    assert len(found) == 6
    assert any("port (from docmill.toml)" in line for line in found)
    assert any(
        "'prot' in docmill.toml" in line and "mean port?" in line for line in found
    )
    assert any("loopback" in line and "DOCMILL_HOST" in line for line in found)
    assert any("Did you mean DOCMILL_CONCURRENCY?" in line for line in found)
    assert any("max_pages (from option --max-pages)" in line for line in found)
    assert any("Option --bogus is no setting" in line for line in found)


BROKER = {"broker_url": "amqp://docmill:hunter2@host"}


@pytest.mark.parametrize(
    ("roles", "given", "refused"),
    [
        ([Role.GATEWAY], {}, ["broker_url", "store_url"]),
        ([Role.AGGREGATOR], {}, ["broker_url", "store_url"]),
        ([Role.BATCHES], {}, ["broker_url", "store_url"]),
        ([Role.DOCUMENTS], {}, ["broker_url"]),
        ([Role.DOCUMENTS, Role.BATCHES], BROKER, ["store_url"]),
        ([Role.EMBEDDED], BROKER, ["broker_url"]),
    ],
)
def test_what_a_role_refuses_is_listed_with_what_is_wrong_for_all(
    empty_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    roles: list[Role],
    given: dict[str, str],
    refused: list[str],
) -> None:
    secrets = empty_folder / "secrets"
    secrets.mkdir()
    (secrets / "blob_url").write_text("ftp://docmill:hunter2@host/x")
    (empty_folder / "docmill.toml").write_text("prot = 1\n")
    monkeypatch.setenv("DOCMILL_SECRETS_DIR", str(secrets))
    monkeypatch.setenv("DOCMILL_CONCURRENCY", "hunter2")
    found = problems_of(*roles, host="0.0.0.0", **given)
    names = ["'prot'", "blob_url", "concurrency", "host", *refused]
    assert len(found) == len(names)
    assert all(any(name in line for line in found) for name in names)
    assert "hunter2" not in "".join(found)


def test_what_is_judged_by_another_setting_hides_no_problem(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCMILL_JOB_TYPE_MODULES", "tests.made_up_work,tests.no_module")
    found = problems_of(
        Role.EMBEDDED,
        host="0.0.0.0",
        allow_public="perhaps",
        model_url="http://models/v1",
    )
    names = ["allow_public", "model_name", "tests.no_module"]
    assert len(found) == len(names)
    assert all(any(name in line for line in found) for name in names)


def test_what_two_roles_need_is_asked_for_once() -> None:
    found = problems_of(Role.DOCUMENTS, Role.BATCHES)
    assert [line.split()[0] for line in found] == [
        "broker_url",
        "store_url",
        "blob_url",
    ]
    assert "the document worker needs it" in found[0]


def test_the_service_in_one_process_is_called_by_its_command() -> None:
    (problem,) = problems_of(Role.EMBEDDED, broker_url="amqp://host")
    assert "`docmill up`" in problem


def test_secrets_that_cannot_be_read_are_problems_and_not_shown(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_folder / "blob_url").mkdir()
    (empty_folder / "model_api_key").write_bytes(b"hunter2\xff")
    monkeypatch.setenv("DOCMILL_SECRETS_DIR", str(empty_folder))
    folder, key = problems_of()
    assert "blob_url cannot be read: Is a directory" in folder
    assert "model_api_key is not text in UTF-8" in key
    assert "hunter2" not in key


@pytest.mark.parametrize("folder", ["~nobody-of-that-name/x", "\udcff"])
def test_a_folder_that_cannot_be_named_so_is_a_problem(folder: str) -> None:
    (problem,) = problems_of(data_dir=folder)
    assert problem.startswith("data_dir (from option --data-dir): not a path")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_this_machine_may_be_listened_on(host: str) -> None:
    assert load_settings(host=host).host == host


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.org"])
def test_any_other_address_is_refused_until_there_is_access_control(host: str) -> None:
    (problem,) = problems_of(host=host)
    assert "no access control yet" in problem
    assert "127.0.0.1" in problem
    assert "allow_public" in problem


def test_any_address_may_be_listened_on_where_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCMILL_ALLOW_PUBLIC", "true")
    assert load_settings(host="0.0.0.0").host == "0.0.0.0"


def test_health_may_be_asked_for_from_anywhere() -> None:
    assert load_settings(health_host="0.0.0.0").health_host == "0.0.0.0"


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("store_url", "postgresql://docmill:hunter2@db/docmill"),
        ("broker_url", "http://docmill:hunter2@host/x"),
        ("broker_url", "amqp://docmill:hunter2@host/x;docmill:hunter2@other"),
        ("broker_url", "amqp://docmill:hunter2@[host/x"),
        ("broker_url", "amqp://docmill:hunter2/x@host/x"),
        ("broker_url", "amqp://host:hunter2/x"),
        ("store_url", "mysql://docmill:hunter2@db/docmill"),
        ("blob_url", "ftp://docmill:hunter2@host/x"),
        ("blob_url", "file://relative/path"),
        ("model_url", "ftp://docmill:hunter2@host/v1"),
        ("model_url", "https://host/v1?key=hunter2"),
        ("image_url_base", "docmill:hunter2@host"),
    ],
)
def test_a_store_docmill_does_not_have_is_refused_without_showing_it(
    name: str, url: str
) -> None:
    (problem,) = problems_of(**{name: url})
    assert problem.startswith(f"{name} (from option")
    assert "hunter2" not in problem


def test_passwords_are_never_printed() -> None:
    settings = load_settings(
        blob_url="s3://key:hunter2@bucket/path",
        broker_url="amqp://docmill:hunter2@one/x;amqp://docmill:hunter2@two/x",
        store_url="postgresql+psycopg://docmill:hunter2@db/docmill",
        model_url="http://docmill:hunter2@models/v1",
        model_name="small",
        model_api_key="hunter2",
        image_url_secret="hunter2",
    )
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in str(settings)
    assert settings.effective_blob_url == "s3://key:hunter2@bucket/path"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:////data/my files/x.sqlite3", "sqlite:////data/my files/x.sqlite3"),
        ("postgresql://user:p@ss:w/d@db/x", "postgresql://user:***@db/x"),
        ("amqp://a:p;w@x/v;amqps://b:q@y/v", "amqp://a:***@x/v;amqps://b:***@y/v"),
        (
            "s3://b/p?secret_access_key=1&region=x",
            "s3://b/p?secret_access_key=***&region=x",
        ),
    ],
)
def test_a_masked_url_keeps_all_but_the_secret(url: str, shown: str) -> None:
    assert masked_url(url) == shown


def test_a_missing_file_that_was_named_is_a_problem(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCMILL_CONFIG", "elsewhere.toml")
    monkeypatch.setenv("DOCMILL_SECRETS_DIR", "nowhere")
    assert [line.split(" names ")[0] for line in problems_of()] == [
        "DOCMILL_CONFIG",
        "DOCMILL_SECRETS_DIR",
    ]


@pytest.mark.parametrize("content", [b"port = ", b"\xff\xfe", b"[table]\nport = 1\n"])
def test_a_file_that_is_no_flat_toml_is_a_problem(
    empty_folder: Path, content: bytes
) -> None:
    (empty_folder / "docmill.toml").write_bytes(content)
    (problem,) = problems_of()
    assert "docmill.toml" in problem


def test_unknown_secrets_are_a_problem_but_versions_of_mounted_ones_are_not(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = empty_folder / "..2026"
    version.mkdir()
    (version / "port").write_text("7")
    (empty_folder / "..data").symlink_to(version)
    (empty_folder / "port").symlink_to(Path("..data") / "port")
    monkeypatch.setenv("DOCMILL_SECRETS_DIR", str(empty_folder))
    assert load_settings().port == 7
    (empty_folder / "pasword").write_text("x")
    (problem,) = problems_of()
    assert "pasword is no setting" in problem


def test_worker_slots_are_at_least_five_unless_chosen() -> None:
    assert load_settings().worker_slots >= 5
    assert load_settings(concurrency=2).worker_slots == 2


def test_job_type_modules_are_names_with_commas_between(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCMILL_JOB_TYPE_MODULES", "tests.types, benchmarks.types,")
    assert load_settings().job_type_modules == ("tests.types", "benchmarks.types")
    assert load_settings(job_type_modules=("x",)).job_type_modules == ("x",)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load_settings().port = 1


def test_a_folder_may_be_named_from_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    assert load_settings(data_dir="~/docs").data_dir == Path("/home/someone/docs")


def test_an_address_of_models_needs_the_name_of_one() -> None:
    (problem,) = problems_of(model_url="http://localhost:11434/v1")
    assert problem.startswith("model_name: model_url is set")
    assert "DOCMILL_MODEL_NAME" in problem
    assert load_settings(model_url="http://localhost/v1", model_name="m").model_name
