"""What the tests stand on is as cheap as `make test` takes it to be."""


def test_no_links_to_folders_of_tests_lie_beside_them(tmp_path):
    assert [path for path in tmp_path.parent.iterdir() if path.is_symlink()] == []
