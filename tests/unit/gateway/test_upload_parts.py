import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.problems import ProblemError
from gateway.uploads.names import decoded_name, fault_of, is_windows_path
from gateway.uploads.parts import Fact, PartBegan, PartData, Parts

TYPE = "multipart/form-data; boundary=cut"
BODY = (
    b'--cut\r\nContent-Disposition: form-data; name="type"\r\n\r\nX\r\n'
    b'--cut\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n'
    b"Content-Type: Text/Plain; charset=x\r\n\r\nhello\r\nworld\r\n--cut--\r\n"
)


def parsed(body: bytes, sizes: list[int]) -> list[Fact]:
    parts = Parts(TYPE)
    facts: list[Fact] = []
    while body:
        size = sizes.pop(0) if sizes else len(body)
        facts += parts.feed(body[:size])
        body = body[size:]
    parts.finish()
    return facts


@given(st.lists(st.integers(1, 40), max_size=30))
def test_a_body_means_the_same_however_it_is_cut(sizes: list[int]) -> None:
    facts = parsed(BODY, sizes)
    began = [each for each in facts if isinstance(each, PartBegan)]
    assert [(each.field, each.file_name) for each in began] == [
        ("type", None),
        ("files", "a.txt"),
    ]
    assert began[1].media_type == "text/plain"
    data = b"".join(each.data for each in facts if isinstance(each, PartData))
    assert data == b"Xhello\r\nworld"


def test_a_body_without_its_end_is_incomplete() -> None:
    with pytest.raises(ProblemError) as caught:
        parsed(BODY[:-10], [])
    assert caught.value.code == "incomplete_body"


@pytest.mark.parametrize(
    "content_type",
    ["multipart/form-data", "multipart/form-data; boundary=" + "x" * 300],
)
def test_a_form_without_a_usable_boundary_is_malformed(content_type: str) -> None:
    with pytest.raises(ProblemError) as caught:
        Parts(content_type)
    assert caught.value.code == "malformed_form"


def test_a_part_without_a_name_is_malformed() -> None:
    body = b"--cut\r\nContent-Disposition: form-data\r\n\r\nx\r\n--cut--\r\n"
    with pytest.raises(ProblemError) as caught:
        parsed(body, [])
    assert caught.value.code == "malformed_form"


@given(st.text(min_size=1))
def test_no_accepted_name_has_a_path_or_a_control_character(name: str) -> None:
    if fault_of(name) is None:
        assert not {"/", "\\", "\0", "\n", "\r"} & set(name)
        assert len(name.encode()) <= 255


@pytest.mark.parametrize("name", ["a.pdf", "Ünïcode 文書.pdf", "a b (1).txt", ".env"])
def test_usual_names_are_accepted(name: str) -> None:
    assert fault_of(name) is None


def test_names_are_read_as_browsers_write_them() -> None:
    assert decoded_name("%22ü%22.txt".encode()) == '"ü".txt'
    assert decoded_name(b"\xff") is None
    assert is_windows_path('form-data; filename="C:\\a\\b.txt"')
    assert is_windows_path('form-data; filename="\\\\host\\b.txt"')
    assert not is_windows_path('form-data; filename="b.txt"')
