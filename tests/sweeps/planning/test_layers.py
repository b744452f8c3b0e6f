from sweeps.planning.layers import Layers
from sweeps.spec.model import read_overrides
from tests.sweeps.specs import read

TEXT = """\
    defaults: {a: 1, b: 1, c: 1}
    profiles: {p: {b: 2, c: 2, sweeps: {s: {d: 4}}}}
    sweeps:
      s:
        seeds: 2
        set: {c: 3, d: 3}
        when: [{if: {x: 1}, set: {y: 2, z: 2}}, {if: {y: 2}, set: {w: 3}}, {if: {x: 2}, set: {v: 1}}]
    """


def layers_of(path, *, profile="p", overrides=()):
    spec = read(path, TEXT)
    return Layers.of(
        spec, spec.sweeps[0], defaults={"x": 1}, profile=profile, overrides=read_overrides(overrides)
    )


def plain(settings):
    return {key: setting.value for key, setting in settings.items()}


def test_the_base_is_laid_from_defaults_profile_set_and_the_command_line(tmp_path):
    assert plain(layers_of(tmp_path).base) == {"a": 1, "b": 2, "c": 3, "d": 4}
    assert plain(layers_of(tmp_path, profile=None, overrides=["d=9"]).base) == {
        "a": 1,
        "b": 1,
        "c": 3,
        "d": 9,
    }


def test_a_when_sees_what_an_earlier_one_set_and_gives_way_to_the_command_line(tmp_path):
    layers = layers_of(tmp_path, overrides=["z=7"])
    settings, held = layers.with_whens(layers.with_layer())
    assert held == (0, 1)
    assert {key: plain(settings)[key] for key in "yzw"} == {"y": 2, "z": 7, "w": 3}
    assert "y" not in layers.base


def test_a_key_that_nothing_sets_has_the_trainers_default(tmp_path):
    layers = layers_of(tmp_path)
    assert [layers.fixed(key) for key in ("d", "x", "unknown")] == [4, 1, None]
