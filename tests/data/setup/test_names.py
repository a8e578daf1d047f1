"""Names with accents: found and called composed, whichever form the disk has or the user types."""

from __future__ import annotations

import json
from unicodedata import normalize

import pytest

from data.ingest import prepared_view
from data.storage import PreparedSet
from tests.data.setup.conftest import names, outcomes, prepared
from user_config import settings

NFC, NFD = (normalize(form, "Köln-1_R") for form in ("NFC", "NFD"))


@pytest.mark.parametrize("there", [NFC, NFD])
@pytest.mark.parametrize("typed", [NFC, NFD])
def test_a_view_is_found_by_its_name_and_called_composed(mirrors, setup, storage, there, typed):
    mirrors.add(there)
    mirrors.add("A_R")
    setup("--test", typed)
    assert names(storage) == ["A_R", NFC]
    assert prepared(storage).test == (NFC,)
    assert prepared(storage).view(typed).manifest["view"] == NFC
    assert [path.name for path in (storage / "mirrors").glob("K*")] == [NFC]
    assert prepared_view(typed, "mirrors", None, ["depth"], None, settings()).name == NFC


@pytest.fixture
def old_set(mirrors, setup, storage):
    """A set that an earlier version prepared under the decomposed name."""
    mirrors.add(NFD)
    mirrors.add("A_R")
    setup()
    folder = (storage / "mirrors" / NFC).rename(storage / "mirrors" / NFD)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"view": NFD, "object": NFD[:-2]}))
    whole = json.loads((folder.parent / "set.json").read_text())
    (folder.parent / "set.json").write_text(json.dumps(whole | {"members": ["A_R", NFD], "test": [NFD]}))
    return folder


@pytest.mark.parametrize("typed", [NFC, NFD])
def test_a_set_of_decomposed_names_opens(old_set, storage, typed):
    opened = PreparedSet.open(storage, "mirrors")
    assert opened.view(typed).folder == old_set
    assert [view.name for view in opened.views()] == ["A_R", NFC]
    assert opened.view(typed).object in opened.test_objects


def test_prepared_again_it_stays_where_it_is_and_keeps_its_fingerprint(old_set, mirrors, setup, storage):
    before = prepared(storage).view(NFC).fingerprint(["depth"])
    assert outcomes(setup())[NFC] == "unchanged"
    manifest = json.loads((old_set / "manifest.json").read_text())
    for part in manifest["parts"].values():
        del part["reader"]
    (old_set / "manifest.json").write_text(json.dumps(manifest))
    assert outcomes(setup())[NFC] == "prepared"
    view = prepared(storage).view(NFC)
    assert (view.folder, view.manifest["view"]) == (old_set, NFC)
    assert view.fingerprint(["depth"]) == before
