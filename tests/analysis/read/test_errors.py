import pytest

from analysis.read.errors import AnalysisError, masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://me:pw@host/db", "postgresql://***@host/db"),
        ("postgresql://me:p@w@host/db is away", "postgresql://***@host/db is away"),
        ("http://me:p/w@host:5000 and http://me:pw@host", "http://***@host:5000 and http://***@host"),
        ("mysql://host/db?user=me&password=pw&ssl=1", "mysql://host/db?user=me&password=***&ssl=1"),
        ("sqlite:///a@b.db", "sqlite:///a@b.db"),
    ],
)
def test_credentials_are_masked(text, shown):
    assert masked(text) == shown


def test_an_error_keeps_no_password_of_its_message():
    assert str(AnalysisError("postgresql://me:pw@host/db is away")) == "postgresql://***@host/db is away"
