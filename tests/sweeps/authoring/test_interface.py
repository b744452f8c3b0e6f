from tests.sweeps.authoring.scripts import interface


def test_a_special_kind_comes_before_the_argparse_that_it_stands_on(tmp_path):
    text = "import argparse, fire\np = argparse.ArgumentParser()\np.add_argument('--x')\ndef main(lr=1): ...\nfire.Fire(main)\n"
    assert interface(tmp_path, text).kind == "Fire"


def test_a_script_that_takes_nothing_says_so(tmp_path):
    assert interface(tmp_path, "lr = 0.1\nprint(lr)\n").kind == "nothing"
