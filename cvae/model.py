"""Defines the conditional VAE: encoders of frame and label, posterior, decoder, generator.

Shapes: B images of C channels, H x W pixels. An image is a frame of a video or its label. Every part treats
each image separately, so B may count the frames of one video, videos, or both. The names of attributes and the
positions in each sequence are those of the course lab, so that its checkpoints load.
"""
# ruff: noqa: N803, N806  shape suffixes, and the lab's names F_dim, L_dim, N_dim, D_out_dim
# ruff: noqa: D102  a layer's docstring describes its forward

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Iterable

_GATE_SLOPE = 0.1
_LARGEST_WHOLE = 1 << 18
"""Values up to which a tensor is worked on as a whole on a CPU: calls cost more than a missed cache."""

CHANNELS_LAST_FROM = 32
"""Networks with at least so many frame features (`F_dim`) use the memory layout channels-last, in which wide
convolutions are fastest and narrow ones slowest (docs/notes/trainer.md)."""

_COMPILED = ("encode_frame", "encode_label", "posterior", "generate", "predict")
"""The parts that the loops over time call."""

_LAST_STAGE = 5
"""From this part on the generator computes in fp32, under autocast too."""


class Pointwise(nn.Conv2d):
    """A 1x1 convolution: [B, a, H, W] -> [B, b, H, W].

    With one thread, which parallel trials have, PyTorch computes a 1x1 convolution in fp32 as a matrix product. On an
    AMD CPU that is half as fast as oneDNN's convolution. A dilation, which has no effect on a 1x1 kernel, makes PyTorch
    choose oneDNN. Narrow networks, which have the other memory layout, are faster without it.
    """

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__(channels_in, channels_out, 1)

    def forward(self, x: Tensor) -> Tensor:
        return functional.conv2d(x, self.weight, self.bias, dilation=2 if _prefers_onednn(x) else 1)


def _prefers_onednn(x: Tensor) -> bool:
    return (
        x.device.type == "cpu"
        and not torch.compiler.is_compiling()
        and torch.get_num_threads() == 1
        and x.is_contiguous(memory_format=torch.channels_last)
    )


def _sum(fresh: Tensor, skip: Tensor) -> Tensor:
    """Add, in place if both have the same precision; under autocast the skip connection may be wider."""
    return fresh.add_(skip) if fresh.dtype == skip.dtype else fresh + skip


class Res(nn.Module):
    """Two 3x3 convolutions beside a skip connection: [B, a, H, W] -> [B, b, H, W]."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, padding=1)
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, padding=1)
        self.skip = nn.Identity() if channels_in == channels_out else Pointwise(channels_in, channels_out)

    def forward(self, x: Tensor) -> Tensor:
        inner = functional.leaky_relu_(self.conv1(x), 0.01)
        inner = functional.leaky_relu_(self.conv2(inner), 0.01)
        if isinstance(self.skip, nn.Identity):
            return inner + x
        return _sum(self.skip(x), inner)


class DepthConv(nn.Module):
    """1x1, depthwise 3x3, 1x1 convolution beside a skip connection: [B, a, H, W] -> [B, b, H, W]."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(Pointwise(channels_in, channels_in), nn.LeakyReLU(0.01, inplace=True))
        self.depth_conv = nn.Conv2d(channels_in, channels_in, 3, padding=1, groups=channels_in)
        self.conv2 = Pointwise(channels_in, channels_out)
        self.adaptor = nn.Identity() if channels_in == channels_out else Pointwise(channels_in, channels_out)

    def forward(self, x: Tensor) -> Tensor:
        inner = self.conv2(self.depth_conv(self.conv1(x)))
        return _sum(inner, self.adaptor(x))


class _Gate(torch.autograd.Function):
    """First half of the channels, times the leaky ReLU (0.1) of the second: [B, 2c, H, W] -> [B, c, H, W].

    This is a function of its own because the gradient of a split is a concatenation, and because autograd would store
    the activation too: this stores the input only. On a CPU it works on one image of a large tensor at a time, whose
    gradient then stays in the cache.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        out = torch.empty_like(x[:, ::2])
        for x_part, out_part in _parts(x, out):
            value, gate = x_part.chunk(2, dim=1)
            torch.ops.aten.leaky_relu.out(gate, _GATE_SLOPE, out=out_part).mul_(value)
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        grad_x = torch.empty_like(x)
        for x_part, grad_part, grad_x_part in _parts(x, grad, grad_x):
            value, gate = x_part.chunk(2, dim=1)
            grad_value, grad_gate = grad_x_part.chunk(2, dim=1)
            torch.mul(grad_part, value, out=grad_gate)
            torch.ops.aten.leaky_relu_backward.grad_input(
                grad_gate, gate, _GATE_SLOPE, False, grad_input=grad_gate
            )
            torch.ops.aten.leaky_relu.out(gate, _GATE_SLOPE, out=grad_value).mul_(grad_part)
        return grad_x


def _parts(*tensors: Tensor) -> Iterable[tuple[Tensor, ...]]:
    """Split large tensors into images on a CPU; leave them whole on other devices."""
    first = tensors[0]
    if first.device.type != "cpu" or len(first) == 1 or first.numel() <= _LARGEST_WHOLE:
        return (tensors,)
    return zip(*(torch.split(tensor, 1) for tensor in tensors), strict=True)


class GatedFeedForward(nn.Module):
    """Expands to 4c channels, gates one half with the other, and reduces to c, beside a skip connection."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = Pointwise(channels, 4 * channels)
        self.conv_out = Pointwise(2 * channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        inner = self.conv(x)
        if torch.compiler.is_compiling():  # the compiler fuses the plain formula
            value, gate = inner.chunk(2, dim=1)
            gated = value * functional.leaky_relu(gate, _GATE_SLOPE)
        else:
            gated = _Gate.apply(inner)  # type: ignore[no-untyped-call]
        return _sum(self.conv_out(gated), x)


class DC(nn.Module):
    """Depth convolution, then gated feed-forward: [B, a, H, W] -> [B, b, H, W]."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.block = nn.Sequential(DepthConv(channels_in, channels_out), GatedFeedForward(channels_out))

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.block(x)
        return out


class FrameNorm(nn.BatchNorm2d):
    """Batch norm of single images: each image by its own statistics, in training and in evaluation.

    The lab's trainer does the same: it feeds one frame at a time and never leaves training mode. As the formula does
    not depend on the batch, all frames of a video can be computed at once. The running statistics are buffers of the
    lab's checkpoints; they are neither used nor updated.
    """

    def forward(self, x: Tensor) -> Tensor:
        return functional.instance_norm(
            x, weight=self.weight, bias=self.bias, use_input_stats=True, eps=self.eps
        )


def _in_full(parts: nn.Module, x: Tensor) -> Tensor:
    """Apply layers in fp32, under autocast too: the few narrow layers whose outputs the losses use.

    They are a fiftieth of the work; in bf16 they would cost the small network of the quick profile 1 to 2 dB.
    """
    with torch.autocast(x.device.type, enabled=False):
        out: Tensor = parts(x.float() if x.dtype is torch.bfloat16 else x)
    return out


class VideoCVAE(nn.Module):
    """Predicts a frame from the frame before it, the label of its pose, and a latent z.

    `posterior` gives the distribution of z for a known frame; without a frame, z comes from N(0, 1). Channel numbers are
    divided as integers.

    Args:
        F_dim: Channels of a frame's features, at least 8.
        L_dim: Channels of a label's features, at least 2.
        N_dim: Channels of z, at least 4.
        D_out_dim: Channels between decoder and generator, at least 8.

    Source:
        The course lab's network, as far as public solutions and checkpoints show it. The activations with slope 1.0
        do nothing; they keep the positions of the lab's layers.
    """

    def __init__(self, F_dim: int = 128, L_dim: int = 32, N_dim: int = 12, D_out_dim: int = 192) -> None:
        super().__init__()
        F, L, N, D = F_dim, L_dim, N_dim, D_out_dim
        self.F_dim, self.L_dim, self.N_dim, self.D_out_dim = F, L, N, D
        self.frame_transformation = nn.Sequential(
            Res(3, F // 8),
            DC(F // 8, F // 8),
            Res(F // 8, F // 4),
            DC(F // 4, F // 4),
            Res(F // 4, F // 2),
            DC(F // 2, F // 2),
            nn.Conv2d(F // 2, F, 3, padding=1),
        )
        self.label_transformation = nn.Sequential(
            nn.ReflectionPad2d(3),
            nn.Conv2d(3, L // 2, 7),
            FrameNorm(L // 2),
            nn.LeakyReLU(1.0),
            Res(L // 2, L),
        )
        self.Gaussian_Predictor = nn.Sequential(
            Res(F + L, N // 4),
            DC(N // 4, N // 4),
            Res(N // 4, N // 2),
            DC(N // 2, N // 2),
            Res(N // 2, N),
            nn.LeakyReLU(1.0),
            Pointwise(N, 2 * N),
        )
        fused = F + L + N
        self.Decoder_Fusion = nn.Sequential(
            DC(fused, fused),
            Res(fused, fused // 4),
            DC(fused // 4, fused // 2),
            Res(fused // 2, fused // 2),
            DC(fused // 2, D // 2),
            Pointwise(D // 2, D),
        )
        self.Generator = nn.Sequential(
            DC(D, D),
            Res(D, D // 2),
            DC(D // 2, D // 2),
            Res(D // 2, D // 4),
            DC(D // 4, D // 4),
            Res(D // 4, D // 8),
            DC(D // 8, D // 8),
            Pointwise(D // 8, 3),
        )
        self.casts_once = False
        """Whether a clip's weights are to be cast to bf16 once, outside the parts: inside they would be cast in each call."""
        self.layout = torch.channels_last if F >= CHANNELS_LAST_FROM else torch.contiguous_format
        self.to(memory_format=self.layout)  # type: ignore[call-overload]  # torch's stub lacks it

    def compile_parts(self, *, recorded: bool = True) -> None:
        """Compile the parts that the loops over time call, once for each input shape.

        On a GPU each call is recorded as a CUDA graph, because the work of one frame is too small to hide the cost of
        starting its kernels; `recorded=False` leaves that to whoever records the whole step. Without gradients, the next
        call of any part overwrites the outputs of a graph: clone them before you keep them or pass them to another part.
        """
        on_gpu = next(self.parameters()).device.type == "cuda"
        for name in _COMPILED:
            part = torch.compile(
                getattr(self, name), dynamic=False, mode="reduce-overhead" if on_gpu and recorded else None
            )
            setattr(self, name, part)
        # A part that is a graph by itself would copy the cast weights once more in each call.
        self.casts_once = not recorded

    def plain_parts(self) -> None:
        """Take back what `compile_parts` did."""
        self.casts_once = False
        for name in _COMPILED:
            vars(self).pop(name, None)

    def layers_cast(self) -> list[nn.Module]:
        """The layers whose weights autocast casts: convolutions, but for those that compute in fp32 in any case."""
        narrow = self.frame_transformation, self.label_transformation, self.Decoder_Fusion
        parts = (*narrow, self.Generator[:_LAST_STAGE])
        return [layer for part in parts for layer in part.modules() if isinstance(layer, nn.Conv2d)]

    def encode_frame(self, frames_BCHW: Tensor) -> Tensor:
        """Compute the features of frames with values in [0, 1]: [B, 3, H, W] -> [B, F, H, W]."""
        features: Tensor = self.frame_transformation(frames_BCHW)
        return features

    def encode_label(self, labels_BCHW: Tensor) -> Tensor:
        """Compute the features of labels with values in [0, 1]: [B, 3, H, W] -> [B, L, H, W]."""
        features: Tensor = self.label_transformation(labels_BCHW)
        return features

    def posterior(self, frame_BFHW: Tensor, label_BLHW: Tensor) -> tuple[Tensor, Tensor]:
        """Compute mean and log variance of z, fp32 [B, N, H, W] each, from the *current* frame's and label's features."""
        features = torch.cat([frame_BFHW, label_BLHW], dim=1)
        mu, logvar = _in_full(self.Gaussian_Predictor, features).chunk(2, dim=1)
        return mu, logvar

    def generate(self, last_BFHW: Tensor, label_BLHW: Tensor, z_BNHW: Tensor) -> Tensor:
        """Predict a frame, unclamped fp32 [B, 3, H, W], from the *last* frame's and the current label's features."""
        fused = self.Decoder_Fusion(torch.cat([last_BFHW, label_BLHW, z_BNHW], dim=1))
        return _in_full(self.Generator[_LAST_STAGE:], self.Generator[:_LAST_STAGE](fused))

    def predict(self, last_BCHW: Tensor, label_BLHW: Tensor, z_BNHW: Tensor) -> Tensor:
        """Do as `generate`, from the *last* frame itself instead of its features: [B, 3, H, W], fp32."""
        features = VideoCVAE.encode_frame(
            self, last_BCHW
        )  # the method, not its compiled version, so that all is one graph
        return VideoCVAE.generate(self, features, label_BLHW, z_BNHW)


def seeded_model(seed: int, *, F_dim: int, L_dim: int, N_dim: int, D_out_dim: int) -> VideoCVAE:
    """Make a network whose initial weights depend on `seed` alone; the global generator does not change."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return VideoCVAE(F_dim, L_dim, N_dim, D_out_dim)
