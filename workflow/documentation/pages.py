"""Pages of the documentation that are made from the code when the site is built."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

REPO = Path(__file__).parents[2]
RULE = re.compile(r"^(?:use rule draw as|rule) (\w+)(?: with)?:\n", re.MULTILINE)
FIGURE_ENDINGS = (".pdf", ".png", ".csv")
ABOUT_RULES = """# Rules

What is made from what. Each rule has the script `scripts/<rule>.py`; a figure has the
module `scripts/hepfold/figures/<rule>.py`. Request any file below by its name:
`snakemake --cores 8 <file>`.

[![Rule graph of the demo](../pictures/rulegraph.svg)](../pictures/rulegraph.svg)

*Rules of the demo. An arrow means that a rule reads files of another. Select the
picture to enlarge it.*
"""
ABOUT_MESSAGES = """# Error messages

Every message about input that you can correct, as written in the code. Values that
differ from case to case are in angle brackets. On the terminal and in the log, the line
begins with `Bad input:`; many messages follow a file or the path of a setting. Search
for a few words of your message; [FAQ and troubleshooting](../faq.md) explains the
frequent ones.
"""
# Errors whose last argument is a message, and modules whose functions yield or return
# faults.
ERRORS = ("InputError", "DivergedError", "ExpressionError", "fault")
FAULTS = ("parsing", "overlays")
GROUPS = {
    "core": "Files, checksums and settings",
    "data": "Data sets and raw files",
    "toys": "Toy events",
    "models": "Models",
    "training": "Training",
    "analysis": "Scores, figures of merit and fits",
    "publish": "The published folder",
    "figures": "Figures",
    "scripts": "Steps",
}


def rules() -> str:
    """Page of all rules: what each does, its script and its files, by file of rules."""
    parts = [
        ABOUT_RULES,
    ]
    for path in sorted((REPO / "workflow/rules").glob("*.smk")):
        entries = [*rules_of(path.read_text())]
        if entries:
            title = (ast.get_docstring(ast.parse(opening(path))) or "").split("\n")[0]
            parts += [f"## {path.stem}\n", f"{title}\n"]
            parts += [rule_entry(*entry) for entry in entries]
    return "\n".join(parts)


def opening(path: Path) -> str:
    """The docstring of a file of rules, which is no Python below it."""
    found = re.match(r'""".*?"""', path.read_text(), re.DOTALL)
    return found[0] if found else ""


def rules_of(text: str) -> Iterator[tuple[str, str, list[str]]]:
    """Name, docstring and output files of each rule in a file of rules."""
    _, *parts = RULE.split(with_folders(text))
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        body = re.split(r"^(?=\S)", body, maxsplit=1, flags=re.MULTILINE)[0]
        about = re.search(r'"""(.*?)"""', body, re.DOTALL)
        output = re.search(r"^    output:\n(.*?)(?=^    \w)", body, re.M | re.DOTALL)
        if about and name != "draw":
            yield name, about[1], paths(output[1]) if output else []


def with_folders(text: str) -> str:
    """A file of rules with the names of its folders, such as OF_SEARCH, written out."""
    for name in re.findall(r'^(OF_[A-Z]+) = f?"', text, re.MULTILINE):
        folder = re.search(rf'^{name} = "(.*)"$', text, re.MULTILINE)[1]
        text = text.replace(f'f"{{{name}}}', f'"{folder}')
    return re.sub(r"\{\{(\w+)\}\}", r"{\1}", text)


def rule_entry(name: str, about: str, files: list[str]) -> str:
    """Section of one rule."""
    lines = [f"### {name}\n", re.sub(r"\s+", " ", about) + "\n"]
    return "\n".join([*lines, *(f"- `{path}`" for path in files), ""])


def paths(output: str) -> list[str]:
    """Patterns of the files in the `output` of a rule."""
    call = ast.parse(f"f({output.strip()})").body[0].value
    values = [*call.args, *(keyword.value for keyword in call.keywords)]
    return [path for value in values for path in paths_of(value)]


def paths_of(value: ast.expr) -> list[str]:
    """Patterns of files in one argument of `output`."""
    if isinstance(value, ast.Constant):
        return [value.value]
    if isinstance(value, ast.Attribute):
        _, rule, _, name = ast.unparse(value).split(".")
        return [f"{name} as of {rule}"]
    if not isinstance(value, ast.Call):
        return []
    first = paths_of(value.args[0])
    rest = [*value.args[1:], *(k.value for k in value.keywords)]
    texts = [v.value for v in rest if isinstance(v, ast.Constant)]
    match ast.unparse(value.func):
        case "multiext":
            return [f"{first[0]}{ending}" for ending in texts]
        case "figure":
            endings = [text for text in texts if str(text).startswith(".")]
            return [f"{first[0]}{ending}" for ending in endings or FIGURE_ENDINGS]
    return first


def messages() -> str:
    """Page of all messages about invalid input, by part of the library."""
    parts = [
        ABOUT_MESSAGES,
    ]
    found = {"rules": sorted(messages_of_rules())}
    found |= {group: sorted({*messages_of(group)}) for group in GROUPS}
    for group, texts in found.items():
        if texts:
            heading = GROUPS.get(group, "Start of a run")
            parts += [f"## {heading}\n", *(f"- `{text}`" for text in texts), ""]
    return "\n".join(parts)


def messages_of(group: str) -> Iterator[str]:
    """Messages on invalid input, as a part of the library words them."""
    folder = REPO / "scripts" / ("" if group == "scripts" else f"hepfold/{group}")
    for path in sorted(folder.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if message := message_in(node, path.stem):
                text = template(message)
                if re.search(r"[a-z]+ [a-z]+", re.sub("<.*?>", "", text)):
                    yield text.replace("`", "'")


def messages_of_rules() -> Iterator[str]:
    """Messages of the rules, whose files are not Python."""
    for path in sorted((REPO / "workflow/rules").glob("*.smk")):
        pattern = r"WorkflowError\(\n(.*?)\n +\)"
        for text in re.findall(pattern, path.read_text(), re.DOTALL):
            yield template(ast.parse(f"({text})", mode="eval").body)


def message_in(node: ast.AST, module: str) -> ast.expr | None:
    """The message that an error or a check of a module holds, if the node is one.

    Checks yield a message, or a key and the reason; the configuration adds the key.
    """
    if isinstance(node, ast.Call) and node.args:
        name = ast.unparse(node.func).rpartition(".")[2]
        in_settings = name == "ValueError" and module.startswith("settings")
        return node.args[-1] if name in ERRORS or in_settings else None
    if isinstance(node, ast.Yield) and (module.endswith("checks") or module in FAULTS):
        value = node.value
        return value.elts[-1] if isinstance(value, ast.Tuple) else value
    is_fault = isinstance(node, ast.Return) and module in FAULTS
    return node.value if is_fault and isinstance(node.value, ast.JoinedStr) else None


def template(node: ast.expr) -> str:
    """The text of a message, with names in angle brackets for what varies."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(template(part) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return f"<{label(node.value)}>"
    if isinstance(node, ast.BinOp):
        return template(node.left) + template(node.right)
    return f"<{label(node)}>"


def label(node: ast.expr) -> str:
    """A short name for the value of an expression."""
    names = [n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)]
    names += [n.id for n in ast.walk(node) if isinstance(n, ast.Name)]
    names = [name for name in names if name not in ("str", "len", "join", "columns")]
    return names[0].lower() if names else "value"


def study_names() -> list[str]:
    """Overlays of workflow/studies/ that compare with published results."""
    paths = sorted((REPO / "workflow/studies").glob("*.yaml"))
    return [path.stem for path in paths if "study" in yaml.safe_load(path.read_text())]


def study(name: str) -> str:
    """Page of a study: question, method, results, deviations, and how to vary it."""
    text = (REPO / f"workflow/studies/{name}.yaml").read_text()
    record = yaml.safe_load(text)["study"]
    results = REPO / f"workflow/documentation/studies/{name}.md"
    command = (
        f"snakemake --cores 2 --configfile config.yaml workflow/studies/{name}.yaml"
    )
    parts = [
        f"# {record['title']}\n",
        f"## Question\n\n{record['question']}\n",
        f"## Method\n\n{record['method']}\n",
        f"```bash\n{command}\n```\n",
        f"## Results\n\n{results.read_text()}",
        "## Compared with\n",
        compared(record),
    ]
    if record.get("deviations"):
        parts.append("## What differs from the published work\n")
        parts += [f"- {sentence}" for sentence in record["deviations"]] + [""]
    parts.append(f"## How to vary it\n\n{record['variations']}\n")
    parts.append(f"Settings: `workflow/studies/{name}.yaml`.\n")
    return "\n".join(parts)


def compared(record: dict) -> str:
    """Table of the rows of a study, with what others published of them."""
    lines = ["| row | published | source |", "|---|---|---|"]
    for row in record["rows"]:
        values = "; ".join(
            f"`{k}` {v}" for k, v in (row.get("published") or {}).items()
        )
        source = str(row.get("source") or "").replace("|", "/")
        lines.append(f"| {row['label']} | {values} | {source} |")
    return "\n".join([*lines, ""])


def copied(name: str) -> str:
    """A page at the root of the repository."""
    return (REPO / name).read_text()


def generated() -> dict[str, str]:
    """All pages that are made when the site is built, by their path in docs/."""
    studies = {f"studies/{name}.md": study(name) for name in study_names()}
    return {
        "reference/rules.md": rules(),
        "reference/messages.md": messages(),
        "changelog.md": copied("CHANGELOG.md"),
        "contributing.md": copied("CONTRIBUTING.md"),
        **studies,
    }
