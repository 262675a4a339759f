from pathlib import Path

from service.settings import Settings
from tools.generate import compare, main, write
from tools.metrics_page import metrics_page
from tools.settings_page import settings_page

GENERATED = {"page.md": lambda: "new\nsame\n"}


def test_the_difference_to_a_stale_file_is_shown(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("old\nsame\n")
    assert "-old\n+new\n same\n" in compare(tmp_path, GENERATED)["page.md"]
    assert (tmp_path / "page.md").read_text() == "old\nsame\n"


def test_a_missing_file_differs(tmp_path: Path) -> None:
    assert compare(tmp_path, GENERATED).keys() == {"page.md"}
    assert list(tmp_path.iterdir()) == []


def test_what_was_written_does_not_differ(tmp_path: Path) -> None:
    write(tmp_path, GENERATED)
    assert compare(tmp_path, GENERATED) == {}
    assert (tmp_path / "page.md").read_text() == "new\nsame\n"


def test_the_generated_files_of_this_project_are_up_to_date() -> None:
    assert main(["--check"]) == 0


def test_every_setting_and_its_variable_is_on_the_page() -> None:
    page = settings_page()
    for name in Settings.model_fields:
        assert f"| `{name}`<br>`DOCMILL_{name.upper()}` |" in page
    assert "None" not in page
    assert "| `console`" not in page
    assert "`auto`, `console`, `json`" in page


def test_metrics_are_on_the_page_as_they_are_scraped() -> None:
    page = metrics_page()
    assert "| `docmill_documents_total` | counter | `job_type`, `outcome` |" in page
    assert "| `docmill_leader` | gauge | none |" in page
