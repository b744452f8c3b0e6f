"""Hooks: what the file's `on:` calls when a trial has ended or all is over. Their failure is never the sweep's."""
