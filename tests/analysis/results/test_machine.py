import math

from mlflow.entities import Metric

from analysis.results import machine
from analysis.results.machine import Load


def test_the_latest_values_say_what_a_trial_takes():
    values = {
        machine.CPU: 150.0,
        machine.MEMORY: 2500.0,
        machine.gpu_use(0): 90.0,
        machine.gpu_use(1): 70.0,
        machine.gpu_memory(0): 8000.0,
        machine.gpu_memory(1): 4000.0,
        machine.DISK_READ: 1.0,
        "system/cpu_utilization_percentage": 3.0,
    }
    assert Load.at(values) == Load(1.5, 2.5e9, 80.0, 12e9)
    assert Load.at({}) == Load()


def test_a_whole_run_costs_the_mean_of_its_cores_and_the_most_of_its_memory():
    samples = {
        machine.CPU: [100.0, 300.0],
        machine.MEMORY: [500.0, 900.0, 100.0],
        machine.gpu_use(0): [10.0, math.nan, 30.0],
        machine.gpu_memory(0): [math.nan],
    }
    assert Load.over(samples) == Load(2.0, 9e8, 20.0, None)


def test_the_names_are_a_trials_own_in_mlflows_group():
    assert all(key.startswith("system/trial_") for key in machine.KEYS)
    assert machine.gpu_use(3) == "system/trial_gpu_3_utilization_percentage"
    assert machine.gpu_memory(3) == "system/trial_gpu_3_memory_usage_megabytes"
    assert Metric(machine.CPU, 1.0, 0, 0).key == machine.CPU
