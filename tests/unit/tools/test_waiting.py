from tools.stack.waiting import free_port


def test_no_port_is_given_twice_before_somebody_listens() -> None:
    first = [free_port(beside=1) for _ in range(300)]
    assert len({*first, *(port + 1 for port in first)}) == 600
