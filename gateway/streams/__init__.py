"""Live streams: each one is a cursor over a job's durable event log.

Notices say that there is more and carry the rows; the log is the truth::

    aggregator ── commit ── notice ──▶ JobWatch (one a job: newest rows, progress)
                                          │ wakes (a flag each, never a queue)
                                          ▼
         store log ◀── what the watch has not ── JobStream (one a client: a cursor)

A lost notice delays: every 2 s one query reads the last number of every watched job.
"""
