import pytest

from sweeps.authoring.interface import interface_of
from sweeps.authoring.outputs.checkpoints import checkpoints_of
from tests.sweeps.authoring.scripts import script_of

HEAD = """
import argparse, os, torch
from pathlib import Path
p = argparse.ArgumentParser()
p.add_argument("--out-dir", default="runs")
p.add_argument("--mode", default="new")
args = p.parse_args()
"""


def found(folder, text):
    script = script_of(folder, HEAD + text)
    return checkpoints_of(script, interface_of(script))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("torch.save(m, os.path.join(args.out_dir, 'ckpt.pt'))", "{run_dir}/ckpt.pt"),
        ("torch.save(m, f'{args.out_dir}/last.pt')", "{run_dir}/last.pt"),
        ("torch.save(m, Path(args.out_dir) / 'a' / 'last.pt')", "{run_dir}/a/last.pt"),
        ("out = args.out_dir\nfile = out + '/x.pth'\ntorch.save(m, file)", "{run_dir}/x.pth"),
        ("torch.save(m, cfg['out_dir'] + '/x.pth')", "{run_dir}/x.pth"),
        ("torch.save(m, f'{args.out_dir}/ckpt_{epoch}.pt')", "{run_dir}/ckpt_*.pt"),
        ("torch.save(m, './deep/model.tar')", "{run_dir}/deep/model.tar"),
        ("torch.save(m, os.path.join(where(), 'ckpt.pt'))", "{newest:{run_dir}/**/ckpt.pt}"),
        ("trainer.save_checkpoint(f=args.out_dir + '/a{b}.ckpt')", "{run_dir}/a{{b}}.ckpt"),
        ("import pickle\npickle.dump(m, open(args.out_dir + '/state.pkl', 'wb'))", "{run_dir}/state.pkl"),
    ],
)
def test_a_path_below_the_option_for_outputs_is_one_of_the_trials_folder(tmp_path, text, path):
    assert found(tmp_path, text).paths == (path,)


@pytest.mark.parametrize("text", ["torch.save(m, where())", "torch.save(m)", "torch.save(m, '/abs/x.pt')\n"])
def test_what_has_no_name_or_lies_elsewhere_is_none(tmp_path, text):
    assert [path for path in found(tmp_path, text).paths if not path.startswith("{newest:")] == []


def test_paths_that_a_function_is_given_are_all_known(tmp_path):
    text = "def save(path, m):\n    torch.save(m, path)\nout = Path(args.out_dir)\nsave(out / 'best.pt', m)\nsave(out / 'last.pt', m)\n"
    saved = found(tmp_path, text)
    assert (saved.paths, saved.latest) == (("{run_dir}/last.pt", "{run_dir}/best.pt"), "{run_dir}/last.pt")
    assert found(tmp_path, "torch.save(m, args.out_dir + '/model.pt')").latest == ""


def test_what_is_saved_to_go_on_from_comes_before_what_is_only_kept(tmp_path):
    names = ["best.pt", "model.pt", "ckpt_{n}.pt", "last.pt"]
    saved = "\n".join(f"torch.save(m, f'{{args.out_dir}}/{name}')" for name in names)
    assert [path.rpartition("/")[2] for path in found(tmp_path, saved).paths] == [
        "last.pt",
        "ckpt_*.pt",
        "model.pt",
        "best.pt",
    ]


@pytest.mark.parametrize(
    ("test", "words"),
    [
        ("args.mode == 'resume'", {"mode": "resume"}),
        ("'continue' == args.mode", {"mode": "continue"}),
        ("args.mode in ('new', 'resume')", {"mode": "resume"}),
        ("args.mode == 'new'", {}),
        ("1 < args.mode < 2 or f() == 'resume'", {}),
    ],
)
def test_a_word_that_the_source_compares_an_option_with_is_one_of_it(tmp_path, test, words):
    assert found(tmp_path, f"if {test}: ...").words == words
