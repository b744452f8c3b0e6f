from sweeps.freeing.facts import Standing


def test_of_a_run_that_is_at_work_resumable_or_not_recorded_nothing_goes():
    free = {standing for standing in Standing if standing.is_free}
    assert free == {Standing.DONE, Standing.REMOVED, Standing.DELETED}
    assert all(standing.value for standing in Standing if standing not in free)
