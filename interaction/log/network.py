"""Network drives, on which SQLite's WAL is not safe: its index lies in memory that processes of one machine share."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
NETWORK = frozenset(
    {
        "9p", "afp", "afpfs", "afs", "beegfs", "ceph", "cifs",
        "coda", "davfs", "fuse.ceph", "fuse.davfs", "fuse.glusterfs", "fuse.gvfsd-fuse", "fuse.rclone",
        "fuse.s3fs", "fuse.smbnetfs", "fuse.sshfs", "fuse.vmhgfs-fuse", "glusterfs", "gpfs", "lustre",
        "ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "prl_fs", "smb2",
        "smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs", "webdav",
    }
)  # fmt: skip
REMOTE = 4  # Windows's DRIVE_REMOTE


def network_drive(path: Path) -> str | None:
    """Return the file system of a file or folder, such as ``nfs4``, if it is a network drive; None if it is local.

    Parameters
    ----------
    path : need not exist; then the nearest folder above that does is meant

    Notes
    -----
    Linux says it in ``/proc/self/mountinfo``, macOS in what ``mount`` prints, Windows by the kind of the drive, or by
    two backslashes at the beginning of a path. A shared folder of a virtual machine counts as a network drive.
    """
    place = path.resolve()
    while not place.exists() and place != place.parent:
        place = place.parent
    if sys.platform == "win32":
        return _on_windows(place)
    if sys.platform == "darwin":
        return _on_mac(place)
    kind = _nearest(place, _linux_mounts())
    return kind if kind in NETWORK else None


def _linux_mounts() -> list[tuple[Path, str]]:
    """Return where file systems are mounted, and their kinds; later ones lie over earlier ones."""
    try:
        lines = MOUNTS.read_text(errors="surrogateescape").splitlines()
    except OSError:  # a system without it: nothing is known
        return []
    halves = [line.partition(" - ") for line in lines if " - " in line]
    return [(Path(_unescaped(left.split(" ")[4])), right.split(" ")[0]) for left, _, right in halves]


def _unescaped(name: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), name)


def _nearest(place: Path, mounts: list[tuple[Path, str]]) -> str:
    """Return the kind of the file system whose mount point is the last one on the way to a place; "" if none is."""
    above = [(len(point.parts), turn, kind) for turn, (point, kind) in enumerate(mounts) if place.is_relative_to(point)]
    return max(above)[2] if above else ""


def _on_mac(place: Path) -> str | None:
    printed = subprocess.run(["/sbin/mount"], capture_output=True, text=True, check=False).stdout
    mounts = [
        (Path(point), "" if "local" in (flags := options.split(", ")) else flags[0])
        for point, options in re.findall(r"^.* on (/.*) \(([^)]*)\)$", printed, re.MULTILINE)
    ]
    return _nearest(place, mounts) or None


def _on_windows(place: Path) -> str | None:
    if str(place).startswith("\\\\"):
        return "a network share"
    import ctypes

    windll = getattr(ctypes, "windll")  # noqa: B009 - type checkers on other systems do not know it
    return "a network drive" if windll.kernel32.GetDriveTypeW(place.anchor) == REMOTE else None
