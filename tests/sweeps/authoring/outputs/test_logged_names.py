import pytest

from sweeps.authoring.outputs.logged_names import logged_by
from tests.sweeps.authoring.scripts import script_of

STEPS = """
class Net(Module):
    def _step(self, batch, stage, more="x"):
        self.log(f"{stage}_loss", loss, on_epoch=True)
        self.log(stage + "_" + name(), acc)
        return loss
    def training_step(self, batch, _):
        return self._step(batch, "train")
    def validation_step(self, batch, _):
        self._step(batch, stage="val")
        self._step(batch, which())
"""


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("self.log('val_loss', loss)", ("val_loss",)),
        ("writer.add_scalar('Loss/val', 1, 2)", ("Loss/val",)),
        ("wandb.log({'a': 1, 'b/c': 2, name(): 3, **more})", ("a", "b/c")),
        ("found = {'acc': 1}\nself.log_dict(found)", ("acc",)),
        ("KEY = 'val'\nmlflow.log_metric(f'{KEY}/f1', 1)", ("val/f1",)),
        ("import math\nmath.log(2, x)\nlog('a', 1)\nlogger.log('message')\nself.log(name(), 1)", ()),
        (STEPS, ("train_loss", "val_loss")),
        ("for n in 'ab':\n    self.log(f'{n}_loss', 1)", ()),
        (
            "def log(k, stage='val'):\n    run.log({f'{stage}/top{k}': 1})\nlog(1)\nlog(5, 'test')",
            ("val/top1", "val/top5", "test/top1", "test/top5"),
        ),
        ("def log(stage):\n    run.log({f'{stage:>9}/a': 1, f'{stage!r}/b': 2})\nlog('val')", ()),
        ("def log(stage='val'):\n    run.log({stage: 1})\nlog(*found)\nlog(**found)", ()),
        ("stage = 'no'\ndef log(stage):\n    run.log({stage: 1})\nlog('val')", ("val",)),
        ("self.log('val_acc', acc, on_step=True, on_epoch=True)", ("val_acc_epoch",)),
        ("logger.log('INFO', 'a message')\nlogger.log('INFO', f'step {n}')", ()),
        ("run.log({'val {x}\\n#: y': 1})", ("val_x_y",)),
        ("import csv\nFIELDS = ['epoch', 'distance']\nt = csv.DictWriter(file, FIELDS)\n", ("distance",)),
        ("import csv\nt = csv.writer(file)\nt.writerow(['step', 'rmse'])\nt.writerow([i, x])\n", ("rmse",)),
        ("import json\nfile.write(json.dumps({'step': i, 'pi': x}))\n", ("pi",)),
        ("wandb.log({'val/loss': x, 'epoch': e, **more})", ("val/loss",)),
        ("row = {'epoch': e}\nrow['val_loss'] = x\nwandb.log(row)", ("val_loss",)),
        ("import json\nrow = {'epoch': e}\nrow['val_loss'] = x\njson.dump(row, file)", ("val_loss",)),
        ("from json import dumps\nprint(dumps(dict(acc=x, model='cnn')))", ("acc",)),
        ("print({'epoch': e, 'acc': x})\nprint({'f1': x}, file=f)", ("acc",)),
        ("import json\njson.dump({'val': {'loss': x}, 'rows': [{'acc': y}]}, f)", ("val/loss", "acc")),
        ("import json\njson.dump({'acc': x, 'width': args.width, 'amp': True}, f)", ("acc",)),
        ("import json\nwith open('config.json', 'w') as f:\n    json.dump({'width': w}, f)", ()),
        ("import json\nargs = {'width': 1}\nprint(json.dumps(args))", ()),
        ("import csv\nt = csv.DictWriter(f, fieldnames=['epoch', 'psnr'])\n", ("psnr",)),
        ("import csv\nrow = {'psnr': x}\ncsv.DictWriter(f, fieldnames=row.keys()).writerow(row)", ("psnr",)),
        ("import pandas as pd\nrows = []\nrows.append({'acc': x})\npd.DataFrame(rows)", ("acc",)),
        ("import csv\nt = csv.writer(f)\nt.writerow(['ID', 'duration'])", ()),
        ("import json\njson.dump({'wav': path, 'words': text}, file)", ()),
        ("f.write('epoch,val_loss\\n')\nf.write('so far, so good\\n')", ("val_loss",)),
    ],
)
def test_names_are_told_as_far_as_the_source_tells_them(tmp_path, text, names):
    assert logged_by(script_of(tmp_path, text)).names == names


def test_so_many_names_at_most_however_they_are_made(tmp_path):
    many = "\n".join(f"report({', '.join(repr(f'{n}{at}') for at in range(20))})" for n in "ab")
    parts = ", ".join(f"p{at}" for at in range(20))
    text = f"def report({parts}):\n    run.log({{f'{''.join(f'{{p{at}}}' for at in range(20))}': 1}})\n{many}"
    assert len(logged_by(script_of(tmp_path, text)).names) == 100
    longest = "run.log({f'" + "{KEY}" * 9000 + "': 1, 'a': 1})\nKEY = 'val'"
    assert logged_by(script_of(tmp_path, longest)).names == ("a",)


def test_what_a_flag_turns_on_counts_where_there_is_nothing_else(tmp_path):
    guarded = "if args.evaluate:\n    writer.add_scalar('eval/score', x, 0)\n"
    always = "if step % 10 == 0:\n    writer.add_scalar('score', x, step)\n"
    assert logged_by(script_of(tmp_path, guarded + always)).names == ("score",)
    assert logged_by(script_of(tmp_path, guarded)).names == ("eval/score",)


ENDS = """
def report(stage, step=None):
    wandb.log({f"{stage}_acc": x}, step=step)
class Net(Module):
    def test_step(self, batch, _):
        self.log("held_acc", x)
    def on_fit_end(self):
        self.log("end_acc", x)
    def predict_all(self):
        self.log("all_acc", x)
    def fit(self):
        for epoch in range(9):
            self.one(epoch)
        self.sum_up()
    def one(self, epoch):
        self.log("one_acc", x)
    def sum_up(self):
        self.log("sum_acc", x)
        self.log("one_acc", x)
def train():
    for epoch in range(9):
        writer.add_scalar("val/acc", x, epoch)
        report("val")
    writer.add_scalar("test/acc", x, 0)
    wandb.log({"final_f1": x})
    Net().fit()
    table.writerow(["epoch", "psnr"])
    pd.DataFrame({"rmse": all_of_them}).to_csv("curve.csv")
"""


def test_what_is_logged_outside_every_loop_is_logged_once_but_tables_and_what_others_call(tmp_path):
    script = script_of(tmp_path, f"import pandas as pd\n{ENDS}")
    assert logged_by(script).once == {"test/acc", "final_f1", "sum_acc"}
    assert {"val_acc", "psnr", "rmse", "held_acc"} <= set(logged_by(script).names)


def test_what_is_printed_as_a_mapping_and_logged_nowhere_else_is_told(tmp_path):
    text = """
logger.info(json.dumps({"step": step, "swd": swd, "loss": loss, "acc": acc}))
print({"f1": f1})
csv.DictWriter(f, FIELDS).writerow({"step": step, "loss": loss, "lr": lr})
writer.add_scalar("eval/acc", acc, step)
"""
    assert logged_by(script_of(tmp_path, text)).printed == {"swd", "f1"}
