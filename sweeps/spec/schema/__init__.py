"""What may stand where in the file: the tables of keys that its readers go by, and that editors are told."""
