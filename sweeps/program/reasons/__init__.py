"""Why a program failed, in its own last words."""
