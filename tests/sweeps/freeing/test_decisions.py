"""What can go, decided from facts alone."""

from pathlib import Path

from sweeps.disk.checkpoints import find_checkpoints, sort_out
from sweeps.disk.tree import File
from sweeps.freeing.decisions import Kind, Left, decide
from sweeps.freeing.facts import Facts, Folder, RunFacts, Standing
from sweeps.spec.resources import Keep

RUN = Path("/s/runs/1")


def file(path, number, size=10, links=1, leads_to=None):
    return File(RUN / path, (1, number), links, size, number, leads_to)


def done(*files, keep=Keep.LAST, **more):
    checkpoints = sort_out([keep], find_checkpoints(RUN / "files", files))
    return RunFacts("a/x", RUN, Standing.DONE, files, keep.value, checkpoints, **more)


def test_checkpoints_beyond_keep_go_file_by_file_and_folders_as_a_whole():
    run = done(
        file("files/epoch_1.pt", 1),
        file("files/checkpoint-2/model.safetensors", 2),
        file("files/checkpoint-2/optimizer.pt", 3),
        file("files/old.pt", 4, leads_to="epoch_1.pt"),
        file("files/epoch_3.pt", 5),
    )
    found = decide(Facts((run,)))
    assert [(item.path.name, item.size, item.why) for item in found.items] == [
        ("checkpoint-2", 20, "beyond `keep: last`"),
        ("epoch_1.pt", 10, "beyond `keep: last`"),
        ("old.pt", 10, "beyond `keep: last`"),
    ]


def test_runs_whose_trial_or_record_is_gone_go_as_a_whole_and_all_others_stay():
    runs = [
        RunFacts(standing.name, RUN / standing.name, standing, (file(standing.name, at),))
        for at, standing in enumerate(Standing)
    ]
    found = decide(Facts(tuple(runs)))
    assert [(item.kind, item.label) for item in found.items] == [
        (Kind.REMOVED, "REMOVED"),
        (Kind.DELETED, "DELETED"),
    ]
    assert found.left == tuple(
        Left("run", standing.value, 1, 10) for standing in Standing if not standing.is_free
    )


def test_bytes_are_promised_once_where_two_things_share_a_file():
    shared = (file("one", 1, links=2), file("two", 1, links=2))
    runs = [RunFacts(str(at), RUN / str(at), Standing.REMOVED, (name,)) for at, name in enumerate(shared)]
    assert [item.size for item in decide(Facts(tuple(runs))).items] == [0, 10]
    assert decide(Facts((runs[0],))).size == 0


def test_snapshots_go_unless_something_needs_them_and_kinds_can_be_chosen():
    needed, free = (
        Folder(Path("/s/snapshots") / name, (file(name, at),), why)
        for at, (name, why) in enumerate((("needed", "at work"), ("free", "")))
    )
    facts = Facts(snapshots=(needed, free), trash=(Folder(Path("/s/trash/1"), ()),))
    assert [item.label for item in decide(facts).items] == ["1", "free"]
    assert decide(facts).left == (Left("snapshot", "at work", 1, 10),)
    assert [item.label for item in decide(facts, [Kind.SNAPSHOTS]).items] == ["free"]


def test_a_copy_becomes_what_the_store_has_and_leftovers_go():
    best = file("files/best.pt", 1)
    run = done(
        best,
        stored=((best, Path("/store/best.pt")),),
        handed=(file("outbox/1", 2),),
        journal=file("journal.jsonl", 3),
        wandb=(Folder(RUN / "files/wandb/run-1", (file("files/wandb/run-1/x", 4),)),),
    )
    found = decide(Facts((run,))).items
    assert [(item.kind, item.size) for item in found] == [
        (Kind.COPIES, 10),
        (Kind.OUTBOXES, 10),
        (Kind.JOURNALS, 10),
        (Kind.WANDB, 10),
    ]
    assert found[0].original == Path("/store/best.pt")


def test_a_trial_of_which_nobody_knows_the_best_is_named():
    run = done(file("files/epoch_1.pt", 1), file("files/epoch_2.pt", 2), keep=Keep.BEST)
    found = decide(Facts((run,)))
    assert (found.items, found.undecided) == ((), ("a/x",))
