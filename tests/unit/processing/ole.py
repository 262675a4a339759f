"""Writes small OLE files ([MS-CFB] version 3), for formats nothing else here writes."""

import struct
from collections.abc import Mapping

Tree = Mapping[str, "bytes | Tree"]

_END, _FREE, _NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFF
_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
_STREAM, _STORAGE, _ROOT = 2, 1, 5


class _Writer:
    def __init__(self) -> None:
        self.entries: list[list[object]] = []
        self.sectors: list[bytes] = []
        self.fat: list[int] = []
        self.mini = bytearray()
        self.mini_fat: list[int] = []

    def place(self, content: bytes) -> int:
        count = max(-(-len(content) // _SECTOR), 1)
        first = len(self.fat)
        for number in range(count):
            part = content[number * _SECTOR : (number + 1) * _SECTOR]
            self.sectors.append(part.ljust(_SECTOR, b"\0"))
            self.fat.append(first + number + 1 if number < count - 1 else _END)
        return first

    def place_mini(self, content: bytes) -> int:
        first, count = len(self.mini_fat), -(-len(content) // _MINI)
        self.mini += content.ljust(count * _MINI, b"\0")
        self.mini_fat += [first + 1 + number for number in range(count - 1)] + [_END]
        return first

    def store(self, content: bytes) -> int:
        if not content:
            return _END
        small = len(content) < _CUTOFF
        return self.place_mini(content) if small else self.place(content)

    def add(self, tree: Tree) -> int:
        """Add the children of a storage as a chain of right siblings."""
        first = previous = _NONE
        for name, node in sorted(tree.items(), key=lambda item: _order(item[0])):
            index = len(self.entries)
            if isinstance(node, bytes):
                start = self.store(node)
                self.entries.append([name, _STREAM, _NONE, _NONE, start, len(node)])
            else:
                self.entries.append([name, _STORAGE, _NONE, _NONE, 0, 0])
                self.entries[index][3] = self.add(node)
            if previous == _NONE:
                first = index
            else:
                self.entries[previous][2] = index
            previous = index
        return first


def _order(name: str) -> tuple[int, str]:
    return len(name), name.upper()


def ole_file(tree: Tree) -> bytes:
    """Give an OLE file with these streams; a mapping in the tree is a storage."""
    writer = _Writer()
    writer.entries.append(["Root Entry", _ROOT, _NONE, _NONE, _END, 0])
    writer.entries[0][3] = writer.add(tree)
    if writer.mini:
        writer.entries[0][4] = writer.place(bytes(writer.mini))
        writer.entries[0][5] = len(writer.mini)
    mini_fat = _END
    if writer.mini_fat:
        packed = struct.pack(f"<{len(writer.mini_fat)}I", *writer.mini_fat)
        padding = -len(packed) % _SECTOR
        mini_fat = writer.place(packed + b"\xff" * padding)
    mini_fat_sectors = -(-len(writer.mini_fat) * 4 // _SECTOR)
    directory = b"".join(_entry(*entry) for entry in writer.entries)
    empty = _entry("", 0, _NONE, _NONE, 0, 0)
    directory += empty * (-len(writer.entries) % 4)
    directory_at = writer.place(directory)
    fat_at = len(writer.fat)
    fat = [*writer.fat, 0xFFFFFFFD]
    assert len(fat) <= 128, "one FAT sector is enough for these tests"
    fat += [_FREE] * (128 - len(fat))
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        0x3E, 3, 0xFFFE, 9, 6,
        0, 1, directory_at, 0, _CUTOFF, mini_fat, mini_fat_sectors, _END, 0,
    )  # fmt: skip
    header += struct.pack("<109I", fat_at, *[_FREE] * 108)
    return header + b"".join(writer.sectors) + struct.pack("<128I", *fat)


def _entry(
    name: object,
    kind: object,
    right: object,
    child: object,
    start: object,
    size: object,
) -> bytes:
    encoded = str(name).encode("utf-16-le")
    length = len(encoded) + 2 if name else 0
    return struct.pack(
        "<64sHBBIII16xI8x8xIQ",
        encoded, length, kind, 1, _NONE, right, child, 0, start, size,
    )  # fmt: skip


def workbook_xls(rows: list[list[str | float]]) -> bytes:
    """Give an Excel 97 workbook (BIFF8) with one sheet called "Data"."""

    def record(kind: int, content: bytes) -> bytes:
        return struct.pack("<HH", kind, len(content)) + content

    def string(value: str) -> bytes:
        return struct.pack("<HB", len(value), 1) + value.encode("utf-16-le")

    cells = b""
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            place = struct.pack("<HHH", row, column, 0)
            if isinstance(value, str):
                cells += record(0x0204, place + string(value))
            else:
                cells += record(0x0203, place + struct.pack("<d", value))
    bof = struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)
    sheet_bof = struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0)
    name = struct.pack("<BB", 4, 0) + b"Data"
    globals_size = len(record(0x0809, bof)) + 4 + 6 + len(name) + 4
    stream = record(0x0809, bof)
    stream += record(0x0085, struct.pack("<IBB", globals_size, 0, 0) + name)
    stream += record(0x000A, b"")
    stream += record(0x0809, sheet_bof) + cells + record(0x000A, b"")
    return ole_file({"Workbook": stream.ljust(_CUTOFF, b"\0")})


def message_msg(
    *,
    subject: str,
    body: str,
    sender: str,
    attached: bytes,
    inner: Tree | None = None,
    rich_text: bytes = b"",
) -> bytes:
    """Give an Outlook message ([MS-OXMSG]) with one attachment called "notes.txt".

    Args:
        subject: Of the message.
        body: Its plain text; without any it has none.
        sender: Its address.
        attached: What the attachment holds.
        inner: A message that is a second attachment.
        rich_text: The body as compressed RTF.
    """
    texts = {0x0037001F: subject, 0x1000001F: body, 0x0C1F001F: sender}
    message = _message(
        {tag: value for tag, value in texts.items() if value},
        attached=attached,
        header_bytes=32,
        rich_text=rich_text,
    )
    if inner is not None:
        message["__attach_version1.0_#00000001"] = {
            "__substg1.0_3701000D": inner,
            "__properties_version1.0": _properties(8, {}),
        }
    message["__nameid_version1.0"] = {"__substg1.0_00020102": b""}
    return ole_file(message)


def inner_message(
    *, subject: str, body: str, attached: bytes, rich_text: bytes = b""
) -> Tree:
    """Give a message for being put into another."""
    texts = {0x0037001F: subject, 0x1000001F: body}
    return _message(
        {tag: value for tag, value in texts.items() if value},
        attached=attached,
        header_bytes=24,
        rich_text=rich_text,
    )


def _message(
    texts: Mapping[int, str],
    *,
    attached: bytes,
    header_bytes: int,
    rich_text: bytes = b"",
) -> dict[str, bytes | Tree]:
    streams = {tag: value.encode("utf-16-le") for tag, value in texts.items()}
    sizes = {tag: len(content) + 2 for tag, content in streams.items()}
    if rich_text:
        streams[0x10090102] = rich_text
        sizes[0x10090102] = len(rich_text)
    message: dict[str, bytes | Tree] = {
        f"__substg1.0_{tag:08X}": content for tag, content in streams.items()
    }
    message["__properties_version1.0"] = _properties(header_bytes, sizes)
    message["__attach_version1.0_#00000000"] = {
        "__substg1.0_37010102": attached,
        "__substg1.0_3707001F": "notes.txt".encode("utf-16-le"),
        "__properties_version1.0": _properties(
            8, {0x37010102: len(attached), 0x3707001F: 20}
        ),
    }
    return message


def _properties(header_bytes: int, sizes: Mapping[int, int]) -> bytes:
    return bytes(header_bytes) + b"".join(
        struct.pack("<IIII", tag, 6, size, 0) for tag, size in sizes.items()
    )


def summary_information(values: Mapping[int, bytes | int]) -> bytes:
    """Give the stream in which a file says of itself what it is ([MS-OLEPS])."""
    places, content = b"", b""
    at = 8 + 8 * len(values)
    for number, value in values.items():
        if isinstance(value, int):
            typed = struct.pack("<II", 3, value)
        else:
            typed = struct.pack("<II", 30, len(value) + 1) + value + b"\0"
        typed += bytes(-len(typed) % 4)
        places += struct.pack("<II", number, at + len(content))
        content += typed
    found = struct.pack("<II", at + len(content), len(values)) + places + content
    kind = bytes.fromhex("e0859ff2f94f6810ab9108002b27b3d9")
    return struct.pack("<HHI16xI16sI", 0xFFFE, 0, 0, 1, kind, 48) + found
