import pytest

from sweeps.commands.doctor import judging
from sweeps.commands.doctor.judging import State

OK, NOTE, WRONG = State.OK, State.NOTE, State.WRONG
GIB = 1 << 30


@pytest.mark.parametrize(
    ("finding", "state", "words"),
    [
        (judging.of_python((3, 11, 7), "/usr/bin/python", "linux"), OK, "3.11.7"),
        (judging.of_python((3, 10, 1), "/usr/bin/python", "linux"), WRONG, "3.10.1"),
        (judging.of_python((3, 12, 0), "python", "win32"), WRONG, "Windows"),
        (judging.of_python((3, 12, 0), "python", "darwin"), NOTE, "darwin"),
        (judging.of_mlflow("3.5.0"), OK, "3.5.0"),
        (judging.of_mlflow("4.0.0"), WRONG, "does not know"),
        (judging.of_mlflow("2.20.1"), WRONG, "2.20.1"),
        (judging.of_mlflow(None), WRONG, "not installed"),
        (judging.of_parts(["report", "ui"], []), OK, "report, ui"),
        (judging.of_parts([], ["ui"]), NOTE, "not installed: ui"),
        (judging.of_torch("2.8", "12.8", 2, "", 2), OK, "sees 2 GPUs"),
        (judging.of_torch("2.8", None, 0, "", 0), OK, "no CUDA"),
        (judging.of_torch("2.8+cpu", None, 0, "", 1), WRONG, "without CUDA"),
        (judging.of_torch("2.8", "13.0", 0, "", 1), WRONG, "sees none of 1"),
        (judging.of_torch(None, None, 0, "", 1), NOTE, "not installed"),
        (judging.of_torch(None, None, 0, "OSError: libcudart", 1), WRONG, "libcudart"),
        (judging.of_disk("/", 50 * GIB, 100 * GIB, 10**6), OK, "50.0 of 100 GiB"),
        (judging.of_disk("/", GIB, 100 * GIB, None), NOTE, "1.0 of 100 GiB"),
        (judging.of_disk("/", 1 << 20, 100 * GIB, None), WRONG, "0.0 of 100 GiB"),
        (judging.of_disk("/", 50 * GIB, 100 * GIB, 3), WRONG, "room for 3 files"),
        (judging.of_clock("the disk's", 0.2), OK, "the same"),
        (judging.of_clock("the disk's", -3), OK, "3 s apart"),
        (judging.of_clock("the server's", -90), WRONG, "90 s behind"),
        (judging.of_clock("the server's", 31), WRONG, "31 s ahead"),
    ],
)
def test_a_finding_says_what_is_there_and_what_to_do_where_it_will_not_do(finding, state, words):
    assert finding.state is state
    assert words in finding.found
    assert bool(finding.remedy) is (state is not OK)


def test_a_shared_folder_that_works_will_do_but_a_database_on_it_may_be_damaged():
    one, two = judging.of_folder("nfs4", "", "mlflow.db", open_to_all=False)
    assert (one.state, two.state) == (OK, NOTE)
    assert "mlflow server" in two.remedy


def test_a_folder_without_locks_or_open_to_all_will_not_do():
    broken, opened = judging.of_folder("fuse.sshfs", "locks do not work", "", open_to_all=True)
    assert (broken.state, opened.state) == (WRONG, WRONG)
    assert "SWEEP_HOME" in broken.remedy
    assert opened.remedy == "chmod -R o-w .sweep"


def test_limits_are_told_only_where_they_are_low():
    assert [finding.state for finding in judging.of_limits(65536, GIB, writes_no_bytecode=False)] == [OK]
    assert len(judging.of_limits(256, 64 << 20, writes_no_bytecode=True)) == 3
