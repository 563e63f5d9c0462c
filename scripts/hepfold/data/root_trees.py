"""ROOT files: opening them, finding trees by name, and reporting corrupt files."""

import contextlib
import difflib
from collections.abc import Iterator

import uproot

from hepfold.core import logs

# With ISA-L instead of zlib, reading takes two thirds of the time. The documented
# `uproot.ZLIB.library` only sets it for writing.
uproot.compression._decompress_ZLIB.library = "isal"

# Classes of ROOT objects that hold events, and of folders.
TREES = {"TTree", "TNtuple", "TNtupleD", "ROOT::RNTuple"}
FOLDERS = {"TDirectory", "TDirectoryFile"}
# Largest number of names in a message.
N_LISTED = 12


@contextlib.contextmanager
def opened(path: str) -> Iterator[uproot.ReadOnlyDirectory]:
    """The ROOT file at that path."""
    with corruption_reported(path):
        # In a dict, a path with a colon is not split into file and object.
        file = uproot.open({path: None})
    with file:
        yield file


@contextlib.contextmanager
def corruption_reported(path: str) -> Iterator[None]:
    """Report errors of uproot inside the block as those of a corrupt file.

    The block must contain nothing but calls of uproot that read from the file: corrupt
    bytes raise errors of almost any class.
    """
    try:
        yield
    except (logs.InputError, MemoryError, ImportError):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.strerror:
            raise logs.InputError(f"{path}: {error.strerror}") from error
        lines = str(error).strip().splitlines() or [""]
        raise logs.InputError(
            f"{path}: truncated or corrupt ROOT file ({type(error).__name__} "
            f"{lines[0][:200]}); copy or download it again"
        ) from error


def tree_of(path: str, file, name: str | None, setting: str):
    """The TTree or RNTuple of that name, such as `analysis/nominal` or `events;2`.

    Without a name, the only tree of the file. Without a cycle, the highest one.
    """
    with corruption_reported(path):
        classes = file.classnames()
    place = f"{setting}: {path}"
    key = only_tree(classes, place) if name is None else key_of(name, classes, place)
    with corruption_reported(path):
        return file[key]


def full_name(tree) -> str:
    """The name of a tree with its folders, without its cycle."""
    return without_cycle(tree.object_path.strip("/")) or tree.name


def key_of(name: str, classes: dict[str, str], place: str) -> str:
    """The key with cycle of the tree of that name; `classes` are those of all keys."""
    wanted = name.strip("/")
    keys = [key for key in classes if wanted in (key, without_cycle(key))]
    if not keys:
        raise logs.InputError(f"{place} has no tree {name!r}; {others(name, classes)}")
    key = max(keys, key=cycle)
    if classes[key] not in TREES:
        kind = "a folder" if classes[key] in FOLDERS else f"a {classes[key]}"
        raise logs.InputError(
            f"{place}: {name!r} is {kind}, not a tree; {others(name, classes)}"
        )
    return key


def only_tree(classes: dict[str, str], place: str) -> str:
    """The key with cycle of the only tree of a file."""
    trees = trees_of(classes)
    if len(trees) == 1:
        return max((key for key in classes if without_cycle(key) in trees), key=cycle)
    if trees:
        raise logs.InputError(
            f"{place} has {len(trees)} trees; name one by `tree`: {listed(trees)}"
        )
    raise logs.InputError(f"{place} has no tree; {contents(classes)}")


def others(name: str, classes: dict[str, str]) -> str:
    """Alternatives to a name: the nearest tree, or all trees."""
    trees = trees_of(classes)
    by_last_part = {tree.split("/")[-1]: tree for tree in trees}
    last_part = name.strip("/").split("/")[-1].split(";")[0]
    near = difflib.get_close_matches(name, trees, 1)
    if last_part in by_last_part:
        near = [by_last_part[last_part]]
    if near:
        return f"did you mean {near[0]!r}? Trees of the file: {listed(trees)}"
    return f"trees of the file: {listed(trees)}" if trees else contents(classes)


def contents(classes: dict[str, str]) -> str:
    """Content of a file without a tree."""
    objects = [
        f"{without_cycle(key)} ({kind})"
        for key, kind in classes.items()
        if kind not in FOLDERS
    ]
    if not objects:
        return "the file is empty"
    return f"the file holds {listed(list(dict.fromkeys(objects)))}"


def trees_of(classes: dict[str, str]) -> list[str]:
    """Names of the trees without their cycles, each once."""
    names = [without_cycle(key) for key, kind in classes.items() if kind in TREES]
    return list(dict.fromkeys(names))


def without_cycle(key: str) -> str:
    """The name of a key without its cycle."""
    return key.rpartition(";")[0]


def cycle(key: str) -> int:
    """The cycle of a key."""
    return int(key.rpartition(";")[2])


def listed(names: list[str]) -> str:
    """Names for a message; a long list is shortened."""
    more = f" and {len(names) - N_LISTED} more" if len(names) > N_LISTED else ""
    return ", ".join(names[:N_LISTED]) + more
