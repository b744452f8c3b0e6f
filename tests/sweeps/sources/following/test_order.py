import dataclasses
import json

from sweeps.rundir.paths import RunPaths
from sweeps.sources.following.order import ReadOrder
from sweeps.spec.trainer.source_model import Source, Sources

ORDER = ReadOrder(Sources((Source("csv", "/a.csv").identified(),)), "/work", 5, since_ms=1000, unit="step")


def test_it_stays_in_the_runs_directory_with_the_time_of_the_first(tmp_path):
    paths = RunPaths(tmp_path)
    assert ReadOrder.read(paths) is None
    assert ORDER.write(paths) == ORDER == ReadOrder.read(paths)
    later = dataclasses.replace(ORDER, since_ms=2000, total=7)
    assert later.write(paths) == dataclasses.replace(ORDER, total=7) == ReadOrder.read(paths)


def test_a_damaged_file_is_none(tmp_path):
    paths = RunPaths(tmp_path)
    paths.sources.write_text('{"sources": 1}')
    assert ReadOrder.read(paths) is None


def test_an_order_of_before_that_does_not_say_what_its_total_counts_is_read(tmp_path):
    paths = RunPaths(tmp_path)
    ORDER.write(paths)
    content = json.loads(paths.sources.read_text())
    del content["unit"]
    paths.sources.write_text(json.dumps(content))
    assert ReadOrder.read(paths) == ORDER
