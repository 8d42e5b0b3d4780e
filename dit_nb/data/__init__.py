"""Data that ships with the package: the words of the tiny world, the tiny base model and the fixtures of the tests."""
