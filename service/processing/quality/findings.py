"""Gathers issues with what they were judged by, and adds them up to a score."""

import math
from collections.abc import Sequence

from service.processing.context import StepContext
from service.processing.quality import thresholds
from service.processing.quality.rule import Rule
from service.processing.results import Issue, QualityIssue

_DIGITS = 4


class Findings:
    """The issues of one document.

    Each also goes to the issues that all results have, and what other steps found there
    is taken over, so that both lists say the same.
    """

    def __init__(self, context: StepContext, page_count: int) -> None:
        self._context = context
        self._page_count = max(page_count, 1)
        self._found = [self._taken_over(issue) for issue in context.issues]
        self._known = {(issue.code, issue.page) for issue in context.issues}

    def add(
        self,
        rule: Rule,
        *,
        page: int | None = None,
        measured: float | None = None,
        message: str | None = None,
        stands_for: float = 1.0,
    ) -> None:
        """Note an issue, unless it is known already.

        Args:
            rule: What it is.
            page: The document's own number of the page it is on; None = all of it.
            measured: The value that breaks the rule.
            message: What else to say than the rule does.
            stands_for: How many pages the page is a sample of.
        """
        if {(rule.code, page), (rule.code, None)} & self._known:
            return
        self._known.add((rule.code, page))
        message = message or rule.message
        self._context.add_issue(rule.code, rule.severity, message, page=page)
        bound = rule.bound if measured is not None else None
        self._found.append(
            QualityIssue(
                code=rule.code,
                severity=rule.severity,
                message=message,
                page=page,
                measured=None if measured is None else round(measured, _DIGITS),
                unit=bound.unit if bound else None,
                threshold=bound.value if bound else None,
                penalty=self._share(rule.penalty, page, stands_for),
            )
        )

    def check(
        self,
        rules: Sequence[Rule],
        measured: float | None,
        *,
        page: int | None = None,
        stands_for: float = 1.0,
    ) -> bool:
        """Note the first of the rules, the worst first, that a value breaks, if any."""
        for rule in rules:
            if rule.broken_by(measured):
                self.add(rule, page=page, measured=measured, stands_for=stands_for)
                return True
        return False

    def has(self, code: str) -> bool:
        """Say whether there is an issue of that code."""
        return any(known == code for known, _ in self._known)

    def pages_with(self, code: str) -> tuple[int, ...]:
        """Give the numbers of the pages that have an issue of that code, sorted."""
        return tuple(
            sorted(page for known, page in self._known if known == code and page)
        )

    def issues(self) -> tuple[QualityIssue, ...]:
        """Give all of them, in the order they were found."""
        return tuple(self._found)

    def score(self) -> int:
        """Give 100 minus all penalties, rounded down, never under 0."""
        lost = sum(issue.penalty for issue in self._found)
        return max(math.floor(100 - round(lost, _DIGITS)), 0)

    def _taken_over(self, issue: Issue) -> QualityIssue:
        if isinstance(issue, QualityIssue):
            return issue
        points = thresholds.penalty_of(issue.code, issue.severity)
        return QualityIssue(
            code=issue.code,
            severity=issue.severity,
            message=issue.message,
            page=issue.page,
            penalty=self._share(points, issue.page),
        )

    def _share(
        self, penalty: float, page: int | None, stands_for: float = 1.0
    ) -> float:
        if page is None:
            return float(penalty)
        return round(penalty * stands_for / self._page_count, _DIGITS)
