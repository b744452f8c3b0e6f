import pytest
import torch

from cvae.model import FrameNorm, VideoCVAE, seeded_model


def test_the_default_network_has_the_labs_parameters():
    assert sum(parameter.numel() for parameter in VideoCVAE().parameters()) == 1_585_620


def test_state_dict_names_are_the_labs():
    names = set(VideoCVAE(8, 2, 4, 8).state_dict())
    assert {name.split(".")[0] for name in names} == {
        "frame_transformation", "label_transformation", "Gaussian_Predictor", "Decoder_Fusion", "Generator",
    }  # fmt: skip
    assert {
        "frame_transformation.0.conv1.weight",
        "frame_transformation.0.skip.weight",
        "frame_transformation.1.block.0.conv1.0.weight",
        "frame_transformation.1.block.0.depth_conv.bias",
        "frame_transformation.1.block.0.conv2.weight",
        "frame_transformation.1.block.1.conv.weight",
        "frame_transformation.1.block.1.conv_out.weight",
        "frame_transformation.6.bias",
        "label_transformation.1.weight",
        "label_transformation.2.running_mean",
        "label_transformation.2.num_batches_tracked",
        "label_transformation.4.conv2.weight",
        "Gaussian_Predictor.6.weight",
        "Decoder_Fusion.4.block.0.adaptor.weight",
        "Decoder_Fusion.5.weight",
        "Generator.7.weight",
    } <= names
    assert "frame_transformation.1.block.0.adaptor.weight" not in names


@pytest.mark.parametrize("sizes", [(8, 2, 4, 8), (17, 5, 7, 19), (128, 32, 12, 192)])
def test_any_sizes_give_frames_of_the_same_height_and_width(sizes):
    model = VideoCVAE(*sizes)
    frames, labels = torch.rand(2, 3, 6, 9), torch.rand(2, 3, 6, 9)
    mu, logvar = model.posterior(model.encode_frame(frames), model.encode_label(labels))
    assert mu.shape == logvar.shape == (2, sizes[2], 6, 9)
    assert model.generate(model.encode_frame(frames), model.encode_label(labels), mu).shape == (2, 3, 6, 9)


@pytest.mark.parametrize("training", [True, False])
def test_frame_norm_is_batch_norm_of_one_frame_at_a_time_in_either_mode(training):
    ours, plain = FrameNorm(3), torch.nn.BatchNorm2d(3)
    for layer in (ours, plain):
        torch.nn.init.constant_(layer.weight, 1.5)
        torch.nn.init.constant_(layer.bias, 0.25)
    frames = torch.randn(4, 3, 5, 6, generator=torch.Generator().manual_seed(0))
    expected = torch.cat([plain(frame[None]) for frame in frames])
    torch.testing.assert_close(ours.train(training)(frames), expected)
    assert ours.running_mean.tolist() == [0, 0, 0]
    assert ours.num_batches_tracked.item() == 0


def test_first_weights_depend_on_the_seed_alone():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    one = seeded_model(5, F_dim=8, L_dim=2, N_dim=4, D_out_dim=8).state_dict()
    assert torch.equal(before, torch.get_rng_state())
    torch.manual_seed(2)
    two = seeded_model(5, F_dim=8, L_dim=2, N_dim=4, D_out_dim=8).state_dict()
    other = seeded_model(6, F_dim=8, L_dim=2, N_dim=4, D_out_dim=8).state_dict()
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert not torch.equal(one["Generator.7.weight"], other["Generator.7.weight"])
