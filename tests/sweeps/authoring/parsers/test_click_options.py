from tests.sweeps.authoring.scripts import interface


def test_the_decorators_of_the_command_are_read(tmp_path):
    found = interface(
        tmp_path,
        """
        import click
        @click.command()
        @click.argument("data")
        @click.option("--batch-size", default=32, help="how many")
        @click.option("--optim", type=click.Choice(["a", "b"]), default="a")
        @click.option("--amp/--no-amp", default=True)
        @click.option("--debug", is_flag=True)
        @click.option("--size", multiple=True, type=int, default=[1, 2])
        def main(**given): ...
        """,
    )
    options = {option.key: option for option in found.options}
    assert (found.style, found.before) == ("click", ())
    assert options["data"].is_positional
    assert (options["batch-size"].kind, options["batch-size"].default) == ("int", 32)
    assert options["optim"].choices == ("a", "b")
    assert (options["amp"].default, options["amp"].booleans) == (True, "no-flag")
    assert (options["debug"].default, options["debug"].booleans) == (False, None)
    assert (options["size"].lists, options["size"].default) == ("repeat", [1, 2])


def test_of_a_group_the_command_that_trains_is_a_word(tmp_path):
    found = interface(
        tmp_path,
        """
        import click
        @click.group()
        def cli(): ...
        @cli.command()
        def evaluate(): ...
        @cli.command("train")
        @click.option("--lr", default=0.1)
        def train_model(lr): ...
        """,
    )
    assert (found.before, [option.key for option in found.options]) == (("train",), ["lr"])
