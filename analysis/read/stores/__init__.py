"""The stores that hold a record: an sqlite file, which is read by SQL, and any other, through the client of MLflow."""
