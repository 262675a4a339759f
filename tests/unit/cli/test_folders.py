import signal
import subprocess
import sys
from pathlib import Path

from service.cli.folders import own_folder

HOLDING = """
import sys
from pathlib import Path
from service.cli.folders import own_folder
with own_folder(Path(sys.argv[1])) as folder:
    (folder / "half").write_text("a document")
    print(folder, flush=True)
    sys.stdin.read()
"""


def folders(parent: Path) -> set[Path]:
    return {each for each in parent.iterdir() if each.is_dir()}


def holder(parent: Path) -> tuple[subprocess.Popen[str], Path]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(parent)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_each_process_has_a_folder_of_its_own_and_leaves_none(tmp_path: Path) -> None:
    with own_folder(tmp_path) as one, own_folder(tmp_path) as other:
        assert one != other
        (one / "file").touch()
        assert folders(tmp_path) == {one, other}
    assert folders(tmp_path) == set()


def test_the_folder_of_a_living_process_stays_and_that_of_a_killed_one_goes(
    tmp_path: Path,
) -> None:
    process, its_folder = holder(tmp_path)
    with process:
        with own_folder(tmp_path) as own:
            assert folders(tmp_path) == {own, its_folder}
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert folders(tmp_path) == {its_folder}
    with own_folder(tmp_path) as own:
        assert folders(tmp_path) == {own}
