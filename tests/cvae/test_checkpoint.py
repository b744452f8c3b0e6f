import argparse
import os
import pickle
import random
import zipfile

import pytest
import torch

from cvae import checkpoint
from cvae.checkpoint import (
    BestEpoch,
    Checkpoint,
    load_checkpoint,
    load_lab_checkpoint,
    read_archive,
    save_checkpoint,
)
from cvae.errors import CheckpointError
from cvae.evaluate import rollout
from cvae.model import VideoCVAE


def after(epoch):
    weights = {"layer.weight": torch.full((40,), float(epoch))}
    history = [{"val/psnr": float(row)} for row in range(epoch)]
    return Checkpoint(
        epoch, {"tfr": 0.5}, weights, {"state": {}, "param_groups": []}, history, BestEpoch(0, 1.0, weights)
    )


def flip(path, offset):
    content = bytearray(path.read_bytes())
    content[offset] ^= 0xFF
    path.write_bytes(content)


def data_offset(path):
    """Where the weights of `after` lie in the file."""
    with zipfile.ZipFile(path) as archive:
        name = next(name for name in archive.namelist() if name.endswith("data/0"))
        return archive.getinfo(name).header_offset + 200


def test_what_is_saved_is_loaded_and_the_one_before_is_kept(tmp_path):
    assert load_checkpoint(tmp_path) is None
    for epoch in (1, 2):
        save_checkpoint(tmp_path, after(epoch))
    loaded = load_checkpoint(tmp_path)
    assert (loaded.epoch, loaded.identity, loaded.history) == (
        2,
        {"tfr": 0.5},
        [{"val/psnr": 0.0}, {"val/psnr": 1.0}],
    )
    assert torch.equal(loaded.state_dict["layer.weight"], torch.full((40,), 2.0))
    assert loaded.best.psnr_db == 1.0
    assert read_archive(tmp_path / "last.prev.pt")["epoch"] == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["last.prev.pt", "last.pt"]


def test_a_flipped_bit_in_the_weights_is_noticed_and_the_previous_one_used(tmp_path, caplog):
    for epoch in (1, 2):
        save_checkpoint(tmp_path, after(epoch))
    flip(tmp_path / "last.pt", data_offset(tmp_path / "last.pt"))
    assert load_checkpoint(tmp_path).epoch == 1
    assert "is damaged" in caplog.text
    assert "resuming from last.prev.pt" in caplog.text


def test_a_damaged_file_never_replaces_the_good_previous_one(tmp_path):
    for epoch in (1, 2):
        save_checkpoint(tmp_path, after(epoch))
    flip(tmp_path / "last.pt", data_offset(tmp_path / "last.pt"))
    load_checkpoint(tmp_path)
    save_checkpoint(tmp_path, after(2))
    assert read_archive(tmp_path / "last.prev.pt")["epoch"] == 1
    assert load_checkpoint(tmp_path).epoch == 2


def test_damage_anywhere_is_either_noticed_or_harmless(tmp_path):
    save_checkpoint(tmp_path, after(3))
    path = tmp_path / "last.pt"
    whole = path.read_bytes()
    expected = read_archive(path)
    draws = random.Random(0)
    noticed = 0
    for offset in draws.sample(range(len(whole)), 150):
        path.write_bytes(whole)
        flip(path, offset)
        try:
            content = read_archive(path)
        except CheckpointError:
            noticed += 1
        else:
            assert torch.equal(content["state_dict"]["layer.weight"], expected["state_dict"]["layer.weight"])
            assert content["history"] == expected["history"]
    assert noticed > 50


@pytest.mark.parametrize("length", [0, 1, 100, -1])
def test_a_file_that_was_cut_off_is_noticed(tmp_path, length):
    for epoch in (1, 2):
        save_checkpoint(tmp_path, after(epoch))
    path = tmp_path / "last.pt"
    path.write_bytes(path.read_bytes()[:length])
    assert load_checkpoint(tmp_path).epoch == 1


def test_a_crash_between_the_two_renames_loses_one_epoch_only(tmp_path):
    for epoch in (1, 2):
        save_checkpoint(tmp_path, after(epoch))
    (tmp_path / "last.pt").unlink()
    assert load_checkpoint(tmp_path).epoch == 1


def test_two_damaged_checkpoints_are_a_clear_error(tmp_path):
    for epoch in (1, 2):
        save_checkpoint(tmp_path, after(epoch))
    for name in ("last.pt", "last.prev.pt"):
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(
        CheckpointError,
        match=r"last\.pt is damaged.*; and .*last\.prev\.pt is damaged.*to start from the beginning",
    ):
        load_checkpoint(tmp_path)


def test_a_damaged_first_checkpoint_is_a_clear_error(tmp_path):
    save_checkpoint(tmp_path, after(1))
    (tmp_path / "last.pt").write_bytes(b"x")
    with pytest.raises(CheckpointError, match="there is no previous one"):
        load_checkpoint(tmp_path)


def test_a_write_that_fails_leaves_the_old_file_and_no_scrap(tmp_path, monkeypatch):
    save_checkpoint(tmp_path, after(1))

    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint.os, "fsync", full)
    with pytest.raises(CheckpointError, match=r"last\.pt cannot be written: .*No space left on device"):
        save_checkpoint(tmp_path, after(2))
    assert [path.name for path in tmp_path.iterdir()] == ["last.pt"]
    assert load_checkpoint(tmp_path).epoch == 1


def test_a_checkpoint_of_another_run_is_refused_with_what_differs(tmp_path):
    with pytest.raises(CheckpointError) as caught:
        after(1).refuse_another_run({"tfr": 1.0, "lr": 0.1}, tmp_path)
    assert "lr is 'not set' there, 0.1 here; tfr is 0.5 there, 1.0 here" in str(caught.value)
    after(1).refuse_another_run({"tfr": 0.5}, tmp_path)


class Payload:
    def __reduce__(self):
        return (print, ("a checkpoint ran code",))


def test_a_checkpoint_cannot_run_code(tmp_path, capsys):
    torch.save({"state_dict": Payload()}, tmp_path / "evil.pt")
    with pytest.raises(CheckpointError, match=r"evil\.pt is damaged or not a checkpoint"):
        load_lab_checkpoint(tmp_path / "evil.pt")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("sizes", [(16, 6, 8, 24), (17, 5, 7, 19), (128, 32, 12, 192)])
def test_a_lab_checkpoint_loads_with_its_sizes_and_gives_its_outputs(tmp_path, sizes, zipped):
    torch.manual_seed(0)
    lab = VideoCVAE(*sizes)
    state = lab.state_dict()
    state["label_transformation.2.running_mean"] += 3.0
    state["label_transformation.2.num_batches_tracked"] += 17
    content = {
        "state_dict": state,
        "optimizer": state,
        "lr": 1e-4,
        "tfr": 0.3,
        "last_epoch": 12,
        "args": argparse.Namespace(batch_size=2, DR="../data", kl_anneal_type="Cyclical"),
    }
    path = tmp_path / "epoch=12.ckpt"
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    model = load_lab_checkpoint(path)
    assert (model.F_dim, model.L_dim, model.N_dim, model.D_out_dim) == sizes
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    first, labels, noise = (
        torch.rand(1, 3, 5, 6),
        torch.rand(1, 3, 3, 5, 6),
        torch.randn(1, 2, sizes[2], 5, 6),
    )
    assert torch.equal(
        rollout(model, first, labels, noise_BTNHW=noise), rollout(lab, first, labels, noise_BTNHW=noise)
    )


def small_state():
    return VideoCVAE(8, 4, 4, 8).state_dict()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda state: state.pop("Generator.7.bias"), r"Missing key.*Generator\.7\.bias"),
        (lambda state: state.pop("Decoder_Fusion.5.weight"), r"Decoder_Fusion\.5\.weight"),
        (lambda state: state.update(extra=torch.zeros(1)), r"Unexpected key.*extra"),
        (
            lambda state: state.update({"Generator.7.bias": torch.zeros(4)}),
            r"size mismatch for Generator\.7\.bias",
        ),
    ],
)
def test_weights_of_another_network_are_refused(tmp_path, change, message):
    state = small_state()
    change(state)
    torch.save({"state_dict": state}, tmp_path / "x.ckpt")
    with pytest.raises(CheckpointError, match=f"(?s)has another network.*{message}"):
        load_lab_checkpoint(tmp_path / "x.ckpt")


@pytest.mark.parametrize("content", [[1], {"weights": 1}, {"state_dict": 3}])
def test_files_that_are_no_checkpoints_are_refused(tmp_path, content):
    torch.save(content, tmp_path / "x.pt")
    with pytest.raises(CheckpointError):
        load_lab_checkpoint(tmp_path / "x.pt")


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(CheckpointError, match="there is no checkpoint"):
        load_lab_checkpoint(str(tmp_path / "x.pt"))


class Hostile:
    """Makes a directory when it is unpickled."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


@pytest.mark.parametrize("kind", ["archive", "old archive", "pickle", "attribute of a module"])
def test_code_in_a_checkpoint_is_refused_and_not_run(tmp_path, kind):
    path, ran = tmp_path / "last.pt", tmp_path / "ran"
    content = {"state_dict": Hostile(ran)}
    if kind == "pickle":
        path.write_bytes(pickle.dumps(content, protocol=2))
    elif kind == "attribute of a module":
        path.write_bytes(b"\x80\x02cargparse\n_os.mkdir\nX\x03\x00\x00\x00ran\x85R.")
    else:
        torch.save(content, path, _use_new_zipfile_serialization=kind == "archive")
    for reading in (
        lambda: read_archive(path),
        lambda: load_lab_checkpoint(path),
        lambda: load_checkpoint(tmp_path),
    ):
        with pytest.raises(CheckpointError, match="contains more than weights, numbers and texts") as refused:
            reading()
        assert "trust" not in str(refused.value)
    assert not ran.exists()
