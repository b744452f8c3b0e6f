import json
import subprocess
import sys

import pytest
from pydantic import ValidationError

from cvae.config import TrainConfig, parse_config
from cvae.errors import ConfigError


def test_defaults_are_the_labs():
    config = TrainConfig()
    assert (config.batch_size, config.lr, config.optim, config.num_epoch) == (2, 1e-3, "Adam", 70)
    assert (config.train_vi_len, config.val_vi_len, config.frame_H, config.frame_W) == (16, 630, 32, 64)
    assert (config.F_dim, config.L_dim, config.N_dim, config.D_out_dim) == (128, 32, 12, 192)
    assert (config.tfr, config.tfr_sde, config.tfr_d_step) == (1.0, 10, 0.1)
    assert (config.kl_anneal_type, config.kl_anneal_cycle, config.kl_anneal_ratio) == ("Cyclical", 10, 1.0)
    assert (config.fast_train, config.fast_train_epoch, config.fast_partial) == (False, 5, 0.4)
    assert (config.lr_milestones, config.lr_gamma, config.seed, config.partial) == ([2, 5], 0.1, 42, 1.0)


def test_importing_the_package_and_its_settings_imports_no_heavy_library():
    code = "import cvae, cvae.config, sys; print([m for m in ('torch', 'numpy', 'PIL') if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "[]\n"
    )


def test_settings_survive_a_round_trip_through_json():
    config = TrainConfig(lr=1, val_vi_len="all", lr_milestones=[3])
    assert parse_config(json.loads(json.dumps(config.model_dump()))) == config


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"tfr": "abc"}, "tfr: Input should be a valid number, not 'abc'"),
        ({"tfr": 1.5}, "tfr: Input should be less than or equal to 1, not 1.5"),
        ({"lr": "1e-4"}, "lr: Input should be a valid number, not '1e-4'"),
        ({"lr": float("nan")}, "lr: Input should be a finite number, not nan"),
        ({"lr": True}, "lr: Input should be a valid number, not True"),
        ({"batch_size": True}, "batch_size: Input should be a valid integer, not True"),
        ({"batch_size": 2.0}, "batch_size: Input should be a valid integer, not 2.0"),
        ({"F_dim": 7}, "F_dim: Input should be greater than or equal to 8, not 7"),
        ({"L_dim": 1}, "L_dim: Input should be greater than or equal to 2, not 1"),
        ({"N_dim": 3}, "N_dim: Input should be greater than or equal to 4, not 3"),
        ({"D_out_dim": 7}, "D_out_dim: Input should be greater than or equal to 8, not 7"),
        (
            {"kl_anneal_type": None},
            "kl_anneal_type: Input should be 'None', 'Cyclical' or 'Monotonic', not None",
        ),
        (
            {"kl_anneal_type": "Cyclic"},
            "kl_anneal_type: Input should be 'None', 'Cyclical' or 'Monotonic', not 'Cyclic'",
        ),
        (
            {"val_vi_len": "most"},
            "val_vi_len: Input should be an integer of at least 2, or 'all', not 'most'",
        ),
        ({"device": "gpu"}, "device: String should match pattern '^(auto|cpu|cuda(:\\d+)?)$', not 'gpu'"),
        ({"lr_milestones": [2, -1]}, "lr_milestones.1: Input should be greater than or equal to 0, not -1"),
        ({"num_workers": 4}, "num_workers: there is no such setting"),
        ({"data": {"nam": "folder"}}, "data.nam: there is no such setting"),
        (
            {"data": {"name": "folder"}},
            "data: root is missing: data.name folder needs the directory in data.root",
        ),
        (
            {"data": {"root": "x"}},
            "data: root is set, but data.name is synthetic: set data.name to folder, or leave root out",
        ),
        (
            {"data": {"train_frames": 31}},
            "partial 1 of 31 training frames gives 1 clips of train_vi_len 16, fewer than batch_size 2",
        ),
        (
            {"fast_train": True, "fast_partial": 0.01},
            "fast_partial 0.01 of 960 training frames gives 0 clips of train_vi_len 16, fewer than batch_size 2",
        ),
        (
            {"data": {"val_frames": 48}},
            "val_vi_len is 630, but there are 48 validation frames: set it to that or less (at least 2), or to all",
        ),
    ],
)
def test_a_wrong_setting_is_named_with_its_value(values, message):
    with pytest.raises(ConfigError) as caught:
        parse_config(values)
    assert str(caught.value) == message


def test_all_wrong_settings_are_reported_at_once():
    with pytest.raises(ConfigError) as caught:
        parse_config({"tfr": 2, "N_dim": 0, "optim": "SGD", "more": 1, "val_vi_len": 1})
    assert len(str(caught.value).splitlines()) == 5


def test_settings_cannot_be_changed():
    with pytest.raises(ValidationError):
        TrainConfig().lr = 1.0


def test_settings_that_were_added_later_are_no_part_of_the_identity_until_they_are_changed():
    added = {"kl_beta_max", "kl_free_nats"}
    assert not added & TrainConfig().identity().keys()
    assert TrainConfig(kl_beta_max=1, kl_free_nats=0).identity() == TrainConfig().identity()
    assert TrainConfig(kl_beta_max=0.5).identity() == {**TrainConfig().identity(), "kl_beta_max": 0.5}
    assert added < TrainConfig().model_dump().keys()


def test_every_setting_has_a_description():
    assert [name for name, field in TrainConfig.model_fields.items() if not field.description] == []


def test_fast_training_begins_with_a_smaller_share():
    config = TrainConfig(fast_train=True, fast_train_epoch=2, fast_partial=0.5, partial=0.9)
    assert [config.share(epoch) for epoch in range(4)] == [0.5, 0.5, 0.9, 0.9]
    assert [TrainConfig(partial=0.9).share(epoch) for epoch in range(2)] == [0.9, 0.9]
