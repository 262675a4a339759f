import pytest

LONGEST = "test_hostile.py"


@pytest.hookimpl(trylast=True)  # after the order was shuffled
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest test: of two processes neither shall end alone with it."""
    items.sort(key=lambda item: item.path.name != LONGEST)
