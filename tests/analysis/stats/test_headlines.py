import math
from dataclasses import replace

from analysis.results.document import Finding, Table
from analysis.results.results import OF_Z, Curve, SweepResults
from analysis.stats.findings import findings
from analysis.stats.headlines import MOST, headlines
from tests.analysis.judged import F1, LOSS, judged
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
        assert line.text.endswith(" dB below (n = 1); `--seeds 3` would test it")
    assert "cannot tell" not in " ".join(line.text for line in found)


def test_what_seeds_tell_stands_there_with_effect_interval_and_n():
    sweep = results_of(seed_sweep())
    (own,) = findings([sweep])
    asked = {finding.question: finding for finding in own}
    line = asked[HIGHER_PSNR.replace("higher", "highest")].headline
    assert line.startswith("Validation PSNR at the last epoch: ")
    assert "95 % CI" in line
    assert "n = 3" in line
    assert line in [one.text for one in of(sweep)]


def with_z(sweep, active, spread):
    """The sweep, each of whose trials ends with so many active units, and such a spread."""
    last = dict.fromkeys(OF_Z, Curve((0,), (active,))) | {"z/draw_spread": Curve((0,), (spread,))}
    return replace(sweep, results=tuple(replace(one, curves=one.curves | last) for one in sweep.results))


def test_whether_z_is_used_is_one_line_for_all_sweeps_and_of_one_it_leads_to_its_question():
    ratios, strategies = results_of(ratio_sweep()), results_of(strategy_sweep())
    not_used = with_z(ratios, 0.0, 0.003), with_z(strategies, 0.0, 0.006)
    (line,) = [line for line in of(*not_used) if "z is not used" in line.text]
    assert line.section is None
    assert line.text == (
        "z is not used: no unit is active in any of 12 trials, and frames drawn with other z differ by 0.6 % of the range "
        "at most."
    )
    (line,) = [line for line in of(not_used[0], with_z(strategies, 2.0, 0.05)) if "z are active" in line.text]
    assert line.text.startswith(
        "Units of z are active in 3 of 12 trials: most in Monotonic in annealing (2 units;"
    )
    (line,) = [line for line in of(ratios, not_used[1]) if "z is not used" in line.text]
    assert "any of 3 trials" in line.text
    assert findings([ratios, not_used[1]])[line.section][line.question].headline == line.text


def test_a_baseline_that_is_not_of_the_first_measure_leads_to_its_own_question():
    sweep = judged(LOSS, F1)
    (own,) = findings([sweep])
    (line,) = [line for line in of(sweep) if "end above val/majority" in line.text]
    assert own[line.question].question == "Does val/f1 beat val/majority?"


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


def test_a_baseline_that_one_sweep_alone_has_numbers_for_leads_to_its_question_there():
    silent, told = judged(F1, ends={"a": (math.nan, math.nan)}), judged(F1)
    (line,) = [line for line in of(silent, told) if "end above val/majority" in line.text]
    assert line.section == 1
    assert findings([silent, told])[1][line.question].question == "Does val/f1 beat val/majority?"


def test_what_sweeps_pool_says_in_which_of_them_the_best_is():
    better = judged(F1, ends={"d": (90.0, 91.0, 92.0)})
    better = replace(better, expected=replace(better.expected, name="yours"))
    (line,) = [line for line in of(judged(F1), better) if "end above val/majority" in line.text]
    assert line.text.startswith("3 of 4 settings end above val/majority by val/f1 in all their seeds; ")
    assert "optimizer d in yours (" in line.text
    assert " in mine" not in of(judged(F1))[0].text
