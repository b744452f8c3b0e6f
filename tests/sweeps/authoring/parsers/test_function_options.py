from tests.sweeps.authoring.scripts import interface


def test_fire_takes_a_function_or_a_class_or_a_mapping_or_nothing(tmp_path):
    one = interface(
        tmp_path,
        "import fire\ndef train(data, lr=0.1, sizes=(1, 2)):\n    '''Train.\n\n    Args:\n        lr: the rate\n    '''\nfire.Fire(train)\n",
    )
    assert [(option.key, option.default, option.is_required) for option in one.options] == [
        ("data", None, True),
        ("lr", 0.1, False),
        ("sizes", [1, 2], False),
    ]
    assert (one.style, one.options[1].help) == ("fire", "the rate")
    of_class = interface(
        tmp_path,
        "from fire import Fire\nclass T:\n    def __init__(self, width=8): ...\n    def show(self): ...\n    def fit(self, lr: float = 1): ...\nFire(T)\n",
    )
    assert (of_class.before, [option.key for option in of_class.options]) == (("fit",), ["width", "lr"])
    mapping = interface(tmp_path, "import fire\ndef a(x=1): ...\nfire.Fire({'eval': b, 'train': a})\n")
    assert (mapping.before, mapping.options[0].key) == (("train",), "x")
    bare = interface(
        tmp_path, "import fire\ndef main(x=1): ...\nif __name__ == '__main__':\n    fire.Fire()\n"
    )
    assert (bare.before, bare.options[0].key) == (("main",), "x")


def test_jsonargparse_takes_the_parameters_of_its_function(tmp_path):
    found = interface(tmp_path, "from jsonargparse import CLI\ndef main(lr: float = 0.1): ...\nCLI(main)\n")
    assert (found.style, found.options[0].default) == ("jsonargparse", 0.1)


def test_what_is_not_in_the_source_is_a_question(tmp_path):
    assert (
        "which options"
        in interface(tmp_path, "import fire\nfrom torch import nn\nfire.Fire(nn)\n").comments[0]
    )
