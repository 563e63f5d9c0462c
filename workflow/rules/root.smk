"""Folder of the workflow, which may be imported from another one or from a git server."""

import io
import os
import tarfile
import tempfile
from contextlib import suppress

from snakemake.sourcecache import HostingProviderFile, LocalSourceFile

# Files that steps need in addition to rules and scripts, which Snakemake copies itself.
NEEDED = ["scripts", "workflow", "CITATION.cff", "config.yaml"]


def root_of(rules_folder):
    """Folder with the files of the workflow, from that of the rules."""
    if isinstance(rules_folder, LocalSourceFile):
        return Path(rules_folder).parent.parent
    if isinstance(rules_folder, HostingProviderFile):
        return copied_root(rules_folder)
    raise WorkflowError(
        f"hepfold cannot be imported from {rules_folder}; give the path of a clone, or "
        f"github(...) or gitlab(...) with a tag"
    )


def copied_root(rules_folder):
    """Folder with copies of the files that steps need, from a git server.

    It is in Snakemake's cache of sources. Scripts import the library from the folder of
    their own copies, where there is a link.
    """
    rules_file = rules_folder.join("root.smk")
    copies = Path(workflow.sourcecache.get_path(rules_file)).parents[2]
    root, library = copies / "hepfold", copies / "scripts/hepfold"
    if not root.exists():
        extract(rules_folder, root)
    library.parent.mkdir(exist_ok=True)
    # Jobs of a cluster may get here at the same time.
    with suppress(FileExistsError):
        library.symlink_to("../hepfold/scripts/hepfold")
    return root


def extract(rules_folder, root):
    """Write the files of a commit to a new folder, which appears when it is complete."""
    archive = io.BytesIO()
    repository = rules_folder.hosted_repo.repo
    repository.archive(archive, rules_folder.ref, path=NEEDED)
    archive.seek(0)
    with tempfile.TemporaryDirectory(dir=root.parent) as folder:
        with tarfile.open(fileobj=archive) as tar:
            tar.extractall(f"{folder}/complete", filter="data")
        with suppress(OSError):
            os.rename(f"{folder}/complete", root)


RULES_FOLDER = workflow.current_basedir
ROOT = root_of(RULES_FOLDER)
SCRIPTS = ROOT / "scripts"


def release_of_workflow(wildcards):
    """Commit and date of a workflow from a git server; None for a local folder."""
    if isinstance(RULES_FOLDER, LocalSourceFile):
        return None
    commit = RULES_FOLDER.hosted_repo.repo.commit(RULES_FOLDER.ref)
    return [commit.hexsha, commit.committed_datetime.date().isoformat()]
