"""Spec, plan, scheduler, executors and ledger of an experiment sweep. Imports neither torch nor cvae."""
