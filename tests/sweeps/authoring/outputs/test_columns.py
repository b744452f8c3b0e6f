import pytest

from sweeps.authoring.outputs.writers import written_by
from tests.sweeps.authoring.scripts import script_of


def sources(folder, text):
    return [(source.kind, source.text) for source in written_by(script_of(folder, text)).sources]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("f = open('obs.dat', 'w')\nf.write('# step energy\\n')\n", ("csv", "{run_dir}/**/obs.dat")),
        (
            "import numpy as np\nnp.savetxt('obs.txt', rows, header='step energy')\n",
            ("csv", "{run_dir}/**/obs.txt"),
        ),
    ],
)
def test_a_table_with_its_head_in_a_comment_is_recognised(tmp_path, text, found):
    assert sources(tmp_path, text) == [found]


def test_texts_and_arrays_without_a_head_are_no_tables(tmp_path):
    text = "import numpy as np\nopen('notes.txt', 'w').write('a note')\nopen('w.dat', 'wb')\nnp.savetxt('x.txt', x)\n"
    assert sources(tmp_path, text) == []
