"""Makes invoices of many layouts, languages and currencies, with what they say.

    python -m tools.make_invoices FOLDER            the set for the accuracy figures
    python -m tools.make_invoices FOLDER --seed 2   another

Beside each document lies a JSON file with its truth: the value of each field. The same
seed gives the same documents; none of them is committed.
"""
