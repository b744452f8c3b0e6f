"""Makes what the verbs print: a table or a summary each."""
