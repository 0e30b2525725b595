"""What is published: the source distribution, what it declares, and the workflow that builds the rest.

The wheel takes minutes to build: `make wheel-test` does it, and tries it in an empty environment.
"""

from __future__ import annotations

import re
import subprocess
import tarfile
import tomllib
from importlib import metadata

import ocpplog
import pytest
import wheels
import yaml


@pytest.fixture(scope="module")
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def workflow(root):
    return yaml.safe_load((root / ".github/workflows/release.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Two source distributions, one after the other."""
    return [wheels.source_distribution(tmp_path_factory.mktemp("source")) for _ in range(2)]


class TestSourceDistribution:
    def test_it_is_the_same_each_time(self, built):
        first, second = (path.read_bytes() for path in built)
        assert first == second

    def test_it_has_what_a_build_needs_and_no_more(self, built):
        with tarfile.open(built[0]) as archive:
            names = {name.partition("/")[2] for name in archive.getnames()}
        assert {"Cargo.toml", "Cargo.lock", "pyproject.toml", "LICENSE", "README.md", "src/lib.rs"} <= names
        assert {"python/ocpplog/py.typed", "python/ocpplog/data/example.log.gz"} <= names
        assert not [name for name in names if name.startswith(("tests/", "docs/", "examples/", "fuzz/", ".github/"))]
        assert not [name for name in names if name.endswith(".so")]

    def test_its_times_are_those_of_the_commit(self, built):
        with tarfile.open(built[0]) as archive:
            assert len({member.mtime for member in archive.getmembers()}) == 1


class TestMetadata:
    def test_only_polars_and_typer_are_needed(self, project):
        needed = {re.split(r"[<>=]", requirement)[0] for requirement in project["project"]["dependencies"]}
        assert needed == {"polars", "typer"}

    def test_the_version_is_that_of_the_crate(self):
        assert metadata.version("ocpplog") == ocpplog.__version__

    def test_what_an_extra_needs_is_there_when_the_tests_run(self, project):
        extras = project["project"]["optional-dependencies"]
        names = {
            extra: {re.split(r"[<>=\[]", requirement)[0] for requirement in requirements}
            for extra, requirements in extras.items()
        }
        for extra in set(names) - {"dev", "notebook", "spark", "all"}:
            assert names[extra] <= names["dev"], extra

    def test_all_takes_every_extra(self, project):
        extras = project["project"]["optional-dependencies"]
        (everything,) = extras["all"]
        named = re.fullmatch(r"ocpplog\[(.*)\]", everything)
        assert named is not None
        assert set(named[1].split(",")) == set(extras) - {"all", "dev"}

    def test_the_readme_names_every_extra(self, project, root):
        text = (root / "README.md").read_text(encoding="utf-8")
        assert not [
            extra for extra in set(project["project"]["optional-dependencies"]) - {"dev"} if f"`{extra}`" not in text
        ]


class TestWorkflow:
    def test_every_action_has_a_version(self, workflow):
        used = [step["uses"] for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step]
        assert used
        assert not [action for action in used if not re.fullmatch(r"[\w./-]+@v\d+\.\d+\.\d+", action)]

    def test_the_tools_are_those_of_the_project(self, workflow, project):
        (maturin,) = [part for part in project["build-system"]["requires"] if part.startswith("maturin")]
        lowest = re.search(r">=(\d+\.\d+)", maturin)
        assert lowest is not None
        assert workflow["env"]["MATURIN"].startswith(f"v{lowest[1]}.")
        assert workflow["env"]["ARGS"].startswith("--profile dist --locked")

    def test_there_is_a_wheel_for_every_machine(self, workflow):
        targets = {
            entry["target"]
            for job in workflow["jobs"].values()
            for entry in job.get("strategy", {}).get("matrix", {}).get("include", [])
        }
        assert targets == {
            "x86_64-unknown-linux-gnu",
            "aarch64-unknown-linux-gnu",
            "x86_64-unknown-linux-musl",
            "aarch64-unknown-linux-musl",
            "aarch64-apple-darwin",
            "x86_64-apple-darwin",
            "x86_64-pc-windows-msvc",
        }
        publish = workflow["jobs"]["publish"]["steps"][1]["run"]
        assert f'"$(ls dist/*.whl | wc -l)" = {len(targets)}' in publish


def test_every_file_can_be_checked_out_on_windows(root):
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, check=True, capture_output=True).stdout.decode()
    names = listed.rstrip("\0").split("\0")
    assert not [name for name in names if re.search(r'[<>:"|?*\\]|[. ](?:/|$)', name)]
    assert len({name.lower() for name in names}) == len(names)
