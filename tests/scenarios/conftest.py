def pytest_terminal_summary(terminalreporter):
    """Print what each round of chaos hit, so that a round that hit nothing shows."""
    reports = [report for found in terminalreporter.stats.values() for report in found]
    told = sorted(
        value
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, value in report.user_properties
        if name == "chaos"
    )
    if told:
        terminalreporter.section("what each round of chaos hit")
        for line in told:
            terminalreporter.line(line)
