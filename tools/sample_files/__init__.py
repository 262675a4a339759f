"""Builders of the sample documents: each gives the bytes of one file, always the same.

Names, firms and numbers are invented; the IBAN is the one banks print in examples.
"""
