import json
from dataclasses import replace

import pytest

from sweeps.spec.trainer.source_model import Source, Sources

CSV = Source("csv", "{run_dir}/a.csv", label="metrics[1] (csv a.csv)").identified()


def test_a_source_is_known_by_its_definition_and_not_by_its_place():
    assert CSV.identity == Source("csv", "{run_dir}/a.csv", label="metrics[7]").identified().identity
    others = [
        Source("jsonl", CSV.text),
        Source("csv", CSV.text, step="count"),
        Source("csv", CSV.text, several="mean"),
        Source("csv", CSV.text, several_of=(("loss", "mean"),)),
    ]
    assert len({CSV.identity, *(other.identified().identity for other in others)}) == 5
    assert CSV.identity == "c9cdc800b5"


def test_its_identity_stays_where_its_path_is_filled_in():
    filled = Sources((CSV,)).filled(lambda text: text.format(run_dir="/run")).sources[0]
    assert (filled.text, filled.identity) == ("/run/a.csv", CSV.identity)


def test_a_pattern_is_no_template():
    pattern = Source("stdout", r"\{run_dir} (?P<loss>.{3})")
    assert Sources((pattern,)).filled(str.upper).sources == (pattern,)


def test_a_pattern_whose_groups_are_steps_leads_other_lines():
    assert Source("stdout", r"Epoch (?P<epoch>\d+)").tells_steps_only
    assert Source("stdout", r"(?P<i>\d+)/(?P<n>\d+)", "i * n").tells_steps_only
    assert Source("stdout", r"-- (?P<epoch>\d+)", "count").tells_steps_only
    assert not Source("stdout", r"Epoch (?P<epoch>\d+)", "final").tells_steps_only
    assert not Source("stdout", r"(?P<epoch>\d+) (?P<loss>\S+)").tells_steps_only
    assert not Source("stdout", r"(?P<round>\d+)").tells_steps_only
    assert not Source("stdout", "Epoch").tells_steps_only
    assert not CSV.tells_steps_only


def test_sources_go_through_json():
    some = Source("jsonl", "a.jsonl", several_of=(("loss", "mean"), ("{x}", "all"))).identified()
    sources = Sources((CSV, some), {"a": "b"}, {"c": "a / 2"}, "epoch", "n")
    assert Sources.from_json(json.loads(json.dumps(sources.to_json()))) == sources


@pytest.mark.parametrize(
    ("source", "word"),
    [
        (Source("csv", "a.csv", step="t"), "t"),
        (Source("csv", "a.csv", step="`time (ps)`"), "time (ps)"),
        (Source("csv", "a.csv", step="round(t / 0.2)"), ""),
        (Source("csv", "a.csv", step="count"), ""),
        (Source("csv", "a.csv"), ""),
        (Source("jsonl", "a.jsonl", step="iteration"), "iteration"),
        (Source("stdout", "(?P<it>.+) (?P<loss>.+)", step="it"), "it"),
        (Source("stdout", "(?P<loss>.+) at (?P<iteration>.+)"), "iteration"),
        (Source("stdout", "(?P<loss>.+)"), ""),
        (Source("tensorboard", "a"), ""),
        (Source("stdout", "(?P<loss>.+)", step="final"), ""),
    ],
)
def test_a_source_that_has_steps_by_name_tells_the_name(source, word):
    assert source.step_name == word


def test_steps_have_a_name_where_all_sources_that_have_steps_agree():
    t, final = Source("csv", "a.csv", step="t"), Source("stdout", "(?P<loss>.+)", step="final")
    carried = Source("stdout", "(?P<acc>.+)", step="carried")
    led = Source("stdout", "(?P<f1>.+)")
    assert Sources((t, final, carried, led, Source("jsonl", "b", step="t"))).step_name == "t"
    assert Sources((t, Source("jsonl", "b", step="epoch"))).step_name == ""
    assert Sources((t, Source("tensorboard", "b"))).step_name == ""
    assert Sources((final,)).step_name == Sources().step_name == ""


def test_a_document_of_results_takes_the_name_from_no_other_source():
    day, results = Source("csv", "a.csv", step="day"), Source("json", "summary.json")
    assert Sources((day, results)).step_name == "day"
    assert Sources((results,)).step_name == ""
    assert Sources((day, Source("json", "state.json", at="log_history"))).step_name == ""
    assert Sources((day, Source("json", "state.json", step="epoch"))).step_name == ""


def test_a_source_is_a_numbered_part_of_the_trainer_where_its_label_has_the_number():
    assert CSV.part == "metrics: metrics[1] (csv a.csv)"
    assert replace(CSV, number=1).part == "metrics[1] (csv a.csv)"
    assert replace(CSV, number=1) == CSV
