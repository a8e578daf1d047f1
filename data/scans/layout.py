"""Raw scans on disk: where the files of a view lie, and which files belong to no view.

The layout is that of the method's authors ("Drawing the Line", ICDAR 2024): ``<OBJ>/PS/<VIEW>_{N,RHO,U}.tif`` below
the root, drawings and masks as ``<VIEW>_drawings.png`` and ``<VIEW>_mask.png`` in folders of their own.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from data.errors import DataError
from data.io.files import listed
from data.paths import composed, told_apart

SUFFIX = {"depth": "U", "normals": "N", "albedo": "RHO", "published_depth": "U"}  # of a channel's file

_VIEW = re.compile(r"(?P<object>.+)_(?P<side>[RV])")
_MAP = re.compile(r"(?P<view>.+)_(?P<suffix>U|N|RHO)\.tiff?", re.IGNORECASE)
_NAME = {"drawing": "{}_drawings.png", "mask": "{}_mask.png"}
_NEARLY = {  # names that were meant so: after copying, from another program, mistyped
    "drawing": re.compile(r"(?P<view>.+)_drawings?.*", re.IGNORECASE),
    "mask": re.compile(r"(?P<view>.+)_masks?.*", re.IGNORECASE),
}
PICTURES = (".png", ".tif", ".tiff", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".psd", ".svg")


@dataclass(frozen=True)
class ScanFiles:
    """The files of one view; ``drawing`` and ``mask`` are None where there are none.

    ``faults`` states what has to be corrected in names or folders before the view can be used, ``remarks`` which files
    were taken though they are not called as the layout says.
    """

    view: str
    maps: dict[str, Path]  # by channel name
    drawing: Path | None
    mask: Path | None
    faults: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class ScanFolder:
    """The content of a root: the views by name, and the maps and pictures that belong to none of them."""

    scans: list[ScanFiles]
    strays: list[Path] = field(default_factory=list)


def object_of(view: str) -> str:
    """Return the object that a view shows: ``wels-11944`` of ``wels-11944_R``."""
    match = _VIEW.fullmatch(view)
    if match is None:
        raise DataError(f"{view}: a view is called <OBJ>_R (back) or <OBJ>_V (front); rename its files")
    return match["object"]


def find_scans(root: Path, drawings: Path, masks: Path) -> list[ScanFiles]:
    """List the views below a root, by name.

    Raises
    ------
    DataError
        If a folder cannot be listed, or the root holds no depth map in the dataset's layout.
    """
    return list_folder(root, drawings, masks).scans


def list_folder(root: Path, drawings: Path, masks: Path) -> ScanFolder:
    """List the views below a root, by name, and what belongs to none; raises as ``find_scans`` does."""
    if not root.is_dir():
        what = "a file, not the folder of all scans" if root.exists() else "no such folder"
        raise DataError(f"{root}: {what}; set DIR_ROOT in user_config.py, or RETRACE_DIR_ROOT, or pass --root")
    scans: list[ScanFiles] = []
    strays: list[Path] = []
    for folder in filter(Path.is_dir, listed(root)):
        found, others = _maps_in(folder / "PS")
        scans += found
        strays += others
    if not scans:
        raise DataError(
            f"{root}: no scan found; expected <OBJ>/PS/<VIEW>_U.tif below it, VIEW being <OBJ>_R or <OBJ>_V"
        )
    pictures = dict.fromkeys(path for folder in (drawings, masks) for path in listed(folder, PICTURES))
    of_drawings, of_masks = _nearly_named(drawings, "drawing"), _nearly_named(masks, "mask")
    scans = [
        _with_picture(_with_picture(scan, of_drawings, "drawing"), of_masks, "mask")
        for scan in _named_once(sorted(scans, key=lambda scan: scan.view))
    ]
    known = {scan.view.casefold() for scan in scans}
    claimed = {path for found in (of_drawings, of_masks) for view in found.keys() & known for path in found[view]}
    return ScanFolder(scans, strays + [path for path in pictures if path not in claimed])


def _nearly_named(folder: Path, kind: str) -> dict[str, list[Path]]:
    """Return the pictures whose names are nearly those of a drawing or mask, by the view without regard to case."""
    found: dict[str, list[Path]] = {}
    for path in listed(folder, PICTURES):
        if match := _NEARLY[kind].fullmatch(composed(path.stem)):
            found.setdefault(match["view"].casefold(), []).append(path)
    return found


def _with_picture(scan: ScanFiles, candidates: dict[str, list[Path]], kind: str) -> ScanFiles:
    """Add a view's drawing or mask; it is a fault if another file could be meant as well."""
    name = _NAME[kind].format(scan.view)
    there = candidates.get(scan.view.casefold(), [])
    right = [path for path in there if composed(path.name) == name]
    alike = [path for path in there if composed(path.stem).casefold() == Path(name).stem.casefold()]
    taken = next(iter(right or alike), None)
    others = ", ".join(path.name for path in there if path != taken)
    faults, remarks = scan.faults, scan.remarks
    if taken and others:
        faults = (*faults, f"{taken}: another {kind} beside it, {others}; move all but one of them away")
    elif taken and not right:
        remarks = (*remarks, f"{kind}: {taken}")
    elif there and not taken:
        faults = (*faults, f"{there[0]}: the {kind} has to be called {name}; rename it")
    scan = replace(scan, drawing=taken) if kind == "drawing" else replace(scan, mask=taken)
    return replace(scan, faults=faults, remarks=remarks)


def _maps_in(folder: Path) -> tuple[list[ScanFiles], list[Path]]:
    """Return the views of one object, and the TIFFs that are no map of any."""
    try:
        tiffs = listed(folder, (".tif", ".tiff"))
    except DataError as error:  # the other objects go on
        return [ScanFiles(_readable(folder.parent.name), {}, None, None, (str(error),))], []
    views: defaultdict[str, defaultdict[str, list[Path]]] = defaultdict(lambda: defaultdict(list))
    strays = []
    for path in tiffs:
        if match := _MAP.fullmatch(composed(path.name)):
            views[match["view"]][match["suffix"].upper()].append(path)
        else:
            strays.append(path)
    scans = []
    for view, of_view in views.items():
        scan, others = _scan(folder, view, of_view)
        scans.append(scan)
        strays += others
    if not scans and folder.is_dir():
        fault = f"{folder}: no depth map in it; expected <VIEW>_U.tif, VIEW being <OBJ>_R or <OBJ>_V"
        scans = [ScanFiles(_readable(folder.parent.name), {}, None, None, (fault,))]
    return scans, strays


def _scan(folder: Path, view: str, of_view: dict[str, list[Path]]) -> tuple[ScanFiles, list[Path]]:
    """Return a view with its maps, and what is wrong with their names; and the files that stand aside for its maps."""
    maps: dict[str, Path] = {}
    faults, remarks, strays = [], [], []
    for suffix, paths in of_view.items():
        name = f"{view}_{suffix}.tif"
        right = [path for path in paths if composed(path.name) == name]
        if len(right) != 1 and len(paths) > 1:
            faults.append(f"{_two(paths, 'maps')} or remove one of them")
            continue
        taken = right[0] if right else paths[0]
        strays += [path for path in paths if path != taken]
        maps |= {channel: taken for channel, its in SUFFIX.items() if its == suffix}
        if not right:
            remarks.append(f"{suffix} map: {taken}")
    if "depth" not in maps and not faults:
        faults.append(f"{folder}: no depth map {view}_U.tif, though other maps of that view; export or rename it")
    if _readable(view) != view:
        faults.append(f"{folder}: {view!a} is no name in UTF-8; rename the view's files")
    return ScanFiles(_readable(view), maps, None, None, tuple(faults), tuple(remarks)), strays


def _readable(name: str) -> str:
    """Return a file's name with all bytes replaced that are not UTF-8, so that it can be printed."""
    return name.encode(errors="replace").decode()


def _two(paths: Sequence[Path], what: str) -> str:
    return f"{' and '.join(map(str, paths))}: two {what} of one name{told_apart(paths)}; rename"


def _named_once(scans: Sequence[ScanFiles]) -> list[ScanFiles]:
    """Add a fault to each view that lies in two folders."""
    twice = {view for view, count in Counter(scan.view for scan in scans).items() if count > 1}
    folders = {
        view: [next(iter(scan.maps.values())) for scan in scans if scan.view == view and scan.maps] for view in twice
    }
    return [
        replace(scan, faults=(*scan.faults, f"{_two(folders[scan.view], 'scans')} one")) if scan.view in twice else scan
        for scan in scans
    ]
