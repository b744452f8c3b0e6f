"""Which options name a place of a trial's own."""

import pytest

from sweeps.importing.program.outputs import output_word


@pytest.mark.parametrize(
    ("name", "values", "word"),
    [
        ("--save_root", ["../a", "../b"], "{run_dir}"),
        ("--out", ["a", "b"], "{run_dir}"),
        ("--output-dir", ["a", "b"], "{run_dir}"),
        ("--default_root_dir", ["a", "b"], "{run_dir}"),
        ("--save", ["x/a.pt", "x/b.pt"], "{run_dir}/save.pt"),
        ("--log_file", ["a/log.txt", "b/log.txt"], "{run_dir}/log.txt"),
        ("--run_name", ["a", "b"], "{trial}"),
        ("--name", ["a", "b"], "{trial}"),
        ("--data_dir", ["a", "b"], None),
        ("--model_name", ["a", "b"], None),
        ("--log_every", ["a", "b"], None),
        ("--save_steps", ["10", "20"], None),
        ("--run", ["1", "2"], None),
        ("--optimizer", ["a", "b"], None),
        ("--output", ["json", "csv"], None),
        ("--output", ["json", "runs/a"], "{run_dir}"),
        ("--out", [], "{run_dir}"),
    ],
)
def test_by_name_and_value(name, values, word):
    assert output_word(name, values) == word
