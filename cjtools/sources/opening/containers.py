"""The one door through which zip files are opened: how many files, how large, and what they may be called."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib

from cjtools.errors import cut
from cjtools.sources.opening.files import LARGEST, Opened, fault_of

MOST_FILES = 1000
LARGEST_RATIO = 100
BROKEN = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    ValueError,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
)
RATIO_MATTERS_FROM = 2**20  # small texts pack well and harm nobody


def open_zip(opened: Opened) -> dict[str, bytes]:
    """Return the files of a zip by their names, in its order; folders and system litter are left out.

    Raises SourceError when there are more than 1000 files, more than 200 MB as they are read, a file that unpacks to
    more than 100 times its size, two of one name, or a name that leads out of the zip or cannot be shown.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(opened.data)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            if len(infos) > MOST_FILES:
                raise fault_of(opened.name, f"{len(infos)} files", f"at most {MOST_FILES} files in a zip")
            members: dict[str, bytes] = {}
            for info in infos:
                if info.filename in members:
                    raise fault_of(opened.name, f"holds two files called {cut(info.filename)}", "each name once")
                left = LARGEST - sum(map(len, members.values()))
                if not is_litter(safe_name(opened.name, info.filename)):
                    members[info.filename] = read_member(opened.name, archive, info, left)
            return members
    except BROKEN as error:
        raise fault_of(
            opened.name, f"broken or locked zip ({error})", "", "export it again without a password"
        ) from None


def safe_name(zip_name: str, name: str) -> str:
    """Return a member's name when it stays inside the zip."""
    parts = re.split(r"[/\\]", name)
    if ".." in parts or parts[0] == "" or ":" in parts[0] or "\0" in name:
        raise fault_of(zip_name, f"holds {cut(name)}, which leads out of the zip", "plain names inside the zip")
    if not name.isprintable():
        raise fault_of(zip_name, f"holds {cut(name)}, a name that cannot be shown", "plain names inside the zip")
    return name


def is_litter(name: str) -> bool:
    """Say whether a name is what an operating system leaves behind."""
    return name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1].startswith((".", "~$"))


def read_member(zip_name: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo, left: int) -> bytes:
    """Return the bytes of one member, counted as they are read: what a zip says of itself is not believed."""
    limit = min(left, max(RATIO_MATTERS_FROM, LARGEST_RATIO * info.compress_size))
    with archive.open(info) as member:
        data = member.read(limit + 1)
    if len(data) > limit:
        found = f"{cut(info.filename)} unpacks to more than {limit} bytes"
        raise fault_of(zip_name, found, f"at most 200 MB in all and {LARGEST_RATIO} times the packed size")
    return data
