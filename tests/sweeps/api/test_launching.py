import threading

import pytest

import sweeps


def test_only_the_main_thread_launches(file):
    raised = []

    def launch():
        with pytest.raises(sweeps.SweepError, match="only the main thread hears interrupts") as error:
            sweeps.run(file)
        raised.append(error)

    thread = threading.Thread(target=launch)
    thread.start()
    thread.join()
    assert raised
