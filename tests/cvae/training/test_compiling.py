"""Compiling before the first step, with a stand-in for `torch.compile` that notes what it is called with."""

import json
import logging

import pytest
import torch

from cvae.compute.compile_cache import CACHE
from cvae.train import train
from cvae.training import compiling
from cvae.training.compile_plan import CompileDecision
from tests.cvae.runs import SETTINGS, RecordingRun


class Compiler:
    """Compiles nothing; notes the parts, whether their gradient is wanted, and the shapes that they are called with."""

    def __init__(self, error=None):
        self.calls, self.error = [], error

    def __call__(self, part, **_):
        def compiled(*tensors):
            if self.error:
                raise self.error
            self.calls.append((part.__name__, torch.is_grad_enabled(), tuple(tensors[0].shape)))
            return part(*tensors)

        return compiled


@pytest.fixture
def compiler(monkeypatch):
    monkeypatch.setenv(CACHE, "")  # put back afterwards
    monkeypatch.delenv(CACHE)
    made = Compiler()
    monkeypatch.setattr(torch, "compile", made)
    return made


def provenance(run):
    return json.loads((run.dir / "provenance.json").read_text())["compile"]


def test_all_parts_of_the_epochs_to_come_are_compiled_before_the_first_step_and_change_nothing(
    tmp_path, finished, compiler, monkeypatch
):
    tried = []
    real = compiling.Compiling.apply

    def watched(*given):
        decision = real(*given)
        tried.extend(compiler.calls)
        return decision

    monkeypatch.setattr(compiling.Compiling, "apply", watched)
    run = RecordingRun(tmp_path)
    train(SETTINGS | {"compile": True}, run)
    assert run.curves() == finished.curves()
    assert set(tried) == set(compiler.calls), "nothing is compiled later"
    assert {(name, with_gradient) for name, with_gradient, _ in tried} == {
        *((name, True) for name in ("encode_frame", "encode_label", "posterior", "generate", "predict")),
        ("predict", False),
    }
    assert provenance(run) == {"compiled": True, "why": "compile is true"}


@pytest.mark.parametrize("wish", ["auto", False])
def test_on_a_cpu_nothing_is_compiled_unless_it_is_asked_for(tmp_path, compiler, wish):
    run = RecordingRun(tmp_path)
    train(SETTINGS | {"compile": wish, "num_epoch": 1}, run)
    assert compiler.calls == []
    assert provenance(run)["compiled"] is False


def test_what_cannot_be_compiled_fails_where_it_was_asked_for_and_is_left_as_it_is_where_it_was_not(
    tmp_path, finished, compiler, monkeypatch, caplog
):
    compiler.error = RuntimeError("Failed to find C compiler\nmore")
    with pytest.raises(RuntimeError, match="Failed to find"):
        train(SETTINGS | {"compile": True}, RecordingRun(tmp_path / "asked"))
    caplog.set_level(logging.INFO, "cvae")
    monkeypatch.setattr(compiling, "decide_compile", lambda *_, **__: CompileDecision(True, "it pays"))
    run = RecordingRun(tmp_path / "auto")
    train(SETTINGS, run)
    assert run.curves() == finished.curves()
    assert provenance(run) == {"compiled": False, "why": "it failed: Failed to find C compiler"}
    assert "not compiled: it failed: Failed to find C compiler" in caplog.messages
