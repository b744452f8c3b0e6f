"""A file that is run here, or that another `sweep run` has."""

import json
import signal


def test_a_second_run_comes_back_at_once_with_detach_and_is_refused_with_json(project):
    project.spec("sweeps: {a: {grid: {hold: [epoch], factor: [0.5]}}}")
    process = project.start("run", "e.yaml", "--gpus", "")
    project.held()
    code, output = project.sweep("run", "e.yaml", "--json")
    assert code == 3
    assert f"is being run by pid {process.pid} since " in output
    assert json.loads(project.sweep("plan", "e.yaml", "--json")[1])["trials"][0]["reason"].startswith(
        f"by pid {process.pid}"
    )
    code, output = project.sweep("run", "e.yaml", "--detach")
    assert code == 0, output
    told = f"pid {process.pid} runs e.yaml already, and takes up what is asked: the trials are the same\n"
    assert output == f"{told}`sweep attach e.yaml` shows it\n"
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate()
    assert said.count(" asks for e.yaml as it is: ") == 1
    assert process.returncode == 130
