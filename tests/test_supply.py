"""Do the lock files hold what is pinned, each with hashes, and has every package a licence that QuantLab can be given away with?"""

import re

import pytest
from packaging.requirements import Requirement

from quantlab.cli import main
from quantlab.licences import licence_of, licences
from quantlab.packages import EXTRAS, requirements
from tests.lock import LOCKS, ROOT


def pins(name: str) -> dict[str, Requirement]:
    lines = (ROOT / name).read_text("utf-8").splitlines()
    found = {}
    for line in lines:
        if line.startswith("-r "):
            found |= pins(str((ROOT / name).parent.relative_to(ROOT) / line[3:].strip()))
        elif line and line[0].isalnum():
            requirement = Requirement(line.rstrip("\\").strip())
            found[requirement.name.lower().replace("_", "-")] = requirement
    return found


@pytest.mark.parametrize("wanted, lock", LOCKS.items())
def test_what_is_pinned_is_locked_at_that_version_with_the_hashes_of_its_files(wanted, lock):
    locked = pins(lock)
    for name, requirement in pins(wanted).items():
        assert locked[name].specifier == requirement.specifier, f"{name}: python -m tests.lock"
    entries = re.split(r"\n(?=[A-Za-z0-9])", (ROOT / lock).read_text("utf-8"))[1:]
    assert len(entries) > 60 and all("--hash=sha256:" in entry for entry in entries)


def test_all_packages_have_a_licence_and_none_forbids_to_hand_quantlab_on(capsys):
    assert main(["doctor", "--licences"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 50 and any(line.startswith("numpy ") and "BSD" in line for line in lines)
    packages = licences([*requirements(), *(one for extra in EXTRAS for one in requirements(extra))])
    strict = {package.name for package in packages if re.search(r"\bA?GPL", package.licence)}
    assert not strict, "LGPL and MPL ask for nothing where a package is used unchanged; these do"


def test_a_licence_is_read_from_whatever_its_author_stated():
    from email.message import Message

    stated = Message()
    assert licence_of(stated) == ""
    stated["License"] = "New BSD\nCopyright ..."
    assert licence_of(stated) == "New BSD"
    stated["Classifier"] = "License :: OSI Approved :: BSD License"
    assert licence_of(stated) == "BSD License"
    stated["License-Expression"] = "BSD-3-Clause"
    assert licence_of(stated) == "BSD-3-Clause"
