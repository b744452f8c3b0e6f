from tests.sweeps.authoring.scripts import interface


def test_parameters_are_options_and_those_without_default_are_places(tmp_path):
    found = interface(
        tmp_path,
        """
        import typer
        from typing import Annotated
        app = typer.Typer()
        @app.command()
        def main(data: str, learning_rate: float = 0.1, debug: bool = False,
                 epochs: Annotated[int, typer.Option("--n-epochs", help="how long")] = 3,
                 tag: list[str] = typer.Option(["a"])): ...
        """,
    )
    options = {option.key: option for option in found.options}
    assert (found.style, found.before) == ("click", ())
    assert options["data"].is_positional
    assert (options["learning-rate"].flag, options["learning-rate"].default) == ("--learning-rate", 0.1)
    assert options["debug"].booleans == "no-flag"
    assert (options["n-epochs"].default, options["n-epochs"].help) == (3, "how long")
    assert options["tag"].lists == "repeat"


def test_of_several_commands_the_one_that_trains_is_a_word(tmp_path):
    text = "import typer\napp = typer.Typer()\n@app.command()\ndef test(): ...\n@app.command()\ndef train(lr: float = 1.0): ...\n"
    assert interface(tmp_path, text).before == ("train",)
    text = "import typer\ndef go(lr: float = 1.0): ...\ntyper.run(go)\n"
    assert (interface(tmp_path, text).before, interface(tmp_path, text).options[0].key) == ((), "lr")
