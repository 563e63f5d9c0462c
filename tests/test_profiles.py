"""Tests of profiles, resources, cache and container: they cover all rules."""

import re
import tomllib

import pytest
import workflow_rules
import yaml
from workflow_rules import REPO

PROFILES = REPO / "workflow/profiles"
RULES = sorted(workflow_rules.texts())


def profile(name: str) -> dict:
    return yaml.safe_load((PROFILES / name / "config.yaml").read_text())


def needs_gpu(rule: str) -> bool:
    return "gpu=GPU" in workflow_rules.texts()[rule]


def is_cached(rule: str) -> bool:
    return "cache: CACHE\n" in workflow_rules.texts()[rule]


@pytest.mark.parametrize("rule", RULES)
def test_resources_grow_with_events_and_retries(rule):
    text = workflow_rules.texts()[rule]
    assert re.search(
        r"mem_mb=(memory\([\d, .]+|training_memory\((N_DEVICES)?)\),", text
    )
    estimated = r"(training|range_test|scoring|explanation)_minutes\("
    assert re.search(rf"runtime=(minutes\([\d, .]+|{estimated})\),", text)
    assert re.search(r"gpu=(0|GPU|GPU \* N_DEVICES),", text)


def test_short_steps_share_a_job_of_the_cluster():
    """All steps without GPU that make no events, so they do not queue separately."""
    grouped = {entry.split("=")[0] for entry in profile("slurm")["groups"]}
    long = {"download", "make_toys", "make_ntuples", "ingest"}
    long |= {"read_part", "gather_parts", "read_varied_weights"}
    expected = {
        rule
        for rule in RULES
        if not needs_gpu(rule) and "localrule:" not in workflow_rules.texts()[rule]
    }
    assert grouped == expected - long


def test_steps_of_all_models_are_in_no_group_with_steps_of_one():
    """Otherwise, one job would wait for the training of every model."""
    groups = dict(entry.split("=") for entry in profile("slurm")["groups"])
    for rule, group in groups.items():
        log = re.search(r'log:\n +"([^"]+)"', workflow_rules.texts()[rule])[1]
        assert (group == "of_model") == ("{model}" in log), rule


def test_condor_asks_for_a_gpu_where_rules_do():
    asking = {rule for rule in RULES if needs_gpu(rule)}
    requested = profile("htcondor")["set-resources"]
    assert {rule for rule in requested if requested[rule].get("request_gpus")} == asking


@pytest.mark.parametrize("name", ["slurm", "htcondor"])
def test_jobs_with_a_gpu_have_threads_of_the_host(name):
    threads = profile(name)["set-threads"]
    assert set(threads) == {rule for rule in RULES if needs_gpu(rule)}
    assert all(4 <= number <= 8 for number in threads.values())


def test_the_guide_names_the_steps_that_are_cached():
    cached = sorted(filter(is_cached, RULES))
    assert {rule for rule in RULES if needs_gpu(rule)} - {"export_model"} <= set(cached)
    text = (REPO / "docs/explanation/reruns.md").read_text()
    assert f"`--cache {' '.join(cached)} --`" in text
    listed = re.search(r"Costly steps look there.*?:\n(.*?)\.", text, re.DOTALL)[1]
    assert re.findall(r"`(\w+)`", listed) == cached


@pytest.mark.parametrize("rule", [r for r in RULES if is_cached(r)])
def test_cached_steps_name_all_that_decides_their_result(rule):
    """`settings` holds all wildcards; other parameters are names of files."""
    assert workflow_rules.settings_of(rule) is not None
    params = re.search(
        r"    params:\n(.*?)    script:", workflow_rules.texts()[rule], re.DOTALL
    )
    names = set(re.findall(r"^        (\w+)=", params[1], re.MULTILINE))
    assert names <= {"settings", "path", "toys", "downloaded", "varied"}
    assert "benchmark:" not in workflow_rules.texts()[rule]


@pytest.mark.slow
@pytest.mark.parametrize("rule", [r for r in RULES if not needs_gpu(r)])
def test_steps_without_a_gpu_do_not_wait_for_torch(rule):
    """Its import takes seconds, which each of hundreds of jobs would spend."""
    if rule in ("blend_fold", "export_model", "plot_gallery", "plot_saliency"):
        pytest.skip("puts the networks into its file, or draws images as they do")
    assert "torch" not in workflow_rules.packages(rule)


def test_the_container_installs_the_pins():
    text = (REPO / "envs/Containerfile").read_text()
    groups = tomllib.loads((REPO / "pyproject.toml").read_text())["dependency-groups"]
    installed = re.findall(r"--group (\w+)", text)
    assert installed == ["torch", "cpu", "gpu"] and set(installed) <= set(groups)
    assert "==" not in text
