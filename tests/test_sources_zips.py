"""The door of zips: litter, names that lead out, bombs."""

from __future__ import annotations

import pytest
from fixtures.web import packed

from cjtools.errors import SourceError
from cjtools.sources.opening import containers
from cjtools.sources.opening.containers import open_zip
from cjtools.sources.opening.files import Opened


def opened(data: bytes) -> Opened:
    return Opened("a.zip", data, "")


def test_litter_and_folders_in_a_zip_are_left_out() -> None:
    assert list(
        open_zip(opened(packed(**{"a__csv": "x", "__MACOSX/._a": "x", "dir/.DS_Store": "x", "d/~$a__csv": "x"})))
    ) == ["a.csv"]


@pytest.mark.parametrize("name", ["../a.csv", "/a.csv", "a/../../b.csv", "C:/a.csv", "..\\a.csv"])
def test_names_that_lead_out_of_a_zip_are_refused(name: str) -> None:
    with pytest.raises(SourceError, match="leads out of the zip"):
        open_zip(opened(packed(**{name: "x"})))


def test_a_zip_that_unpacks_too_far_is_refused() -> None:
    with pytest.raises(SourceError, match=r"'a\.csv' unpacks to more than"):
        open_zip(opened(packed(a__csv="0" * 3_000_000)))


def test_a_zip_with_too_many_or_too_large_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SourceError, match="1001 files; at most 1000 files in a zip"):
        open_zip(opened(packed(**{f"{number}.csv": "" for number in range(1001)})))
    monkeypatch.setattr(containers, "LARGEST", 5)
    with pytest.raises(SourceError, match=r"'b.csv' unpacks to more than 2 bytes; at most 200 MB"):
        open_zip(opened(packed(a__csv="123", b__csv="123")))


def test_a_broken_zip_is_a_fault() -> None:
    with pytest.raises(SourceError, match="broken or locked zip"):
        open_zip(opened(packed(a__csv="123")[:-30]))
