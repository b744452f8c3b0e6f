"""`sweep report --watch`: on a real sweep, and its looks one by one."""

from types import SimpleNamespace

import pytest

from analysis.read.errors import UnreachableStoreError
from analysis.report.following import PAGE, SIGNAL
from sweeps.cli.live import follow
from sweeps.errors import RecordError


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_report_follows_until_the_sweep_ends_and_is_then_that_of_sweep_report(project):
    project.spec("sweeps: {a: {zip: {x: [1, 2], hold: [never, epoch]}}}")
    run = project.run("--jobs", "1")
    project.held()
    watch = project.start("report", "e.yaml", "--watch")
    while "follows until" not in (line := watch.stdout.readline()):
        assert line, "it ended"
    out = project.path / "figures"
    assert (out / SIGNAL).exists()
    assert SIGNAL in (out / PAGE).read_text()
    code, output = project.sweep("stop", "e.yaml")
    assert code == 0, output
    run.communicate(timeout=300)
    told, _ = watch.communicate(timeout=300)
    assert watch.returncode == 0, told
    code, output = project.sweep("report", "e.yaml", "--out", "again")
    assert code == 0, output
    assert files(out) == files(project.path / "again")


class Looks:
    """A session whose record gives, look by look, what a test says: a number of points, or an error."""

    def __init__(self, tmp_path, looks):
        self.looks = iter(looks)
        self.request = SimpleNamespace(file=tmp_path / "e.yaml")
        self.request.file.write_text("")
        self.record = self
        self.runs = ("run",)
        self.drawn = []
        self.points = 0

    def refresh(self):
        look = next(self.looks, None)
        if isinstance(look, Exception):
            raise look
        self.points = look

    def holders(self):
        return {} if self.points is None else {"a": 1}

    def whole_plan(self):
        return SimpleNamespace(steps=())

    def finals(self):
        return [
            SimpleNamespace(run_id="r", key="loss", step=step, time_ms=0) for step in range(self.points or 0)
        ]


@pytest.fixture
def watched(tmp_path, monkeypatch):
    """Follow some looks; returns how many points were drawn each time, and the rests."""

    def watched(*looks, draw=None):
        session, rests = Looks(tmp_path, looks), []
        monkeypatch.setattr(follow.time, "sleep", rests.append)
        drawing = draw or (lambda *_, **__: session.drawn.append(session.points))
        monkeypatch.setattr(follow, "draw", drawing)
        assert follow.follow_report(lambda: session, tmp_path / "out") is session
        return session.drawn, rests

    return watched


def test_what_has_not_changed_is_not_drawn_again(watched):
    drawn, rests = watched(1, 1, 2, 2, 2)
    assert drawn == [1, 2]
    assert len(rests) == 5
    assert watched() == ([], [])


def test_where_nothing_runs_that_is_told(tmp_path, monkeypatch, capsys):
    session = Looks(tmp_path, [])
    session.points = None
    assert follow.follow_report(lambda: session, tmp_path / "out") is session
    assert capsys.readouterr().err == "nothing runs: the report is drawn once, and follows nothing\n"


def test_a_record_that_fails_for_a_moment_is_told_once_and_tried_again(watched, capsys):
    away = UnreachableStoreError("mlflow.db: is locked")
    drawn, _ = watched(1, away, away, 2, away)
    assert drawn == [1, 2]
    assert capsys.readouterr().err.count("the report waits for that to pass") == 2


def test_a_folder_that_cannot_be_written_ends_it(watched):
    def refused(*_, **__):
        raise RecordError("out: cannot be written")

    with pytest.raises(RecordError):
        watched(1, 2, draw=refused)


def test_a_rest_leaves_the_drawing_a_tenth_of_a_core():
    assert follow.pause_s(0.01) == follow.SHORTEST_PAUSE_S
    assert follow.pause_s(4.0) == pytest.approx(36.0)
