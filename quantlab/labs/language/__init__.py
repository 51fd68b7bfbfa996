"""The language lab: how small can a language model get, and what becomes of its text?"""
