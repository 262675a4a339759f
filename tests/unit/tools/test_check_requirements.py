import pytest

from tools.check_requirements import foreign_lines, main, pinned, unmet

GOOD = """\
# Made by make lock
httpx-sse==0.4.3
    # via docmill (pyproject.toml)
pdfminer.six==20260107

# The following packages are considered to be unsafe in a requirements file:
colorama==0.4.6 ; sys_platform == "win32"
"""


def test_plain_pins_and_their_comments_are_fine() -> None:
    assert foreign_lines(GOOD) == []
    assert pinned(GOOD) == {
        "httpx-sse": "0.4.3",
        "pdfminer-six": "20260107",
        "colorama": "0.4.6",
    }


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://example.org/simple",
        "--find-links /opt/wheels",
        "#    pip-compile --find-links=/opt/wheels",
        "# from http://example.org/simple",
        "httpx @ file:///opt/wheels/httpx.whl",
        "-e file:///somewhere",
        "/opt/wheels/httpx.whl",
        "httpx>=0.28",
        "httpx==0.28.1 --hash=sha256:00",
    ],
)
def test_what_works_on_one_machine_only_is_found(line: str) -> None:
    (problem,) = foreign_lines(f"{GOOD}{line}\n")
    assert problem.startswith("line 8 ")


def test_a_dependency_that_no_pin_fulfils_is_found() -> None:
    stated = ["httpx_sse>=0.5", "pdfminer.six", "uvloop>=0.21", "Colorama==0.4.*"]
    assert unmet(stated, pinned(GOOD)) == [
        "httpx_sse 0.4.3 does not fit >=0.5",
        "uvloop is not pinned",
    ]


def test_the_requirements_of_this_project_hold() -> None:
    assert main() == 0
