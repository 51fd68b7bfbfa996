"""Does a file arrive whole or not at all, whatever the connection does? Against a server on this machine."""

import hashlib
import shutil
import socket
from collections import namedtuple

import numpy as np
import pytest

from quantlab.networks import downloads, resume
from quantlab.networks.downloads import Remote, fetch_steps
from tests.networks.file_server import serving
from tests.steps import drained

CONTENT = np.random.default_rng(0).bytes(300_000)
MD5 = hashlib.md5(CONTENT).hexdigest()


@pytest.fixture
def server():
    with serving({"data.bin": CONTENT}) as server:
        yield server


@pytest.fixture(autouse=True)
def near(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(resume, "TIMEOUT", 5)
    monkeypatch.setattr(resume, "CHUNK", 10_000)


def remote(*mirrors, digest=MD5, algorithm="md5"):
    return Remote("data.bin", mirrors, algorithm, digest)


def fetched(server, where, **options):
    """The file's content, and what was reported."""
    path, seen = drained(fetch_steps(remote(server.base, **options), where))
    return path.read_bytes(), seen


def refusal(steps) -> str:
    with pytest.raises(ValueError) as error:
        list(steps)
    text = str(error.value)
    assert text.endswith(".") and "\n" not in text and ": " in text, text
    return text


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def only(where) -> list[str]:
    return sorted(path.name for path in where.iterdir())


def test_a_file_arrives_whole_with_progress_in_bytes(server, tmp_path):
    content, seen = fetched(server, tmp_path / "new folder")
    assert content == CONTENT and only(tmp_path / "new folder") == ["data.bin"]
    assert [here for here, _ in seen] == list(range(10_000, 300_001, 10_000)) and {total for _, total in seen} == {300_000}


def test_a_file_that_is_here_is_not_asked_for_again(server, tmp_path):
    fetched(server, tmp_path)
    assert fetched(server, tmp_path) == (CONTENT, []) and len(server.asked) == 1


def test_a_file_that_was_spoilt_here_is_fetched_anew(server, tmp_path):
    (tmp_path / "data.bin").write_bytes(CONTENT[:-1] + b"x")
    assert fetched(server, tmp_path)[0] == CONTENT and len(server.asked) == 1


def test_a_sha256_may_be_known_by_its_beginning_only(server, tmp_path):
    start = hashlib.sha256(CONTENT).hexdigest()[:8]
    assert fetched(server, tmp_path, digest=start, algorithm="sha256")[0] == CONTENT


def test_after_a_break_the_rest_is_asked_for_at_once(server, tmp_path):
    server.cuts = [100_000, 50_000]
    content, seen = fetched(server, tmp_path)
    assert content == CONTENT and server.sent == len(CONTENT)
    assert server.asked == [("data.bin", None), ("data.bin", "bytes=100000-"), ("data.bin", "bytes=150000-")]
    assert [here for here, _ in seen] == sorted(here for here, _ in seen) and seen[-1] == (300_000, 300_000)


def test_after_a_break_that_lasts_it_goes_on_the_next_time(server, tmp_path):
    server.cuts = [100_000, 0]
    text = refusal(fetch_steps(remote(server.base), tmp_path))
    assert "100000 of 300000 bytes, which are kept" in text and only(tmp_path) == ["data.bin.part"]
    assert fetched(server, tmp_path)[0] == CONTENT
    assert server.asked[-1] == ("data.bin", "bytes=100000-") and only(tmp_path) == ["data.bin"]


def test_a_connection_that_breaks_all_the_time_is_given_up(server, tmp_path):
    server.cuts = [1000] * 50
    assert f"broke {downloads.TRIES} times" in refusal(fetch_steps(remote(server.base), tmp_path))
    assert len(server.asked) == downloads.TRIES


def test_who_stops_waiting_keeps_what_arrived(server, tmp_path):
    steps = fetch_steps(remote(server.base), tmp_path)
    for _ in range(5):
        here, _ = next(steps)
    steps.close()
    assert (tmp_path / "data.bin.part").read_bytes() == CONTENT[:here] and here == 50_000
    assert fetched(server, tmp_path)[0] == CONTENT and server.asked[-1] == ("data.bin", "bytes=50000-")


def test_without_ranges_it_begins_anew(server, tmp_path):
    server.ranges, server.cuts = False, [100_000]
    assert fetched(server, tmp_path)[0] == CONTENT and server.sent == 400_000


def test_a_range_that_was_not_asked_for_is_not_added(server, tmp_path):
    (tmp_path / "data.bin.part").write_bytes(CONTENT[:1000])
    server.shift = 7
    assert "'1007-299999' where those from 1000 were asked for" in refusal(fetch_steps(remote(server.base), tmp_path))
    assert (tmp_path / "data.bin.part").read_bytes() == CONTENT[:1000]


def test_without_a_stated_length_it_arrives_too(server, tmp_path):
    server.lengths = False
    content, seen = fetched(server, tmp_path)
    assert content == CONTENT and seen[-1] == (300_000, 300_000)


@pytest.mark.parametrize(
    "part", [CONTENT, CONTENT + b"more", b"other" * 70_000, b"x" * 300_000], ids=["whole", "longer", "other", "as long"]
)
def test_a_part_with_nothing_left_to_ask_for_ends_well(server, tmp_path, part):
    (tmp_path / "data.bin.part").write_bytes(part)
    assert fetched(server, tmp_path)[0] == CONTENT
    assert len(server.asked) == (0 if part == CONTENT else 2)


def test_a_part_of_something_else_is_found_by_the_checksum_and_fetched_anew(server, tmp_path):
    (tmp_path / "data.bin.part").write_bytes(b"other")
    assert fetched(server, tmp_path)[0] == CONTENT and [span for _, span in server.asked] == ["bytes=5-", None]


def test_a_wrong_checksum_is_refused_and_nothing_is_kept(server, tmp_path):
    server.files["data.bin"] = CONTENT[:-1] + b"x"
    assert f"not what its md5 checksum {MD5} says" in refusal(fetch_steps(remote(server.base), tmp_path))
    assert only(tmp_path) == [] and len(server.asked) == 1


def test_a_file_that_is_not_there_is_said_with_its_address(server, tmp_path):
    del server.files["data.bin"]
    assert "404 Not Found for /data.bin" in refusal(fetch_steps(remote(server.base), tmp_path))


def test_without_a_connection_the_way_out_is_said(tmp_path):
    text = refusal(fetch_steps(remote(f"http://127.0.0.1:{free_port()}/"), tmp_path))
    assert "does not answer" in text and "connect to the internet" in text
    assert f"put the file into the folder {tmp_path.name}." in text and str(tmp_path) not in text
    assert only(tmp_path) == []


def test_the_way_out_names_the_place_within_the_cache_and_no_folder_of_the_server(tmp_path, monkeypatch):
    monkeypatch.setenv("QUANTLAB_CACHE", str(tmp_path))
    text = refusal(fetch_steps(remote(f"http://127.0.0.1:{free_port()}/"), downloads.folder() / "mnist"))
    assert "put the file into downloads/mnist in the cache folder." in text and str(tmp_path) not in text


def test_a_name_that_nobody_knows_is_no_connection_either(tmp_path):
    assert "nowhere.invalid does not answer" in refusal(fetch_steps(remote("http://nowhere.invalid/"), tmp_path))


def test_the_next_mirror_is_asked_and_goes_on_where_the_first_broke(server, tmp_path):
    server.cuts = [100_000, 0]
    with serving({"data.bin": CONTENT}) as second:
        steps = fetch_steps(remote(f"http://127.0.0.1:{free_port()}/", server.base, second.base), tmp_path)
        list(steps)
        assert second.asked == [("data.bin", "bytes=100000-")]
    assert (tmp_path / "data.bin").read_bytes() == CONTENT


def test_another_base_is_asked_in_place_of_the_mirrors(server, tmp_path):
    list(fetch_steps(remote("http://nowhere.invalid/"), tmp_path, server.base))
    assert (tmp_path / "data.bin").read_bytes() == CONTENT


def test_a_full_disk_is_found_before_anything_arrives(server, tmp_path, monkeypatch):
    Usage = namedtuple("Usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**9, 10**9, 1000))
    assert "free some space" in refusal(fetch_steps(remote(server.base), tmp_path))
    assert only(tmp_path) == []


@pytest.mark.parametrize("lengths, words, kept", [(True, "it has 300000 bytes", 0), (False, "it has more than 100000 bytes", 100_000)])
def test_a_file_larger_than_any_we_know_is_given_up(server, tmp_path, monkeypatch, lengths, words, kept):
    monkeypatch.setattr(resume, "MAX_BYTES", 100_000)
    server.lengths = lengths
    assert words in refusal(fetch_steps(remote(server.base), tmp_path))
    assert resume.size(tmp_path / "data.bin.part") == kept and not (tmp_path / "data.bin").exists()


def test_a_server_that_falls_silent_is_left_and_what_it_sent_is_kept(server, tmp_path, monkeypatch):
    monkeypatch.setattr(resume, "TIMEOUT", 0.2)
    server.cuts, server.silent = [50_000, 0], 0.6
    assert "broke" in refusal(fetch_steps(remote(server.base), tmp_path))
    assert (tmp_path / "data.bin.part").read_bytes() == CONTENT[:50_000]


def test_a_folder_that_cannot_be_made_is_said(server, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    assert "QUANTLAB_CACHE" in refusal(fetch_steps(remote(server.base), tmp_path / "file"))


def test_only_the_web_is_asked(tmp_path):
    with pytest.raises(ValueError, match="http://"):
        list(fetch_steps(remote("file:///etc/"), tmp_path))


def test_files_are_kept_in_the_users_cache_folder_and_off_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("QUANTLAB_CACHE", str(tmp_path))
    assert downloads.folder() == tmp_path / "downloads"
    monkeypatch.setenv("QUANTLAB_CACHE", "off")
    assert "set QUANTLAB_CACHE to a folder" in refusal(fetch_steps(remote("http://nowhere.invalid/")))
