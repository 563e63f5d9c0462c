"""Folder of the workflow, which may be imported from another one or from a git server."""

from snakemake.sourcecache import HostingProviderFile, LocalSourceFile

# What steps need beside the rules and scripts, of which Snakemake makes copies itself.
NEEDED = ("scripts", "workflow", "CITATION.cff", "config.yaml")


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

    They are in Snakemake's cache of sources, beside the scripts, which import them.
    """
    git = rules_folder.hosted_repo.repo.git
    names = git.ls_tree("-r", "--name-only", rules_folder.ref, "--", *NEEDED)
    for name in names.splitlines():
        file = rules_folder.join(f"../../{name}")
        copy = workflow.sourcecache.get_path(file)
    return Path(copy.removesuffix(file.path))


ROOT = root_of(workflow.current_basedir)
SCRIPTS = ROOT / "scripts"
