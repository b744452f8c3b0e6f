"""The figures of the lab's report on its video trainer, under the names that it gives them."""
