"""A study gives the configs that the file's expansion gives."""

from sweeps.importing.studies.study import Description, Study


def test_grid_zip_and_seeds_are_combined_and_conditions_apply():
    study = Study(
        settings={"k": 0},
        grid={"a": (1, 2)},
        zipped={"b": (1, 2), "c": (3, 4)},
        seeds=(0, 1),
        whens=(({"a": (1,), "b": (1, 2)}, {"k": 5}),),
        exclude=({"a": (2,), "b": (2,)},),
    )
    configs = list(study.configs({"d": 1}))
    assert len(configs) == 6
    assert configs[0] == {"d": 1, "k": 5, "a": 1, "b": 1, "c": 3, "seed": 0}
    assert configs[-1] == {"d": 1, "k": 0, "a": 2, "b": 1, "c": 3, "seed": 1}
    assert study.varied == ("a", "b", "c", "seed")


def test_include_adds_and_stands_alone_where_nothing_else_varies():
    assert list(Study(include=({"a": 1},)).configs({})) == [{"a": 1}]
    assert list(Description({"x": 1}, (Study(grid={"a": (1,)}, include=({"a": 2},)),)).configs()) == [
        {"x": 1, "a": 1},
        {"x": 1, "a": 2},
    ]
