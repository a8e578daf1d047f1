"""Network drives: found by what the system says of its mounts; logs on them are kept without a WAL."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from interaction.log import database, network
from interaction.log.database import wal_of
from interaction.log.log import Log
from tests.interaction.log.log_files import left_open
from tests.root import ROOT

MOUNT = "36 35 98:0 / {point} rw,noatime shared:1 - {kind} server:/share rw,vers=4.2\n"


@pytest.fixture
def mounted(tmp_path, monkeypatch):
    """Have the system say what is mounted where."""
    monkeypatch.setattr(sys, "platform", "linux")

    def mount(*mounts):
        lines = [MOUNT.format(point=str(point).replace(" ", "\\040"), kind=kind) for point, kind in mounts]
        (tmp_path / "mountinfo").write_text("".join(lines))
        monkeypatch.setattr(network, "MOUNTS", tmp_path / "mountinfo")

    return mount


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p", "afs", "virtiofs", "ceph"])
def test_a_network_drive_is_told_by_its_kind(tmp_path, mounted, kind):
    mounted(("/", "ext4"), (tmp_path / "share", kind))

    assert network.network_drive(tmp_path / "share" / "A_R" / "log.sqlite") is None  # it is not there: the disk below
    (tmp_path / "share").mkdir()
    assert network.network_drive(tmp_path / "share" / "A_R" / "log.sqlite") == kind
    assert network.network_drive(tmp_path / "shared") is None


@pytest.mark.parametrize("kind", ["ext4", "btrfs", "xfs", "zfs", "tmpfs", "overlay", "fuseblk", "vfat", "apfs"])
def test_other_drives_are_local(tmp_path, mounted, kind):
    mounted(("/", "nfs4"), (tmp_path, kind))

    assert network.network_drive(tmp_path) is None


def test_the_nearest_mount_counts_and_of_two_at_one_place_the_later(tmp_path, mounted):
    (tmp_path / "a b" / "local").mkdir(parents=True)
    mounted(("/", "ext4"), (tmp_path / "a b", "ext4"), (tmp_path / "a b", "nfs"), (tmp_path / "a b" / "local", "xfs"))

    assert network.network_drive(tmp_path / "a b") == "nfs"
    assert network.network_drive(tmp_path / "a b" / "local") is None


def test_a_link_is_followed(tmp_path, mounted):
    (tmp_path / "share").mkdir()
    (tmp_path / "here").symlink_to(tmp_path / "share")
    mounted(("/", "ext4"), (tmp_path / "share", "cifs"))

    assert network.network_drive(tmp_path / "here" / "A_R") == "cifs"


def test_on_a_mac_it_is_what_mount_does_not_call_local(tmp_path, monkeypatch):
    printed = (
        "/dev/disk3s1 on / (apfs, sealed, local, read-only, journaled)\n"
        f"//me@server/share on {tmp_path} (smbfs, nodev, nosuid, mounted by me)\n"
    )
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(subprocess, "run", lambda *command, **options: SimpleNamespace(stdout=printed))

    assert network.network_drive(tmp_path / "A_R") == "smbfs"
    assert network.network_drive(tmp_path.parent) is None


def test_a_system_that_says_nothing_of_mounts_has_none(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(network, "MOUNTS", tmp_path / "nothing")

    assert network.network_drive(tmp_path) is None


def mode(log):
    return log._database.connection.execute("PRAGMA journal_mode").fetchone()[0]


class TestLogOnANetworkDrive:
    @pytest.fixture
    def on_network(self, path, mounted):
        path.parent.mkdir(parents=True, exist_ok=True)
        mounted(("/", "ext4"), (path.parent, "nfs4"))

    def test_a_new_one_has_no_wal(self, path, plain_view, on_network):
        with Log.open(path, plain_view) as log:
            log.append("start", {"source": "empty"}, b"")
            assert mode(log) == "delete"
            assert {file.name for file in path.parent.iterdir()} == {"log.sqlite", "log.lock"}

    def test_one_that_had_a_wal_is_converted_with_all_that_the_wal_holds(self, begun, plain_view, on_network):
        left_open(begun, plain_view, events=4)
        with Log.open(begun, plain_view) as log:
            assert mode(log) == "delete"
            assert [event.number for event in log.events()] == list(range(1, 8))
            assert log.append("seen", {}).number == 8
            assert not wal_of(begun).exists()
            with Log.read(begun) as reader:  # no lock is left over from the conversion
                assert reader.last == 8

    def test_one_that_comes_back_to_a_disk_has_a_wal_again(self, path, plain_view, on_network, mounted):
        with Log.open(path, plain_view) as log:
            log.append("start", {"source": "empty"}, b"")
        mounted(("/", "ext4"))
        with Log.open(path, plain_view) as log:
            assert mode(log) == "wal"
            assert log.last == 1

    def test_it_is_mended_as_others_are(self, path, plain_view, on_network):
        with Log.open(path, plain_view) as log:
            log.append("start", {"source": "empty"}, b"")
            log.copy()
            path.unlink()
            assert log.mend()
            assert log.append("seen", {}).number == 2
            assert mode(log) == "delete"

    def test_a_write_that_a_crash_cut_off_is_taken_back(self, path, plain_view, on_network):
        """Its journal lies beside the log, and the log itself is half written."""
        with Log.open(path, plain_view) as log:
            log.append("start", {"source": "empty"}, b"")
        crash = (
            "import os, sqlite3, sys\n"
            "log = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
            "log.execute('PRAGMA cache_size = 1')\n"  # so that pages are written before the end
            "log.execute('BEGIN')\n"
            "row = (2, '', 'seen', '{}', 0, os.urandom(1 << 20))\n"
            "log.execute('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)', row)\n"
            f"os.kill(os.getpid(), {int(signal.SIGKILL)})\n"
        )
        subprocess.run([sys.executable, "-c", crash, str(path)], cwd=ROOT, check=False)
        assert Path(f"{path}-journal").stat().st_size > 0

        with Log.open(path, plain_view) as log:
            assert log.last == 1
            assert log.append("seen", {}).number == 2

    def test_a_reader_waits_for_a_writer(self, path, plain_view, on_network):
        with Log.open(path, plain_view) as log:
            log.append("start", {"source": "empty"}, b"")
            with Log.read(path) as reader:
                log.append("seen", {})
                assert reader.last == 2


def test_the_mode_is_told_by_the_log_s_own_folder(tmp_path, mounted):
    (tmp_path / "far").mkdir()
    mounted(("/", "ext4"), (tmp_path / "far", "nfs"))

    assert database.journal_mode(tmp_path / "far" / "log.sqlite") == "DELETE"
    assert database.journal_mode(tmp_path / "log.sqlite") == "WAL"
