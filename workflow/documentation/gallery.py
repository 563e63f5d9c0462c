"""Draw the pictures of the documentation and its gallery page from the results of runs.

    python workflow/documentation/gallery.py demo|tutorial|all RESULTS

RESULTS is a folder `results/`; `gallery.sh` makes the runs. Pictures are reduced in
size and colors, so that all of them together stay small.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

REPO = Path(__file__).parents[2]
PICTURES = REPO / "docs/pictures"
WIDTHS = {"demo": 640, "tutorial": 640, "all": 340}
N_COLORS = 32
# Pictures of the tutorials, by the run that draws them.
OF_PAGES = {
    "demo": {
        "demo_rocs": "figures/higgsml/rocs.png",
        **{
            f"demo_{name}": f"figures/higgsml/mlp/{name}.png"
            for name in ("scores", "ams", "reliability", "sculpting", "importance")
        },
    },
    "tutorial": {
        f"tth_{name}": f"figures/tth_toy/mlp/{name}.png"
        for name in ("scores", "impacts", "prefit")
    },
}
DATASETS = {
    "higgsml": "Higgs ML",
    "higgs": "HIGGS",
    "hepmass": "HEPMASS",
    "tth_toy": "ttH of the tutorial",
}
# The first one that has the figure is shown.
MODELS = ("mlp", "supertml", "mlp_classes", "xgboost")
HEAD = """# Gallery of figures

Figures of the workflow for {datasets}, all on **toy events** and
with small models: the numbers have no meaning. Captions are those of the HTML report.
`make gallery` draws the page.
"""


def small_picture(source: Path, name: str, width: int) -> None:
    """Write a reduced copy of a picture for the documentation."""
    path = PICTURES / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(source) as picture:
        height = round(picture.height * width / picture.width)
        reduced = picture.convert("RGB").resize(
            (width, height), Image.Resampling.LANCZOS
        )
    # Other methods lose the color of small markers to the grays of letters.
    method = Image.Quantize.MAXCOVERAGE
    few = reduced.quantize(N_COLORS, method, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


def figures() -> Iterator[tuple[str, str, str]]:
    """Category, title and path without ending of each figure in the rules."""
    text = "\n".join(p.read_text() for p in sorted(REPO.glob("workflow/rules/*.smk")))
    for call in re.findall(r'\bfigure\(\s*("results.*?"(?:,\s*".*?"){2})', text):
        path, category, title = ast.literal_eval(f"({call})")
        yield category, title, path.removeprefix("results/")


def drawn(results: Path, path: str) -> Iterator[tuple[str, Path]]:
    """Data set and picture of each drawing of a figure: of one model per data set."""
    for dataset in DATASETS if "{dataset}" in path else [""]:
        models = MODELS if "{model}" in path else [""]
        paths = [path.format(dataset=dataset, model=m, fold=0) for m in models]
        pictures = [results / f"{p}.png" for p in paths]
        picture = next((p for p in pictures if p.exists()), None)
        if picture:
            yield dataset, picture


def section(results: Path, title: str, path: str) -> str:
    """Heading, caption and pictures of a figure; empty if no run has drawn it."""
    stem = Path(path).name
    of_model = "_model" if "{model}" in path else ""
    cells = []
    for dataset, picture in drawn(results, path):
        name = f"gallery/{dataset}_{stem}{of_model}"
        small_picture(picture, name, WIDTHS["all"])
        about = DATASETS.get(dataset, "all data sets")
        cells.append(
            f"[![{title}, {about}](pictures/{name}.png)](pictures/{name}.png)\n"
        )
    caption = REPO / f"workflow/report/{stem}.rst"
    text = caption.read_text() if caption.exists() else ""
    heading = title[0].upper() + title[1:]
    body = "\n".join(cells)
    grid = f'<div class="pictures" markdown>\n\n{body}\n</div>\n'
    return f"### {heading}\n\n`{path}`\n\n{text}\n{grid}" if cells else ""


def gallery(results: Path) -> str:
    """Page of all figures by category, whose pictures are written too."""
    names = [n for k, n in DATASETS.items() if (results / f"figures/{k}").exists()]
    parts = [HEAD.replace("{datasets}", ", ".join(names))]
    entries = [*figures()]
    for category in dict.fromkeys(category for category, _, _ in entries):
        sections = [section(results, t, p) for c, t, p in entries if c == category]
        parts += [f"## {category}\n", *filter(None, sections)]
    return "\n".join(parts)


if __name__ == "__main__":
    run, folder = sys.argv[1], Path(sys.argv[2])
    for name, path in OF_PAGES.get(run, {}).items():
        small_picture(folder / path, name, WIDTHS[run])
    if run == "all":
        (REPO / "docs/gallery.md").write_text(gallery(folder))
