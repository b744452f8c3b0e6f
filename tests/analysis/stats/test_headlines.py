from dataclasses import replace

from analysis.results.document import Finding, Table
from analysis.results.results import SweepResults
from analysis.stats.findings import findings
from analysis.stats.headlines import MOST, headlines
from tests.analysis.recorded import ratio_sweep, results_of, seed_sweep, strategy_sweep
from tests.analysis.stats.asked import HIGHER_PSNR


def of(*sweeps):
    return headlines(sweeps, findings(sweeps))


def test_single_runs_are_told_in_one_line_a_sweep_with_what_would_decide_it():
    found = of(results_of(ratio_sweep()), results_of(strategy_sweep()))
    assert len(found) <= MOST
    assert "of 12 settings end above copying the first frame; the best is " in found[0].text
    assert found[0].section is None
    assert [(line.section, line.question) for line in found[1:3]] == [(0, 1), (1, 1)]
    for line in found[1:3]:
        assert line.text.startswith("Seen once: validation PSNR at the last epoch is highest with ")
        assert line.text.endswith(" dB below (n = 1); `--seeds 3` would decide it")
    assert "cannot tell" not in " ".join(line.text for line in found)


def test_what_seeds_tell_stands_there_with_effect_interval_and_n():
    sweep = results_of(seed_sweep())
    (own,) = findings([sweep])
    asked = {finding.question: finding for finding in own}
    line = asked[HIGHER_PSNR].headline
    assert line.startswith("Validation PSNR at the last epoch: ")
    assert "95 % CI" in line
    assert "n = 3" in line
    assert line in [one.text for one in of(sweep)]


def finding(name, rank=0):
    return Finding(name, "", Table((), ()), headline=name, rank=rank)


def test_each_sweep_has_its_turn_by_the_rank_of_its_findings():
    other = SweepResults(replace(ratio_sweep(), trials=()), ())
    own = [[finding("a2", 2), finding("a0"), replace(finding("silent"), headline="")], [finding("b1", 1)]]
    found = headlines([other, other], own, [finding("searched")])
    assert [(line.text, line.section, line.question) for line in found] == [
        ("a0", 0, 1),
        ("b1", 1, 0),
        ("searched", 2, 0),
        ("a2", 0, 0),
    ]
