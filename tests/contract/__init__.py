import pytest

pytest.register_assert_rewrite(
    "tests.contract.document_contract",
    "tests.contract.leader_contract",
    "tests.contract.steps",
    "tests.contract.store_contract",
    "tests.contract.store_machine",
    "tests.contract.upkeep_contract",
)
