"""Makes pages as scanners and cameras give them, good ones and bad ones.

The same every time: what is drawn by chance comes from a seed.
"""
