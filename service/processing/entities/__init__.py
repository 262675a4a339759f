"""Named things in a text: dates, amounts, account numbers, addresses."""
