import pytest

from sweeps.adoption.found_run import TooManyValuesError, flat


def test_a_document_is_its_settings_with_dotted_names_as_params_have_them():
    document = {"optim": {"lr": 0.1, "betas": [0.9, 1]}, "fast": True, "note": None, "to": "${optim.lr}"}
    assert flat(document) == {"optim.lr": "0.1", "optim.betas": "[0.9, 1]", "fast": "True", "note": "None"}


def test_the_form_of_wandb_is_read_without_its_own_entries():
    document = {
        "lr": {"desc": None, "value": 0.1},
        "_wandb": {"value": {"t": [1]}},
        "opt": {"value": {"a": 1}},
    }
    assert flat(document) == {"lr": "0.1", "opt.a": "1"}


def test_what_repeats_itself_without_end_is_no_config():
    bomb = ["x"]
    for _ in range(18):
        bomb = [bomb] * 10
    with pytest.raises(TooManyValuesError):
        flat({"bomb": bomb})
