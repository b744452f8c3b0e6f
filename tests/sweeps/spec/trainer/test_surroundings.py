import pytest

from sweeps.errors import SpecError
from sweeps.spec.trainer.surroundings import Surroundings, is_secret, names_secret
from tests.sweeps.specs import read


def surroundings(path, said):
    head = f"trainer: {{command: [python], {said}}}\n"
    return read(path, "sweeps: {a: {seeds: 1}}\n", head=head).trainer.surroundings


def test_a_trainer_that_says_nothing_has_the_usual(tmp_path):
    assert surroundings(tmp_path, "") == Surroundings()


def test_variables_are_texts_taken_from_the_caller_or_not_there(tmp_path):
    found = surroundings(tmp_path, "env: {A: '{lr}', B: 1, C: true, D: {from: HERS}, E: null, F: ''}").env
    assert [(v.name, v.text, v.caller) for v in found] == [
        ("A", "{lr}", None),
        ("B", "1", None),
        ("C", "true", None),
        ("D", None, "HERS"),
        ("E", None, None),
        ("F", "", None),
    ]


def test_every_text_with_placeholders_is_known_with_its_part(tmp_path):
    said = "env: {A: '{lr}'}, cwd: '{run_dir}', link: [data], resume: [--ckpt, '{newest:{run_dir}/*}']"
    found = [(template.part, template.text) for template in surroundings(tmp_path, said).templates()]
    assert found == [
        ("env", "{lr}"),
        ("cwd", "{run_dir}"),
        ("link", "data"),
        ("resume", "--ckpt"),
        ("resume", "{newest:{run_dir}/*}"),
    ]


def test_a_link_may_have_a_name_and_words_that_resume_a_condition(tmp_path):
    said = (
        "cwd: '{run_dir}/work', link: {../data: '{root}/data'}, resume: {when: '{run_dir}/a', add: [--go-on]}"
    )
    found = surroundings(tmp_path, said)
    assert [template.text for template in found.templates()] == [
        "{run_dir}/work",
        "../data",
        "{root}/data",
        "{run_dir}/a",
        "--go-on",
    ]
    assert (found.resume.is_plain, surroundings(tmp_path, "resume: [--go-on]").resume.is_plain) == (
        False,
        True,
    )


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("env: {SWEEP_X: a}", "SWEEP_X: sweep sets it for each trial"),
        ("env: {MLFLOW_RUN_ID: a}", "MLFLOW_RUN_ID: sweep sets it for each trial"),
        ("env: {CUDA_VISIBLE_DEVICES: 0}", "sweep gives each trial its devices"),
        ("env: {a-b: 0}", "a-b: is no name of a variable"),
        ("env: {P: '/x:$PATH'}", r"no shell replaces \$PATH; .* {from: PATH}"),
        ("env: {P: '${HOME}/x'}", r"no shell replaces \${HOME}"),
        ("env: {HF_TOKEN: abc}", r"a secret does not belong in the file, .* {from: HF_TOKEN}"),
        ("env: {WANDB_API_KEY: abc}", "a secret does not belong in the file"),
        ("env: {A: [1]}", "must be a text, null"),
        ("env: {A: {of: B}}", "unknown key 'of'"),
        ("env: {A: {from: 'B C'}}", "must be the name of a variable"),
        ("env: [A]", "must be a mapping"),
        ("link: [data]", "is for a `cwd:` of its own"),
        ("cwd: x, link: [{a: b}]", "must be a list of words"),
        ("cwd: x, link: {a: [b]}", "link.a: must be a word"),
        ("resume: --again", "must be a list"),
        ("resume: {when: a.pt}", "needs `add:`, the words that have the program go on"),
        ("resume: {add: [--go-on], if: a.pt}", "unknown key 'if'"),
        ("snapshot: no-copy", r"must be true \(run a copy\) or false"),
        ("python: [a]", "must be a word"),
    ],
)
def test_what_cannot_be_is_told_with_its_place(tmp_path, said, message):
    with pytest.raises(SpecError, match=message) as caught:
        surroundings(tmp_path, said)
    assert "e.yaml:1:" in str(caught.value)


@pytest.mark.parametrize(
    "name", ["TOKENIZERS_PARALLELISM", "OMP_NUM_THREADS", "KEY_FILE", "MLFLOW_EXPERIMENT_NAME"]
)
def test_variables_that_look_like_others_are_free(tmp_path, name):
    assert surroundings(tmp_path, f"env: {{{name}: x}}").env[0].name == name


def test_a_function_may_be_run_in_place_too(tmp_path):
    head = "trainer: {run: 'a:b', snapshot: false}\n"
    assert read(tmp_path, "sweeps: {a: {seeds: 1}}\n", head=head).trainer.surroundings.in_place
    assert not surroundings(tmp_path, "snapshot: true").in_place


def test_secrets_are_known_by_name():
    assert is_secret("WANDB_API_KEY")
    assert not is_secret("WANDB_MODE")


def test_an_option_or_a_file_may_name_a_secret_at_its_beginning_and_in_more_words():
    for name in ("hf_token.txt", "password-file", ".env", ".netrc", "gcp-credentials.json", "secrets.yaml"):
        assert names_secret(name), name
    for name in ("tokenizer.json", "tokens.bin", "environment.yml", "monkey"):
        assert not names_secret(name), name
