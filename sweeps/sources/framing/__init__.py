"""How files of records are cut into records: where one ends, whether it is whole, and where to read on."""
