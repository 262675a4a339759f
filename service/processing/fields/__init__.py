"""The fields of an invoice, by the order of trust: XML, code, text, OCR.

The confidence of a field, 0-1:

* from XML 1.0, from a code 0.98: what a program wrote for programs;
* from text ``0.5 + 0.4 fit``, where *fit* (`entities.near`) is the product of how
  specific the label is (1.0, or 0.7 for words like "Total"), of where the value stands
  (1.0 behind it, 0.95 right of it, 0.85 below it, 0.8
  elsewhere below it in its box) and of 0.6 for a label in the middle
  of a sentence; plus 0.1 when net and tax make the total, at most 0.97, and times 0.7
  when all three are there and do not;
* without a label the fit is 0.85 for "Invoice no. 7 of 3 May", 0.75 for the date of
  "Vienna, 3 May 2026" and for a company name by its legal form, 0.5 for the only date,
  an address or a name above a VAT number, 0.35 for the largest type; 0.6 for a total
  that ends a column which adds up to it, 0.3 for one that is only the largest there;
  0.25 for a date of payment that follows from terms;
* times 0.6 while the value is ambiguous, times the confidence of the recognition where
  text was recognised; numbers with a checksum have 0.95, 0.75 where there are several,
  0.6 when it is wrong (a VAT number; a wrong IBAN is no field).
"""
