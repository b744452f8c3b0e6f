from dataclasses import replace

import yaml

from sweeps.authoring.drafting.draft import draft
from sweeps.authoring.drafting.facts import Facts
from sweeps.authoring.interface import interface_of
from sweeps.authoring.outputs.writers import written_by
from tests.sweeps.authoring.scripts import HEAD, drafted, script_of, trainer


def test_a_script_that_writes_where_it_runs_gets_a_folder_of_its_own_with_links_to_what_it_reads(tmp_path):
    (tmp_path / "data").mkdir()
    text = HEAD + "p.add_argument('--data', default='data/x.csv')\ntorch.save(m, 'model.pt')\n"
    found = trainer(tmp_path, text)
    assert (found["cwd"], found["link"]) == ("{run_dir}", ["data"])
    asked = drafted(tmp_path, text.replace("data/x.csv", "../data/x.csv"))
    assert '# ? cwd: "{run_dir}/work"' in asked.text
    assert "# ? link: [../data]" in asked.text
    assert "cwd" not in yaml.safe_load(asked.text)["trainer"]


def test_a_file_that_is_typed_is_linked_to_where_it_runs(tmp_path):
    (tmp_path / "conf").mkdir()
    script = script_of(tmp_path, HEAD + "torch.save(m, 'model.pt')\n")
    facts = Facts("train.py", interface_of(script), written_by(script), present=frozenset({"conf", "other"}))
    for words in ({"before": ("--config", "conf/a.yaml")}, {"after": ("--config=./conf/a.yaml", "x")}):
        assert yaml.safe_load(draft(replace(facts, **words)).text)["trainer"]["link"] == ["conf"]


def test_an_option_says_where_it_writes_then_it_needs_no_folder(tmp_path):
    text = "out_dir = 'out'\nlr = 0.1\nexec(open('configurator.py').read())\nopen(out_dir + '/x', 'w')\n"
    assert "cwd" not in trainer(tmp_path, text)


def test_a_config_that_the_command_names_by_itself_is_linked_where_each_trial_has_a_folder(tmp_path):
    text = """
    from absl import flags
    from ml_collections import config_flags
    config_flags.DEFINE_config_file("config", "configs/a.py")
    open("runs/log.csv", "w")
    """
    config = "def get_config():\n    config = ConfigDict()\n    config.lr = 0.1\n    return config\n"
    shown = drafted(tmp_path, text, configs__a=config).text
    assert 'cwd: "{run_dir}"' in shown
    assert "link: [configs]" in shown


def test_where_nothing_tells_its_folder_the_file_of_metrics_is_asked_for(tmp_path):
    text = (
        HEAD
        + "import csv\nf = open(os.path.join(folder(), 'log.csv'), 'w')\ncsv.writer(f).writerow(['loss'])\n"
    )
    asked = drafted(tmp_path, text).text
    assert '  # ? cwd: "{run_dir}"  # where does it write log.csv? if below where it runs, take away' in asked
    told = drafted(tmp_path, text.replace("folder()", "args.out_dir") + "p.add_argument('--out-dir')\n").text
    assert "cwd" not in told
