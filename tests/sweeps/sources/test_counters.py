from sweeps.sources.counters import COUNTERS
from sweeps.sources.proposals.printed import printed_forms


def test_the_first_of_these_words_that_a_line_has_is_its_step():
    assert COUNTERS.index("step") < COUNTERS.index("epoch") < COUNTERS.index("batch")
    (form,) = printed_forms([f"epoch {n} step {100 * n} loss {1 / n:.2f}" for n in (1, 2, 3)])
    assert (form.step, form.metrics) == ("step", ("loss",))
