from cvae.config import parse_config
from cvae.schedules import kl_beta, learning_rate
from cvae.training.epoch_plan import EpochPlan


def test_teacher_forcing_is_drawn_once_an_epoch_with_the_ratio_as_its_chance():
    settings = parse_config({"tfr": 0.3, "tfr_sde": 2000, "num_epoch": 1000})
    drawn = [EpochPlan.of(settings, epoch).teacher_forcing for epoch in range(1000)]
    assert drawn == [EpochPlan.of(settings, epoch).teacher_forcing for epoch in range(1000)]
    assert 0.25 < sum(drawn) / 1000 < 0.35
    always = [EpochPlan.of(parse_config({"tfr": 1.0}), epoch).teacher_forcing for epoch in range(10)]
    never = [EpochPlan.of(parse_config({"tfr": 0.0}), epoch).teacher_forcing for epoch in range(10)]
    assert (set(always), set(never)) == ({True}, {False})


def test_a_plan_has_the_values_of_the_schedules_and_the_share_of_its_epoch():
    config = parse_config(
        {
            "num_epoch": 10, "kl_anneal_cycle": 2, "lr": 0.01, "lr_milestones": [4], "lr_gamma": 0.5,
            "fast_train": True, "fast_train_epoch": 3, "fast_partial": 0.25, "partial": 0.5,
        }
    )  # fmt: skip
    plans = [EpochPlan.of(config, epoch) for epoch in range(10)]
    assert [plan.epoch for plan in plans] == list(range(10))
    assert [plan.share for plan in plans] == [0.25] * 3 + [0.5] * 7
    assert [plan.lr for plan in plans] == [
        learning_rate(epoch, lr=0.01, milestones=[4], gamma=0.5) for epoch in range(10)
    ]
    assert [plan.beta for plan in plans] == [
        kl_beta(epoch, num_epoch=10, kind="Cyclical", num_cycles=2, ratio=1.0) for epoch in range(10)
    ]


def test_another_seed_draws_other_epochs_for_teacher_forcing():
    draws = [
        [
            EpochPlan.of(parse_config({"tfr": 0.5, "tfr_sde": 200, "seed": seed}), epoch).teacher_forcing
            for epoch in range(64)
        ]
        for seed in (0, 1)
    ]
    assert draws[0] != draws[1]
