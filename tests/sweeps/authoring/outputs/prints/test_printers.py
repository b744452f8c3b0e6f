import re

import pytest

from sweeps.authoring.outputs.prints.printed_lines import printed_by
from tests.sweeps.authoring.scripts import script_of


def patterns(folder, text, **others):
    return [one.text for one in printed_by(script_of(folder, text, **others))]


@pytest.mark.parametrize(
    "definition",
    [
        "def say(*words, **more):\n    if rank == 0:\n        print(*words, **more)\n",
        "def say(text, also=False):\n    print(text)\n",
        "class Out:\n    def say(self, text):\n        self.log.info(text)\nsay = Out().say\n",
        "def outer():\n    def say(text):\n        print(text, flush=True)\n",
    ],
)
def test_what_a_function_of_the_script_hands_on_to_print_is_read(tmp_path, definition):
    text = definition + "for epoch in range(3):\n    say(f'epoch {epoch} loss {loss:.3f}')\n"
    (found,) = patterns(tmp_path, text)
    assert re.search(found, "[0] epoch 2 loss 0.125")["loss"] == "0.125"


@pytest.mark.parametrize(
    "call",
    [
        "accelerator.print",
        "fabric.print",
        "print0",
        "dist.print0",
        "print_rank_0",
        "rank_zero_info",
        "print_on_master",
        "master_print",
    ],
)
def test_what_only_one_process_prints_is_read_though_its_function_is_elsewhere(tmp_path, call):
    text = f"for epoch in range(3):\n    {call}(f'epoch {{epoch}} loss {{loss:.3f}}')\n"
    assert len(patterns(tmp_path, text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "for epoch in range(3):\n    print(f'epoch {epoch} loss {loss:.3f}', file=log)\n",
        "def keep(text):\n    rows.append(text)\nfor epoch in range(3):\n    keep(f'epoch {epoch} loss {loss:.3f}')\n",
        "def keep(text):\n    print(text, file=log)\nfor epoch in range(3):\n    keep(f'epoch {epoch} loss {loss:.3f}')\n",
    ],
)
def test_what_goes_into_a_file_or_a_list_is_not_printed(tmp_path, text):
    assert patterns(tmp_path, text) == []


def test_a_function_that_prints_numbers_of_its_own_is_read_by_its_own_line(tmp_path):
    text = "def say(epoch, loss):\n    print(f'epoch {epoch} loss {loss:.3f}')\nfor e in range(3):\n    say(e, loss)\n"
    (found,) = patterns(tmp_path, text)
    assert re.search(found, "epoch 2 loss 0.125")["loss"] == "0.125"
