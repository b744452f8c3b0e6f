"""What the repeats of settings tell as numbers.

How coarsely they are written or counted (`coarseness`), whether a difference changes its sign (`reversal`) or is in one place alone (`lone_difference`), which settings they do
not tell apart from the best (`near_best`), whether they end at two values (`two_outcomes`), which metrics depend on no run (`minor_metrics`), which settings are equal (`ties`), how far one lies from another (`distance`),
and what is compared where runs are of different code (`changed_basis`).
"""
