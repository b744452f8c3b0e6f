import pytest
import yaml

from tests.sweeps.authoring.scripts import HEAD, drafted


def test_a_resume_option_is_a_question_with_the_words(tmp_path):
    text = HEAD + "p.add_argument('--resume', default='', type=str)\ntorch.save(m, 'a/last.ckpt')\n"
    assert '# ? resume: ["--resume", "{newest:{run_dir}/a/last.ckpt}"]' in drafted(tmp_path, text).text
    kept = text.replace("a/last.ckpt", "a/model.ckpt")
    assert '# ? resume: ["--resume", "{newest:{run_dir}/**/*.ckpt}"]' in drafted(tmp_path, kept).text
    flag = text.replace("default='', type=str", "action='store_true'")
    words = '# ? resume: {when: "{run_dir}/a/last.ckpt", add: ["--resume"]}'
    assert words in drafted(tmp_path, flag).text
    unknown = flag.replace("'a/last.ckpt'", "where() + '.ckpt'")
    assert '{when: "{newest:{run_dir}/**/*.ckpt}", add: ["--resume"]}' in drafted(tmp_path, unknown).text


CONFIGURATOR = "{}\nexec(open('configurator.py').read())\n"


HYDRA = "import hydra\n@hydra.main(config_path='.', config_name='{}')\ndef main(c): ...\n"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (f"{HEAD}p.add_argument('--resume', action='store_true')\n", '"--resume"'),
        (f"{HEAD}p.add_argument('--resume', action=argparse.BooleanOptionalAction)\n", '"--resume"'),
        (
            "import click\n@click.command()\n@click.option('--resume', is_flag=True)\ndef main(resume): ...\n",
            '"--resume"',
        ),
        ("import fire\ndef main(resume=False): ...\nfire.Fire(main)\n", '"--resume=True"'),
        (CONFIGURATOR.format("resume = False"), '"--resume=True"'),
        (
            "import jsonargparse\ndef main(resume: bool = False): ...\njsonargparse.CLI(main)\n",
            '"--resume=true"',
        ),
        (
            "from absl import app, flags\nflags.DEFINE_bool('resume', False, 'on')\napp.run(main)\n",
            '"--resume"',
        ),
        (
            (
                "from dataclasses import dataclass\nfrom transformers import HfArgumentParser\n@dataclass\nclass A:\n    resume: bool = False\n"
                "HfArgumentParser(A).parse_args_into_dataclasses()\n"
            ),
            '"--resume", "True"',
        ),
        (
            "import tyro\nfrom dataclasses import dataclass\n@dataclass\nclass A:\n    resume: bool = False\ntyro.cli(A)\n",
            '"--resume"',
        ),
        (HYDRA.format("flag"), '"resume=true"'),
    ],
    ids=[
        "argparse",
        "no-flag",
        "click",
        "fire",
        "configurator",
        "jsonargparse",
        "absl",
        "hf",
        "tyro",
        "hydra",
    ],
)
def test_a_flag_that_has_it_go_on_is_spelled_as_its_parser_takes_it(tmp_path, source, words):
    (tmp_path / "flag.yaml").write_text("resume: true\n")
    text = drafted(tmp_path, f"{source}import torch\ntorch.save(m, 'a/last.ckpt')\n").text
    line = next(line for line in text.splitlines() if "# ? resume" in line)
    assert f"add: [{words}]}}" in line
    assert "leave it out where the script finds its checkpoint by itself" in line
    assert line.endswith(", and is true already") == ("hydra" in source)


def test_a_path_that_hydra_goes_on_from_stands_in_quotes(tmp_path):
    (tmp_path / "path.yaml").write_text("ckpt_path: null\n")
    text = drafted(tmp_path, HYDRA.format("path") + "torch.save(m, 'a/last.ckpt')\n").text
    found = "{newest:{run_dir}/**/*.ckpt}"
    assert f'# ? resume: {{when: "{found}", add: ["ckpt_path=\'{found}\'"]}}' in text
    resume = next(line for line in text.splitlines() if "# ? resume" in line).partition("# ? ")[2]
    assert yaml.safe_load(resume)["resume"]["add"] == [f"ckpt_path='{found}'"]


@pytest.mark.parametrize(
    "option",
    [
        "'--start', choices=['new', 'resume']",
        "'--start', default='resume'",
        "'--start', default='new', help='`new` or `resume`'",
        "'--start', default='new'",
    ],
)
def test_a_word_that_has_it_go_on_is_added_where_its_checkpoint_is(tmp_path, option):
    text = (
        HEAD
        + f"p.add_argument({option})\np.add_argument('--resume-from')\np.add_argument('--out-dir', default='o')\n"
    )
    text += (
        "a = p.parse_args()\nif a.start == 'resume': ...\ntorch.save(m, os.path.join(a.out_dir, 'ckpt.pt'))\n"
    )
    line = '  # ? resume: {when: "{run_dir}/ckpt.pt", add: ["--start", resume]}  # added'
    assert line in drafted(tmp_path, text).text


def test_a_configurators_comment_names_the_word(tmp_path):
    text = """
    out_dir = 'out'
    init_from = 'scratch'  # 'scratch' or 'resume' or a name
    exec(open('configurator.py').read())
    torch.save(m, os.path.join(out_dir, 'state.pt'))
    """
    line = '# ? resume: {when: "{run_dir}/state.pt", add: ["--init_from=resume"]}'
    assert line in drafted(tmp_path, text).text
