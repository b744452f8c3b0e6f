"""The options that a script surely takes: one module a kind. A doubt is silence."""
