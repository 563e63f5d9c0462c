"""The pages of the documentation: complete, current, and true to the code."""

import importlib.util
import re
import subprocess
import sys
from functools import cache
from types import ModuleType

import pytest
import workflow_rules
import yaml
from snakemake.utils import update_config
from workflow_rules import REPO

from hepfold.core import configuration, parsing, settings

TOOLS = REPO / "workflow/documentation"
MAX_README_LINES = 120
MAX_PICTURE_BYTES = 1_500_000
TUTORIAL = REPO / "docs/tutorials/ntuples.md"
PAGES = sorted(
    [*REPO.glob("docs/**/*.md"), REPO / "README.md", REPO / "CONTRIBUTING.md"]
)
PUBLIC = {
    path.stem: yaml.safe_load(path.read_text())
    for path in REPO.glob("workflow/datasets/*.yaml")
}


def tool(name: str) -> ModuleType:
    """A module of workflow/documentation/."""
    spec = importlib.util.spec_from_file_location(f"docs_{name}", TOOLS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


pages, run_page = tool("pages"), tool("run_page")


def blocks(text: str, kind: str) -> list[str]:
    """Content of the fenced blocks of a language."""
    return re.findall(rf"^```{kind}\b[^\n]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def name_of(path) -> str:
    return str(path.relative_to(REPO))


def test_the_readme_is_short():
    assert len((REPO / "README.md").read_text().splitlines()) <= MAX_README_LINES


def test_the_readme_has_the_analysis_of_the_tutorial():
    """So that running the tutorial runs the YAML of the README too."""
    (shown,) = blocks((REPO / "README.md").read_text(), "yaml")
    written = dict(run_page.steps(TUTORIAL.read_text()))
    assert shown == written["my_analysis.yaml"]


def test_pictures_are_small():
    sizes = [p.stat().st_size for p in (REPO / "docs/pictures").rglob("*.*")]
    assert 0 < sum(sizes) < MAX_PICTURE_BYTES


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_make_targets_exist(page):
    targets = re.findall(r"^([\w-]+):", (REPO / "Makefile").read_text(), re.MULTILINE)
    text = page.read_text()
    named = re.findall(r"`make ([a-z][\w-]*)", text)
    for block in blocks(text, "bash"):
        named += re.findall(r"^make ([a-z][\w-]*)", block, re.MULTILINE)
    assert set(named) <= set(targets)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_named_tests_and_files_exist(page):
    text = page.read_text()
    sources = [p.read_text() for p in (REPO / "tests").rglob("*.py")]
    defined = set(re.findall(r"^def (\w+)\(", "\n".join(sources), re.MULTILINE))
    for name in re.findall(r"`(test_\w+)`", text):
        assert name in defined or name in workflow_rules.texts(), name
    for name in re.findall(r"`((?:workflow|scripts|benchmarks|envs)/[\w/.]+)`", text):
        assert name.startswith("scripts/hepfold/figures/plot_x") or exists(name), name


def exists(name: str) -> bool:
    """Whether the repository has a file, or files of an example like <rule>.py."""
    return (REPO / name).exists()


def configured(page) -> list[dict]:
    """YAML blocks of a page that are overlays by themselves."""
    known = set(settings.Configuration.__struct_fields__)
    parsed = [yaml.safe_load(block) for block in blocks(page.read_text(), "yaml")]
    return [part for part in parsed if isinstance(part, dict) and set(part) <= known]


@pytest.mark.parametrize("page", [p for p in PAGES if configured(p)], ids=name_of)
def test_overlays_of_a_page_are_valid(page):
    """Each alone, over config.yaml and the analyses of the tutorials."""
    for overlay in configured(page):
        full = yaml.safe_load((REPO / "config.yaml").read_text())
        toys = (REPO / "workflow/analyses/tth_toy.yaml").read_text()
        analysis = dict(run_page.steps(TUTORIAL.read_text()))["my_analysis.yaml"]
        for part in (yaml.safe_load(toys), yaml.safe_load(analysis), overlay):
            update_config(full, part)
        assert parsing.as_dict(configuration.complete(full, PUBLIC))


def test_rules_are_complete():
    """Every rule with its first sentence and every file that it is alone to make."""
    text = pages.rules()
    headings = re.findall(r"^### (\w+)$", text, re.MULTILINE)
    assert sorted(headings) == sorted(workflow_rules.texts())
    assert not re.findall(r"^### (\w+)\n\n.*\n\n(?!- `)", text, re.MULTILINE)
    for rule, body in workflow_rules.texts().items():
        output = workflow_rules.directives(body).get("output", "")
        for path in re.findall(r'"(results/[^"]+)"', output):
            if "{path" not in path:  # filled in by the rule
                assert path in text, f"{rule}: {path}"


def test_outputs_name_every_folder_of_results():
    text = (REPO / "docs/reference/outputs.md").read_text()
    folders = set(re.findall(r"`results/(\w+)/", pages.rules())) - {"publish"}
    assert folders
    for folder in folders:
        assert f"`{folder}/" in text, folder


def test_figures_of_the_outputs_are_those_of_the_rules():
    text = (REPO / "docs/reference/outputs.md").read_text()
    named = set(re.findall(r"`(\w+)`", text))
    for rule in workflow_rules.figures():
        output = workflow_rules.directives(workflow_rules.texts()[rule])["output"]
        for path in re.findall(r'"results/figures/([^"]+)"', output):
            stem = path.rsplit("/", 1)[-1]
            assert stem in named or stem.startswith("study"), path


@cache
def messages() -> str:
    """The page of messages, which takes a second to generate."""
    return pages.messages()


@pytest.mark.slow
def test_messages_are_templates_of_the_code():
    text = messages()
    assert "`<path>: the file is empty; <remedy>`" in text
    assert "no branch <name>" in text
    assert len(re.findall(r"^- `", text, re.MULTILINE)) > 100


@pytest.mark.slow
@pytest.mark.parametrize(
    "message",
    [
        "required key is missing",  # a type of a setting
        "uncertainties need uncertainty_kind",  # a combination of settings
        "no process has the label <name>",  # a check of a declaration
        "holds text, not numbers",  # the content of a column
        "comparisons cannot be chained",  # the spelling of an expression
    ],
)
def test_messages_include_those_of_all_checks(message):
    assert message in messages()


def words(text: str) -> str:
    """A message without what varies: code, angle brackets, dots and quotes."""
    return " ".join(re.sub(r"<[^>]*>|\.\.\.|['`]", " ", text).split())


@pytest.mark.slow
def test_messages_of_the_faq_are_those_of_the_code():
    """Each piece of text between dots in the first columns is in a message."""
    known = words(messages())
    faq = (REPO / "docs/faq.md").read_text().split("## Messages about your data")[1]
    for cell in re.findall(r"^\| (`.*?`) \|", faq, re.MULTILINE):
        for message in re.findall(r"`(.*?)`", cell):
            for piece in re.split(r"\.\.\.|<.*?>", message):
                assert words(piece) in known, f"{message}: {piece}"


@pytest.mark.parametrize("name", pages.study_names())
def test_a_study_has_a_page(name):
    record = yaml.safe_load((REPO / f"workflow/studies/{name}.yaml").read_text())[
        "study"
    ]
    text = pages.study(name)
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert headings[:3] == ["Question", "Method", "Results"]
    assert headings[-1] == "How to vary it"
    assert all(row["label"] in text for row in record["rows"])
    assert f"studies/{name}.md" in (REPO / "mkdocs.yml").read_text()
    assert f"({name}.md)" in (REPO / "docs/studies/index.md").read_text()


def test_pages_are_written_and_run_in_their_order():
    text = (
        'Then\n```yaml title="a.yaml"\nseed: 1\n```\n```yaml\nseed: 2\n```\n'
        "```bash\nsnakemake --configfile config.yaml a.yaml \\\n    -- all\nmake\n```\n"
    )
    assert [*run_page.steps(text)] == [
        ("a.yaml", "seed: 1\n"),
        ("", "snakemake --configfile config.yaml a.yaml      -- all"),
        ("", "make"),
    ]


def test_overlays_for_tests_come_last():
    command = "snakemake --configfile config.yaml a.yaml -- b.yaml"
    shown = run_page.with_overlays(command, ["small.yaml"])
    assert shown == "snakemake --configfile config.yaml a.yaml small.yaml -- b.yaml"
    assert run_page.with_overlays("cp a b", ["small.yaml"]) == "cp a b"


@pytest.mark.slow
def test_the_site_builds_without_a_warning(tmp_path):
    """Links, anchors and the navigation are checked; formulas are MathML."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    run = subprocess.run(
        [*command, "--site-dir", str(tmp_path)],
        cwd=REPO,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    text = (tmp_path / "explanation/ams.html").read_text()
    assert "<math" in text and "arithmatex" not in text
    assert (tmp_path / "reference/rules.html").exists()
    assert (tmp_path / "search/search_index.js").exists()
