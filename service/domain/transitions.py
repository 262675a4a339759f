"""The transition tables: the only statement of which status may follow which.

``docs/state_machine.md`` shows them and a test compares the two.
"""

from types import MappingProxyType

from service.domain.model import FINAL_JOB, FINAL_TASK, JobStatus, TaskStatus

_T = TaskStatus
_J = JobStatus

TASK_TRANSITIONS = MappingProxyType(
    {
        _T.PENDING: FINAL_TASK | {_T.QUEUED, _T.RETRYING},
        _T.QUEUED: FINAL_TASK | {_T.PROCESSING, _T.RETRYING, _T.PENDING},
        _T.PROCESSING: FINAL_TASK | {_T.RETRYING, _T.PENDING},
        _T.RETRYING: FINAL_TASK | {_T.QUEUED},
        **dict.fromkeys(FINAL_TASK, frozenset[TaskStatus]()),
    }
)
"""For each task status the statuses that may follow. PENDING follows an out status
when a task is handed back or its worker or message was lost; RETRYING follows PENDING
when the verdict on a task comes after it was taken back; every status that is not final
may go straight to a final one, because an event can be lost or late."""

JOB_TRANSITIONS = MappingProxyType(
    {
        _J.PENDING: FINAL_JOB | {_J.PROCESSING},
        _J.PROCESSING: FINAL_JOB | {_J.PAUSED},
        _J.PAUSED: FINAL_JOB | {_J.PROCESSING},
        **dict.fromkeys(FINAL_JOB, frozenset[JobStatus]()),
    }
)
"""For each job status the statuses that may follow."""
