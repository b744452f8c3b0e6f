"""Reading MLflow's record: runs, points and params of any store, and tidy frames of them."""
