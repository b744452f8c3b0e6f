import inspect
import pickle

import pytest

from cvae import errors
from cvae.errors import CacheError, CvaeError, DataError, NonFiniteLossError

ERRORS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_one_handler_catches_every_error_and_it_survives_the_way_between_processes(kind):
    with pytest.raises(CvaeError) as caught:
        raise kind("epoch 3, batch 5")
    copy = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own bytes
    assert type(copy) is kind
    assert str(copy) == str(caught.value)
    assert "epoch 3, batch 5" in str(copy)


def test_a_loss_that_is_not_finite_has_a_short_reason_and_a_remedy():
    error = NonFiniteLossError("epoch 3, batch 5")
    assert error.reason == "nan-loss: epoch 3, batch 5"
    assert "smaller lr" in str(error)
    assert pickle.loads(pickle.dumps(error)).reason == error.reason  # noqa: S301 - our own bytes


def test_a_cache_that_fails_is_a_failure_of_the_data():
    assert issubclass(CacheError, DataError)
