"""Makes pictures of receipts, with what is true of each.

Shops, goods and amounts are made up, by chance from a seed; what is printed is in six
languages, by several layouts and fonts, and photographed not quite well.
"""
