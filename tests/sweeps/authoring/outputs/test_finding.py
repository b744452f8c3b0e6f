from sweeps.authoring.outputs.finding import FoundSource


def test_a_finding_is_sure_where_nothing_is_asked():
    assert FoundSource("mlflow").question == ""
    assert FoundSource("mlflow") == FoundSource("mlflow", "", "", "", "", "")
