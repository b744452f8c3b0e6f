import pytest

from sweeps.authoring.outputs.once_appended import appended_once
from tests.sweeps.authoring.scripts import drafted, script_of

ROW = "with open(path, 'a', newline='') as f:\n    csv.DictWriter(f, fieldnames=list(row)).writerow(row)\n"
TABLE = """
import argparse, csv
p = argparse.ArgumentParser()
p.add_argument("--results_file", default="results/all.csv")
args = p.parse_args()
for epoch in range(9):
    print(f"epoch {epoch} val_acc {acc:.3f}")
with open(args.results_file, "a") as f:
    csv.writer(f).writerow([acc])
"""


def indented(text):
    return "".join(f"    {line}\n" for line in text.splitlines())


@pytest.mark.parametrize(
    "text",
    [
        ROW,
        ROW.replace("open(path, 'a', newline='')", "path.open(mode='a')"),
        f"def end(row):\n{indented(ROW)}for e in x:\n    train()\nend(row)",
        f"class Table:\n    def add(self, row):\n{indented(indented(ROW))}Table().add(row)",
    ],
)
def test_a_row_that_a_run_appends_at_its_end_is_appended_once(tmp_path, text):
    assert len(appended_once(script_of(tmp_path, f"import csv\n{text}"))) == 1


@pytest.mark.parametrize(
    "text",
    [
        ROW.replace("'a'", "'w'"),
        f"for e in x:\n{indented(ROW)}",
        "with open(path, 'a') as f:\n    for e in x:\n        f.write(row)",
        "with open(path, 'a') as f:\n    f.writelines(row for row in rows)",
        "with open(path, 'a') as f:\n    csv.writer(f).writerows(history)",
        f"def end(row):\n{indented(ROW)}for e in x:\n    end(row)",
        f"def on_epoch_end(row):\n{indented(ROW)}",
        f"class Log:\n    def on_epoch_end(self):\n        self.add(1)\n    def add(self, row):\n{indented(indented(ROW))}",
        f"class Log:\n    def add(self, row):\n{indented(indented(ROW))}",  # who calls it?
        "f = open(path, 'a')\nf.write(row)",  # and perhaps again, elsewhere
    ],
)
def test_what_is_written_again_and_again_or_anew_is_not(tmp_path, text):
    assert not appended_once(script_of(tmp_path, f"import csv\n{text}"))


def test_a_table_of_one_row_a_run_is_asked_for_by_its_name_and_what_is_printed_is_read(tmp_path):
    text = drafted(tmp_path, TABLE).text
    assert '# ? - csv: "{run_dir}/**/all.csv"  # it appends to this file once a run: does it hold' in text
    assert "    - stdout: " in text
    silent = drafted(tmp_path, TABLE.replace("print(f", "str(f")).text
    assert '    - csv: "{run_dir}/**/all.csv"' in silent
    lines = TABLE.replace("csv.writer(f).writerow([acc])", "f.write(json.dumps({'acc': acc}))")
    lines = lines.replace("all.csv", "all.jsonl").replace("print(f", "str(f").replace("csv\n", "json\n")
    assert '    - jsonl: "{run_dir}/**/all.jsonl"' in drafted(tmp_path, lines).text
