"""Which files are checkpoints, and which of them stay: names as programs write them, with the time of each."""

from pathlib import Path

import pytest

from sweeps.disk.checkpoints import find_checkpoints, sort_out
from sweeps.disk.tree import File
from sweeps.spec.resources import Keep

ROOT = Path("/run")
CVAE = ["last.prev.pt", "best.pt", "last.pt", "last.damaged.pt"]
LIGHTNING = ["l/version_0/checkpoints/epoch=0-step=9.ckpt", "l/version_1/checkpoints/epoch=1-step=18.ckpt"]
TRANSFORMERS = [
    f"checkpoint-{n}/{name}" for n in (500, 1000) for name in ("model.safetensors", "optimizer.pt")
]
GAN = ["G_step10.pth", "D_step10.pth", "G_step20.pth", "D_step20.pth"]
SHARDS = ["old/model.safetensors", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]


def files(names):
    """Files that were written one after the other; `link -> target` is a link."""
    made = []
    for at, name in enumerate(names):
        path, _, target = name.partition(" -> ")
        made.append(File(ROOT / path, (1, at), 1, 0 if target else 10, at, target or None))
    return made


def kept(names, *keeps, best=()):
    """The files that stay, sorted."""
    given = files(names)
    gone = {
        file.path
        for checkpoint in sort_out(keeps, find_checkpoints(ROOT, given, best)).beyond
        for file in checkpoint.files
    }
    return sorted(str(file.path.relative_to(ROOT)) for file in given if file.path not in gone)


@pytest.mark.parametrize(
    ("names", "best", "last"),
    [
        (CVAE, ["best.pt"], ["last.pt"]),
        (["epoch_8.pt", "epoch_9.pt", "best_model.pt"], ["best_model.pt"], ["epoch_9.pt"]),
        (["epoch_9.pt", "epoch_10.pt", "bestModel.pt"], ["bestModel.pt"], ["epoch_10.pt"]),
        (["checkpoints/1.pt", "checkpoints/2.pt", "checkpoints/best.pt"], ["checkpoints/best.pt"], ["checkpoints/2.pt"]),
        (["e/epoch=1-val_loss=0.52.ckpt", "e/epoch=2-val_loss=0.61.ckpt"],
         ["e/epoch=1-val_loss=0.52.ckpt", "e/epoch=2-val_loss=0.61.ckpt"], ["e/epoch=2-val_loss=0.61.ckpt"]),
        (["model.pt"], ["model.pt"], ["model.pt"]),
        (GAN, sorted(GAN), ["D_step20.pth", "G_step20.pth"]),
        (["fold0_last.pt", "fold1_last.pt", "fold0_best.pt", "fold1_best.pt"],
         ["fold0_best.pt", "fold1_best.pt"], ["fold0_last.pt", "fold1_last.pt"]),
        (["model_fold_0.pt", "model_fold_1.pt"],) + (["model_fold_0.pt", "model_fold_1.pt"],) * 2,
        (["fold_0/model.pt", "fold_1/model.pt"],) + (["fold_0/model.pt", "fold_1/model.pt"],) * 2,
        (LIGHTNING, LIGHTNING, LIGHTNING[1:]),
        (TRANSFORMERS, sorted(TRANSFORMERS), sorted(TRANSFORMERS[2:])),
        (SHARDS, sorted(SHARDS), sorted(SHARDS)),
        (["epoch1.pt", "epoch2.pt", "best.pt -> epoch1.pt"], ["best.pt", "epoch1.pt"], ["epoch2.pt"]),
    ],
)  # fmt: skip
def test_of_each_series_the_best_or_the_last_stays(names, best, last):
    assert kept(names, Keep.BEST) == best
    assert kept(names, Keep.LAST) == last
    assert kept(names, Keep.ALL) == sorted(names) or " -> " in names[-1]
    assert kept(names, Keep.NONE) == []


RESULTS = [
    *("predictions.pt", "best_predictions.pt", "final_results.npz", "embeddings_epoch_3.pt", "test.pkl"),
    *("scores.json", "config.json", "model.json", "train.log", "best.png", "data.h5", "vocab.bin"),
    *("tokenizer.pkl", "checkpoint.log", "provenance.json", "last.txt"),
]


@pytest.mark.parametrize("name", RESULTS)
def test_what_a_program_found_out_is_no_checkpoint(name):
    assert find_checkpoints(ROOT, files([name])) == ()


@pytest.mark.parametrize(
    "name",
    [
        "checkpoint.json",
        "a.ckpt",
        "weights.h5",
        "optimizer.bin",
        "checkpoints/x.pt",
        "model_state.pkl",
        "0001.pth",
    ],
)
def test_a_word_or_a_kind_of_file_says_that_it_is_one(name):
    (found,) = find_checkpoints(ROOT, files([name]))
    assert str(found.name) == name


def test_what_the_trainer_declares_to_be_the_best_is():
    assert kept(["a.ckpt", "a2.ckpt"], Keep.BEST, best={"a.ckpt"}) == ["a.ckpt", "a2.ckpt"]  # two series
    assert kept(["epoch_1.pt", "epoch_2.pt"], Keep.BEST, best={"epoch_1.pt"}) == ["epoch_1.pt"]
    assert kept(TRANSFORMERS, Keep.BEST, best={"checkpoint-500"}) == sorted(TRANSFORMERS[:2])


def test_where_nothing_says_which_is_the_best_all_stay_and_that_is_told():
    found = sort_out([Keep.BEST], find_checkpoints(ROOT, files(["epoch_1.pt", "epoch_2.pt", "D.pth"])))
    assert (len(found.kept), found.beyond, found.undecided) == (3, (), ("epoch_1.pt",))


def test_a_trial_of_two_sweeps_keeps_what_either_keeps():
    assert kept(CVAE, Keep.BEST, Keep.LAST) == ["best.pt", "last.pt"]
    assert kept(CVAE, Keep.NONE, Keep.BEST) == ["best.pt"]
    assert kept(CVAE, Keep.NONE, Keep.ALL) == sorted(CVAE)
    assert kept(["epoch_1.pt", "epoch_2.pt"], Keep.BEST, Keep.LAST) == ["epoch_1.pt", "epoch_2.pt"]


def test_a_link_that_leads_out_is_none_of_a_checkpoint():
    assert kept(["best.pt -> ../../elsewhere.pt", "epoch_1.pt"], Keep.NONE) == ["best.pt"]


@pytest.mark.parametrize(
    "names",
    [
        ["agent_0.pth", "agent_1.pth", "agent_2.pth"],
        ["model_0.pt", "model_1.pt"],
        ["model_0_epoch_3.pt", "model_1_epoch_3.pt"],
        ["0.pth", "1.pth"],
        ["G_10.pth", "G_20.pth"],
        ["cv1/last.pt", "cv2/last.pt"],
        ["epoch_1/model.pt", "epoch_2/model.pt"],
    ],
)
def test_models_that_may_stand_side_by_side_all_stay(names):
    assert kept(names, Keep.LAST) == kept(names, Keep.BEST) == names


def test_that_nothing_tells_models_side_by_side_from_epochs_is_told():
    found = sort_out([Keep.LAST], find_checkpoints(ROOT, files(["model_0.pt", "model_1.pt", "epoch_1.pt"])))
    assert (found.beyond, len(found.undecided)) == ((), 1)


@pytest.mark.parametrize(
    "names",
    [
        ["epoch_1/model.pt", "samples/epoch_1/a.png", "samples/epoch_2/a.png", "iter1/results.csv"],
        ["checkpoint-1/model.pt", "step1_preprocess/a.bin", "checkpoint-500-eval/predictions.json"],
        ["last.pt", "checkpoint-2/a.png"],
    ],
)
def test_a_folder_of_results_is_no_checkpoint(names):
    assert kept(names, Keep.NONE) == sorted(names[1:])


def test_of_those_written_at_one_time_the_highest_number_stays_and_where_time_and_number_differ_both():
    same = [File(ROOT / f"epoch_{number}.pt", (1, number), 1, 10, 5) for number in (9, 10)]
    found = sort_out([Keep.LAST], find_checkpoints(ROOT, same))
    assert [str(checkpoint.name) for checkpoint in found.kept] == ["epoch_10.pt"]
    names = ["epoch_8.pt", "epoch_10.pt", "epoch_9.pt"]
    assert kept(names, Keep.LAST) == ["epoch_10.pt", "epoch_9.pt"]


@pytest.mark.parametrize(
    "links",
    [
        [f"best.pt -> {ROOT}/epoch_1.pt"],
        ["best.pt -> chosen.pt", "chosen.pt -> epoch_1.pt"],
        ["best.pt -> here/epoch_1.pt", "here -> ."],
    ],
)
def test_a_link_is_followed_wherever_in_the_run_it_leads(links):
    left = kept(["epoch_1.pt", "epoch_2.pt", *links], Keep.BEST)
    assert "epoch_1.pt" in left
    assert "epoch_2.pt" not in left


def test_a_link_into_a_folder_or_to_a_shard_is_one_to_its_checkpoint():
    assert kept([*TRANSFORMERS, "best -> checkpoint-500/model.safetensors"], Keep.BEST) == [
        "best",
        *sorted(TRANSFORMERS[:2]),
    ]


@pytest.mark.parametrize("target", ["/elsewhere/epoch_1.pt", "../epoch_1.pt", "gone.pt", "best.pt"])
def test_where_nobody_knows_what_is_called_the_best_all_stay(target):
    names = ["epoch_1.pt", "epoch_2.pt", f"best.pt -> {target}"]
    assert kept(names, Keep.LAST) == kept(names, Keep.BEST) == ["best.pt", "epoch_1.pt", "epoch_2.pt"]


def test_a_link_to_the_last_of_something_else_says_nothing_of_checkpoints():
    names = [
        "epoch_1.pt",
        "epoch_2.pt",
        "wandb/latest-run -> run-1",
        "wandb/run-1/a.log",
        "best.png -> a.png",
        "a.png",
    ]
    assert "epoch_1.pt" not in kept(names, Keep.LAST)


def test_a_file_that_is_named_as_nothing_but_a_shard_is_looked_at():
    assert kept(["-1-of-2", "-1-of-2.", "-1-of-2.pt"], Keep.ALL) == ["-1-of-2", "-1-of-2.", "-1-of-2.pt"]
