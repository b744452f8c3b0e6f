"""Writing MLflow's record: one ledger, one thread, through outages."""
