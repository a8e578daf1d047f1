"""Logs that cannot be opened are refused with a reason and left as they are."""

import shutil
import sqlite3

import pytest

from data.errors import DataError
from interaction.log import database
from interaction.log.log import Log
from tests.interaction.log.log_files import altered, left_open, refused
from tests.interaction.log.views import view_at


class TestRefused:
    @pytest.fixture(params=["to write", "to read"])
    def opened(self, request, plain_view):
        return (lambda path: Log.open(path, plain_view)) if request.param == "to write" else Log.read

    def test_a_newer_version(self, begun, opened):
        altered(begun, f"PRAGMA user_version = {database.VERSION + 1}")
        with refused(begun, "newer version.*update the program"):
            opened(begun)

    def test_a_newer_version_that_is_in_the_wal_alone(self, begun, opened):
        connection = sqlite3.connect(begun)
        connection.execute("PRAGMA user_version = 2")
        shutil.copytree(begun.parent, begun.parent.with_name("aside"))
        connection.close()
        copy = begun.parent.with_name("aside") / begun.name
        with refused(copy, "newer version"):
            opened(copy)

    def test_another_programs_database(self, path, opened):
        path.parent.mkdir(parents=True)
        altered(path, "CREATE TABLE notes (text)")
        with refused(path, "not a log of this program"):
            opened(path)

    def test_a_log_whose_guards_were_removed(self, begun, opened):
        altered(begun, "DROP TRIGGER events_never_go")
        with refused(begun, "not a log of this program"):
            opened(begun)

    @pytest.mark.parametrize("content", [b"", b"a text\n" * 1000, bytes(8192)])
    def test_what_is_no_database(self, path, opened, content):
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        with refused(path, "not a log"):
            opened(path)

    def test_a_folder_in_its_place(self, path, opened):
        path.mkdir(parents=True)
        with pytest.raises(DataError, match="a file is expected here; move the folder away"):
            opened(path)

    @pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
    def test_one_that_was_cut_short(self, begun, opened, share):
        whole = begun.read_bytes()
        begun.write_bytes(whole[: int(len(whole) * share)])
        with refused(begun, "damaged.*copy"):
            opened(begun)

    def test_one_with_damaged_pages(self, begun, opened):
        content = bytearray(begun.read_bytes())
        content[4096 : 4096 + 200] = b"\xff" * 200
        begun.write_bytes(content)
        with refused(begun, "damaged.*copy|not a log"):
            opened(begun)

    def test_an_event_with_a_single_wrong_bit(self, begun):
        content = begun.read_bytes()
        assert content.count(b"a test") == 1
        begun.write_bytes(content.replace(b"a test", b"a tesu"))
        with Log.read(begun) as log:
            for use in (lambda: list(log.events()), lambda: list(log.events(blobs=False)), lambda: log.event(1)):
                with refused(begun, "event 1 is damaged"):
                    use()
            assert log.event(2).number == 2

    @pytest.mark.parametrize("keep", [0, 32, 4000, 9000])
    def test_one_that_lost_a_part_of_its_wal(self, begun, plain_view, opened, keep):
        left_open(begun, plain_view, events=5)
        wal = database.wal_of(begun)
        wal.write_bytes(wal.read_bytes()[:keep])
        with refused(begun, "ends with event [35], but 8 were written"):
            opened(begun)

    def test_one_whose_wal_has_a_wrong_bit(self, begun, plain_view, opened):
        left_open(begun, plain_view, events=5)
        wal = database.wal_of(begun)
        content = bytearray(wal.read_bytes())
        content[100] ^= 1
        wal.write_bytes(content)
        with refused(begun, "ends with event 3, but 8 were written"):
            opened(begun)

    def test_one_that_left_its_wal_behind_can_be_gone_on_with_if_that_is_wanted(self, begun, plain_view):
        left_open(begun, plain_view, events=5)
        database.wal_of(begun).unlink()
        with pytest.raises(DataError, match=r"remove log\.lock to go on with what is left"):
            Log.open(begun, plain_view)
        database.lock_of(begun).unlink()
        with Log.open(begun, plain_view) as log:
            assert log.append("seen", {}).number == 4

    def test_a_wal_without_its_log(self, begun, plain_view):
        left_open(begun, plain_view)
        begun.unlink()
        with refused(begun, "missing, but its log.sqlite-wal is there"):
            Log.open(begun, plain_view)

    def test_an_unfinished_write_at_the_wals_end_is_none(self, begun, plain_view):
        """What a crash leaves of an event that was never acknowledged."""
        left_open(begun, plain_view, events=1)
        with database.wal_of(begun).open("ab") as wal:
            wal.write(b"half a page" * 100)
        with Log.open(begun, plain_view) as log:
            assert log.last == 4
            assert log.append("seen", {}).number == 5

    @pytest.mark.parametrize("change", ["scan", "size", "name"])
    def test_another_scan(self, begun, tmp_path, change):
        other = {
            "scan": lambda: view_at(tmp_path / "other" / "A_R", scan="new"),
            "size": lambda: view_at(tmp_path / "other" / "A_R", shape=(48, 48)),
            "name": lambda: view_at(tmp_path / "other" / "B_R"),
        }[change]()
        for read_only in (False, True):
            with refused(begun, "another scan of A_R.*put that scan back"):
                Log.open(begun, other, read_only=read_only)

    @pytest.mark.parametrize("change", [{"mask": "new"}, {"channels": ("depth", "albedo")}, {"drawing": "new"}])
    def test_but_not_a_mended_mask_a_new_channel_or_a_drawing(self, begun, tmp_path, change):
        with Log.open(begun, view_at(tmp_path / "other" / "A_R", **change)) as log:
            assert log.last == 3

    def test_a_folder_that_cannot_be_written(self, tmp_path, plain_view):
        blocked = tmp_path / "a file"
        blocked.write_text("")
        with pytest.raises(DataError, match="a file"):
            Log.open(blocked / "A_R" / "log.sqlite", plain_view)
