"""What tests of unlike environments share: a place on the path that has another version of a package, and who says so."""


def with_other_optuna(folder):
    """A folder that, first on the path, has the interpreter find another version of optuna; returns its path."""
    told = folder / "optuna-0.0.1.dist-info"
    told.mkdir(parents=True)
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: optuna\nVersion: 0.0.1\n")
    return str(folder)


def is_told_everywhere(project, *names):
    """Whether plan, status and report say that these trials, and no others, ran beside the other optuna."""
    for verb in ("plan", "status"):
        code, output = project.sweep(verb, "e.yaml", COLUMNS="1000")
        assert code == 0, output
        (line,) = [line for line in output.splitlines() if "runs differ in environment: " in line]
        (part,) = [part for part in line.split("; ") if "optuna 0.0.1" in part]
        assert f"({', '.join(names)})" in part, line
    code, output = project.sweep("report", "e.yaml", "--out", "figures")
    assert code == 0, output
    for page in ("report.md", "report.html"):
        text = (project.path / "figures" / page).read_text()
        assert "these runs differ in environment" in text
        assert "optuna 0.0.1" in text
    return True
