"""A small configuration, and a run that keeps what the trainer gives it."""

import torch

SETTINGS = {
    "frame_H": 8, "frame_W": 12, "F_dim": 8, "L_dim": 4, "N_dim": 4, "D_out_dim": 8,
    "num_epoch": 4, "train_vi_len": 3, "val_vi_len": 4, "lr": 1e-3, "lr_milestones": [2],
    "tfr": 0.5, "tfr_sde": 2, "tfr_d_step": 0.25, "kl_anneal_type": "Cyclical", "kl_anneal_cycle": 2,
    "kl_anneal_ratio": 1.0, "device": "cpu", "data": {"train_frames": 12, "val_frames": 4},
}  # fmt: skip
TIMES = {"time/epoch_s", "time/frames_per_s"}


class RecordingRun:
    """A run that keeps what it is given, and asks for a stop at its `stop_at`-th poll."""

    def __init__(self, directory, *, stop_at=None, record=None):
        self.id, self.device, self.dir = "run", "auto", directory
        self.record = {} if record is None else record
        self.calls = []
        self.artifacts, self.pictures = {}, {}
        self.polls = 0
        self.stop_at = stop_at

    def log(self, metrics, step):
        self.calls.append((step, dict(metrics)))
        for key, value in metrics.items():
            self.record.setdefault((key, step), value)

    def artifact(self, path):
        kept = self.pictures if path.suffix == ".png" else self.artifacts
        kept[path.name] = path.read_bytes()

    def should_stop(self):
        self.polls += 1
        return self.polls == self.stop_at

    def curves(self):
        return {key: value for key, value in self.record.items() if key[0] not in TIMES}


def assert_equal_tensors(here, there):
    if isinstance(here, torch.Tensor):
        assert torch.equal(here, there)
    elif isinstance(here, dict):
        assert here.keys() == there.keys()
        for key in here:
            assert_equal_tensors(here[key], there[key])
    elif isinstance(here, list):
        assert len(here) == len(there)
        for one, other in zip(here, there, strict=True):
            assert_equal_tensors(one, other)
