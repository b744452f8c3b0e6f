import random

import pytest

from sweeps.sources.loggers.crc32c import masked_crc32c


def unmasked(data):
    turned = (masked_crc32c(data) - 0xA282EAD8) & 0xFFFFFFFF
    return (turned >> 17 | turned << 15) & 0xFFFFFFFF


def test_the_examples_of_rfc_3720():
    assert unmasked(bytes(32)) == 0x8A9136AA
    assert unmasked(b"\xff" * 32) == 0x62A8AB43
    assert unmasked(bytes(range(32))) == 0x46DD794E
    assert unmasked(b"123456789") == 0xE3069283


@pytest.mark.parametrize("length", [0, 1, 255, 256, 16383, 16384, 16385, 16639, 40000])
def test_it_is_that_of_the_tensorboard_package_for_data_of_any_length(length):
    theirs = pytest.importorskip("tensorboard.compat.tensorflow_stub.pywrap_tensorflow")
    data = random.Random(length).randbytes(length)
    assert masked_crc32c(data) == theirs.masked_crc32c(data)
