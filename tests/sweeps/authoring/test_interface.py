from tests.sweeps.authoring.scripts import interface


def test_a_special_kind_comes_before_the_argparse_that_it_stands_on(tmp_path):
    text = "import argparse, fire\np = argparse.ArgumentParser()\np.add_argument('--x')\ndef main(lr=1): ...\nfire.Fire(main)\n"
    assert interface(tmp_path, text).kind == "Fire"


def test_a_script_that_takes_nothing_says_so(tmp_path):
    assert interface(tmp_path, "lr = 0.1\nprint(lr)\n").kind == "nothing"


def test_a_script_that_needs_a_launcher_is_asked_about_it(tmp_path):
    text = "import os\nif __name__ == '__main__':\n    rank = int(os.environ['LOCAL_RANK'])\n"
    (comment,) = interface(tmp_path, text).comments
    assert "torchrun" in comment
    maybe = "import os\nif 'RANK' in os.environ:\n    rank = int(os.environ['RANK'])\nother = os.environ['HOME']\n"
    assert interface(tmp_path, maybe).comments == ()
