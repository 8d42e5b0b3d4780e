"""Data that ships with the package: the tiny base model and the fixtures of the tests."""
