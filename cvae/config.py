"""Defines and checks all settings of the trainer, named as in the report. Imports neither torch nor numpy."""
# ruff: noqa: N815  the lab's names are kept: frame_H, frame_W

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from cvae.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_core import ErrorDetails

Model = TypeVar("Model", bound=BaseModel)
Share = Annotated[float, Field(gt=0, le=1)]
Probability = Annotated[float, Field(ge=0, le=1)]
Epoch = Annotated[int, Field(ge=0)]

BEFORE = "sweep_before"
"""Marks a setting that was added later, with the value that all runs before it had. At that value the setting is left out of
the identity of a run, here and in `sweep` (docs/reference/experiments.md), so that earlier runs stay the same ones."""

_UNIONS = {
    "val_vi_len": "Input should be an integer of at least 2, or 'all'",
    "compile": "Input should be true, false or 'auto'",
}
"""Settings of several types, with what they take: pydantic says it for each type by itself."""

_RULES = ConfigDict(
    frozen=True,
    extra="forbid",
    strict=True,
    allow_inf_nan=False,
    validate_default=True,
    use_attribute_docstrings=True,
)


def clips_in(num_frames: int, *, share: float, clip_length: int) -> int:
    """Whole clips of `clip_length` frames in the first `share` of `num_frames` frames."""
    return int(num_frames * share + 1e-9) // clip_length


class DataConfig(BaseModel):
    """Where the frames and labels come from."""

    model_config = _RULES

    name: Literal["synthetic", "folder"] = "synthetic"
    """synthetic: a drawn dancer; folder: images below root, in the lab's layout."""
    root: str | None = None
    """folder: the directory that contains train/ and val/ (and test/)."""
    train_frames: int = Field(default=960, ge=2, le=1_000_000)
    """synthetic: frames of the training video. A folder uses all its frames."""
    val_frames: int = Field(default=630, ge=2, le=1_000_000)
    """synthetic: frames of the validation video. A folder uses all its frames."""
    seed: int = Field(default=0, ge=0, lt=2**32)
    """synthetic: which dancer, stage and choreographies are drawn."""

    @model_validator(mode="after")
    def _root_belongs_to_a_folder(self) -> Self:
        if self.name == "folder" and not self.root:
            raise ValueError("root is missing: data.name folder needs the directory in data.root")
        if self.name == "synthetic" and self.root is not None:
            raise ValueError(
                "root is set, but data.name is synthetic: set data.name to folder, or leave root out"
            )
        return self


class TrainConfig(BaseModel):
    """All settings of one training run. The defaults are those of the lab's command line."""

    model_config = _RULES

    data: DataConfig = Field(default_factory=DataConfig)
    """Where the frames and labels come from."""
    frame_H: int = Field(default=32, ge=4, le=2048)
    """Height that frames are resized to, in pixels."""
    frame_W: int = Field(default=64, ge=4, le=2048)
    """Width that frames are resized to, in pixels."""
    train_vi_len: int = Field(default=16, ge=2)
    """Frames in a training clip."""
    val_vi_len: Annotated[int, Field(ge=2)] | Literal["all"] = 630
    """Frames of the validation video to use, from the first; all: the whole video."""
    partial: Share = 1.0
    """Share of the training frames to use, from the first."""
    fast_train: bool = False
    """Use a smaller share of the training frames in the first epochs."""
    fast_train_epoch: int = Field(default=5, ge=0)
    """fast_train: epochs that use the smaller share."""
    fast_partial: Share = 0.4
    """fast_train: the smaller share of the training frames."""

    F_dim: int = Field(default=128, ge=8, le=8192)
    """Channels of a frame's features; an eighth of them is the narrowest layer, so at least 8."""
    L_dim: int = Field(default=32, ge=2, le=8192)
    """Channels of a label's features; half of them is the narrowest layer, so at least 2."""
    N_dim: int = Field(default=12, ge=4, le=8192)
    """Channels of the latent z; a quarter of them is the narrowest layer, so at least 4."""
    D_out_dim: int = Field(default=192, ge=8, le=8192)
    """Channels between decoder and generator; an eighth of them is the narrowest layer, so at least 8."""

    num_epoch: int = Field(default=70, ge=1)
    """Epochs to train."""
    batch_size: int = Field(default=2, ge=1)
    """Clips in a batch; the KL divergence is divided by this."""
    update: Literal["per_video", "per_batch"] = "per_video"
    """per_video: an optimizer step for each clip, as in the report; per_batch: one for each batch."""
    optim: Literal["Adam", "AdamW"] = "Adam"
    """Optimizer."""
    lr: float = Field(default=1e-3, gt=0, le=10)
    """Learning rate of epoch 0."""
    lr_milestones: list[Epoch] = Field(default=[2, 5])
    """Epochs at which the learning rate is multiplied by lr_gamma."""
    lr_gamma: Share = 0.1
    """Factor of the learning rate at each of lr_milestones."""
    tfr: Probability = 1.0
    """Teacher forcing ratio: the probability that an epoch predicts from true frames."""
    tfr_sde: int = Field(default=10, ge=0)
    """Epoch in which the teacher forcing ratio starts to fall."""
    tfr_d_step: Probability = 0.1
    """Decrease of the teacher forcing ratio in each epoch."""
    kl_anneal_type: Literal["None", "Cyclical", "Monotonic"] = "Cyclical"
    """Schedule of beta, the weight of the KL divergence, over the epochs."""
    kl_anneal_cycle: int = Field(default=10, ge=1)
    """Cyclical: cycles of beta in num_epoch epochs."""
    kl_anneal_ratio: Probability = 1.0
    """Share of a cycle in which beta rises; 0: beta is always kl_beta_max."""
    kl_beta_max: float = Field(default=1.0, ge=0, le=1e6, json_schema_extra={BEFORE: 1.0})
    """What beta rises to; all values of its schedule are multiplied by this. Below 1, z is kept alive more easily."""
    kl_free_nats: float = Field(default=0.0, ge=0, le=1e6, json_schema_extra={BEFORE: 0.0})
    """Free bits, in nats: a channel's map has no KL gradient in a frame in which its divergence is below this; 0: off."""
    seed: int = Field(default=42, ge=0, lt=2**63)
    """Seed of the initial weights, the latent noise and the teacher forcing draws."""
    device: Annotated[str, Field(pattern=r"^(auto|cpu|cuda(:\d+)?)$")] = "auto"
    """auto (cuda, else cpu), cpu, cuda or cuda:N."""
    precision: Literal["fp32", "bf16", "auto"] = "fp32"
    """Precision of convolutions; weights and losses stay fp32. auto: bf16 where the device is fast at it."""
    tf32: bool = Field(default=True, json_schema_extra={BEFORE: True})
    """On a GPU, convolutions in fp32 may round their inputs to TF32 (10 bits of fraction), as PyTorch lets them; false: never."""
    deterministic: bool = Field(default=False, json_schema_extra={BEFORE: False})
    """On a GPU, the same bits from run to run, interrupted or not, for some of the speed. A CPU gives them anyway in fp32."""
    compile: bool | Literal["auto"] = "auto"
    """Compile the network with torch.compile. auto: on a GPU, where the steps to come save more than it takes; never on a CPU."""
    cuda_graph: Literal["auto", "off"] = "auto"
    """auto: on a GPU each training step is one CUDA graph, where enough steps are to come; off: never."""

    @model_validator(mode="after")
    def _drawn_frames_suffice(self) -> Self:
        if self.data.name == "synthetic":
            problem = self.length_problem(
                train_frames=self.data.train_frames, val_frames=self.data.val_frames
            )
            if problem is not None:
                raise ValueError(problem)
        return self

    def length_problem(self, *, train_frames: int, val_frames: int) -> str | None:
        """Say which setting needs more frames than the videos have; None if all fit. Nothing is clamped."""
        shares = {"partial": self.partial}
        if self.fast_train and self.fast_train_epoch > 0:
            shares["fast_partial"] = self.fast_partial
        for key, share in shares.items():
            clips = clips_in(train_frames, share=share, clip_length=self.train_vi_len)
            if clips < self.batch_size:
                return (
                    f"{key} {share:g} of {train_frames} training frames gives {clips} clips of train_vi_len "
                    f"{self.train_vi_len}, fewer than batch_size {self.batch_size}"
                )
        needed = 2 if self.val_vi_len == "all" else self.val_vi_len
        if needed > val_frames:
            return (
                f"val_vi_len is {self.val_vi_len}, but there are {val_frames} validation frames: "
                "set it to that or less (at least 2), or to all"
            )
        return None

    @property
    def clips_a_step(self) -> int:
        """Clips that share an optimizer step."""
        return self.batch_size if self.update == "per_batch" else 1

    def identity(self) -> dict[str, object]:
        """Every setting that decides the result, except the data, whose content id identifies it."""
        unchanged = {key for key, value in _before().items() if getattr(self, key) == value}
        return self.model_dump(exclude={"device", "compile", "cuda_graph", "data", *unchanged})

    def share(self, epoch: int) -> float:
        """Share of the training frames that an epoch uses."""
        return self.fast_partial if self.fast_train and epoch < self.fast_train_epoch else self.partial


def _before() -> dict[str, object]:
    """The settings that were added later, with the value that all runs before them had."""
    marks = {key: field.json_schema_extra for key, field in TrainConfig.model_fields.items()}
    return {key: mark[BEFORE] for key, mark in marks.items() if isinstance(mark, dict) and BEFORE in mark}


def parse_config(values: Mapping[str, object]) -> TrainConfig:
    """Check a plain, possibly nested mapping and turn it into settings.

    Raises:
        ConfigError: Some values are wrong; the text has one line for each.
    """
    return parse(TrainConfig, values)


def parse(model: type[Model], values: Mapping[str, object]) -> Model:
    """Do as `parse_config`, for any model of this module."""
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        problems = [_describe(_place(problem), problem) for problem in error.errors()]
        raise ConfigError("\n".join(dict.fromkeys(problems))) from None


def _describe(place: str, problem: ErrorDetails) -> str:
    if problem["type"] == "extra_forbidden":
        return f"{place}: there is no such setting"
    text = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "value_error":
        return f"{place}: {text}" if place else text
    text = _UNIONS.get(place, text)
    return f"{place}: {text}, not {problem['input']!r}"


def _place(problem: ErrorDetails) -> str:
    """The dotted key, without the members of a union, which pydantic appends."""
    parts = [str(part) for part in problem["loc"]]
    return ".".join(parts[:1] if parts and parts[0] in _UNIONS else parts)
