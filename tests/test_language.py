"""Phrases that the project has replaced with plainer ones, in pages and code."""

import re
import subprocess
from pathlib import Path

import pytest

# What to write in place of each phrase, which may be a regular expression.
REPLACED = {
    r"genuine (events|data)": "official events",
    r"real events": "official events, or recorded collisions",
    r"has to be there": "requires",
    r"spoilt": "corrupt",
    r"starved": "out of memory",
    r"\bin vain\b|\bvain\b": "without effect",
    r"hangs? on\b": "depends on",
    r"\bit tells of\b|\btells? (no|of)\b": "reports",
    r"what one would take": "a baseline",
    r"put on a shelf": "is self-contained and ready to archive",
    r"the (whole )?road\b|whole road": "the full workflow",
    r"\blearnt\b": "learned",
    r"by heart": "overfitted",
    r"no guide here": "not meaningful here",
    r"it failed, now what": "Troubleshooting",
    r"where is what\b|^#+ what comes out": "Outputs",
    r"package registry has": "the default wheel",
    r"where there are such": "name the condition",
    r"misspelt": "unknown",
    r"told by content": "detected from the file content",
    r"to the last bit": "bit-identical",
    r"(is|are) legal\b": "is accepted",
    r"train (events|folds?)\b": "training events, training folds",
    r"events that judge|judged by|judging": "validation events, evaluated",
    r"\basked for by name\b": "on request",
    r"\bknows? no\b": "has no",
    r"\btold\b": "reported, distinguished, identified",
    r"\banew\b": "again, newly",
    r"\bgo(es)? on\b|\bgoing on\b": "continues, resumes",
    r"\bg[ai]ves? back\b|\bgiven back\b": "returns",
    r"\bbeside [\w`*]": "next to, in addition to, compared with",
    r"\bwhatever (the|its|their|for)\b": "independently of, any",
    r"\btakes? (the|its) place\b": "replaces",
    r"\bdo(es)? not compare with\b": "is not comparable with",
    r"(^|[.;:] |\"\"\"|[#-] )(?-i:Of) (an?|the|two|both|one|all|several|data)\b": "for",
    r"\bdeclared up alone\b": "without a direction down",
    r"\bis made of\b|\bare made of\b": "is computed from",
    r"\bwhat (it|they) (holds?|is|are) made of\b": "its content",
    r"\blooks? of (ATLAS|CMS|all figures)\b": "style",
}
TEXTS = re.compile(
    "|".join(f"(?:{phrase})" for phrase in REPLACED), re.IGNORECASE | re.MULTILINE
)
ENDINGS = (".md", ".py", ".smk", ".yaml", ".rst", ".sh", ".cff", ".toml")
# The list itself, and a file of one line.
NO_SENTENCES = {"tests/test_language.py", "workflow/schemas/config.schema.json"}


def files(repo) -> list[Path]:
    """Files under version control, or about to be, that hold sentences."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    run = subprocess.run(command, cwd=repo, capture_output=True, text=True, check=True)
    names = [n for n in run.stdout.splitlines() if n.endswith(ENDINGS)]
    return [repo / name for name in names if name not in NO_SENTENCES]


def hits(path: Path) -> list[str]:
    """Lines of a file with a replaced phrase."""
    text = path.read_text()
    lines = text.splitlines() if TEXTS.search(text) else []
    return [
        f"{i}: {line.strip()}" for i, line in enumerate(lines, 1) if TEXTS.search(line)
    ]


@pytest.mark.slow
def test_no_replaced_phrase_is_back(repo):
    found = {str(p.relative_to(repo)): hits(p) for p in files(repo)}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "sentence",
    [
        "Formats are told by content.",
        "It can be put on a shelf as it is.",
        "AUC of the train events",
        "what genuine events decide",
        "a run that is misspelt",
        "published figures beside ours",
        "Of the two models, one is better.",
    ],
)
def test_the_pattern_sees_the_phrases_of_old(tmp_path, sentence):
    path = tmp_path / "page.md"
    path.write_text(f"A plain sentence.\n{sentence}\n")
    assert hits(path) == [f"2: {sentence}"]


def test_plain_sentences_pass(tmp_path):
    path = tmp_path / "page.md"
    path.write_text(
        "Training events have weights. The format is detected. Trains fold.\n"
    )
    assert hits(path) == []
