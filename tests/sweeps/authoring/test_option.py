from sweeps.authoring.option import Formula, Option, asked, kind_of, without_repeats


def test_an_option_knows_whether_it_has_a_place_or_a_flag():
    assert Option("data").is_positional
    assert not Option("lr", flag="--lr").is_positional
    assert [Option("a", default=value).is_number for value in (1, 0.5, True, "1", None, Formula("f()"))] == [True, True, False, False, False, False]  # fmt: skip


def test_a_later_definition_takes_the_place_of_the_first():
    found = without_repeats([Option("a", default=1), Option("b"), asked(Option("a", default=2), "why")])
    assert [(option.key, option.default, option.question) for option in found] == [
        ("a", 2, "why"),
        ("b", None, ""),
    ]


def test_the_type_of_a_default_is_that_of_a_list_s_first_and_none_of_what_only_a_run_tells():
    assert [kind_of(value) for value in (1, 0.5, True, "a", [1, 2], [])] == [
        "int",
        "float",
        "bool",
        "str",
        "int",
        "",
    ]
    assert [kind_of(value) for value in (None, Formula("f()"), {"a": 1})] == ["", "", ""]
